import Base
import Platform

/// What is counted of one peer (metrics.tsv, `etcd_network_…`). From any thread.
final class PeerMetrics {
    let sentBytes: Counter
    let sentFailures: Counter
    let receivedBytes: Counter
    let receivedFailures: Counter
    let roundTrip: Histogram
    let active: Gauge
    let known: Gauge
    let disconnected: Counter
    let snapshotsSent: Counter
    let snapshotSendFailures: Counter
    let snapshotsInFlight: Gauge
    let snapshotSendSeconds: Histogram
    let snapshotsReceived: Counter
    let snapshotReceiveFailures: Counter
    let snapshotsComing: Gauge
    let snapshotReceiveSeconds: Histogram

    init(_ registry: MetricsRegistry, local: MemberID, remote: MemberID) {
        let to = [(name: "To", value: remote.hex)]
        let from = [(name: "From", value: remote.hex)]
        let pair = [(name: "Local", value: local.hex), (name: "Remote", value: remote.hex)]
        let seconds = Histogram.exponential(start: 0.1, factor: 2, count: 10)
        let prefix = "etcd_network_"
        sentBytes = registry.counter(prefix + "peer_sent_bytes_total", help: "The total number of bytes sent to peers.", labels: to)
        sentFailures = registry.counter(
            prefix + "peer_sent_failures_total", help: "The total number of send failures from peers.", labels: to)
        receivedBytes = registry.counter(
            prefix + "peer_received_bytes_total", help: "The total number of bytes received from peers.", labels: from)
        receivedFailures = registry.counter(
            prefix + "peer_received_failures_total", help: "The total number of receive failures from peers.", labels: from)
        roundTrip = registry.histogram(
            prefix + "peer_round_trip_time_seconds", help: "Round-Trip-Time histogram between peers",
            bounds: Histogram.exponential(start: 0.0001, factor: 2, count: 16), labels: to)
        active = registry.gauge(prefix + "active_peers", help: "The current number of active peer connections.", labels: pair)
        disconnected = registry.counter(
            prefix + "disconnected_peers_total", help: "The total number of disconnected peers.", labels: pair)
        snapshotsSent = registry.counter(prefix + "snapshot_send_success", help: "Total number of successful snapshot sends", labels: to)
        snapshotSendFailures = registry.counter(
            prefix + "snapshot_send_failures", help: "Total number of snapshot send failures", labels: to)
        snapshotsInFlight = registry.gauge(
            prefix + "snapshot_send_inflights_total", help: "Total number of inflight snapshot sends", labels: to)
        snapshotSendSeconds = registry.histogram(
            prefix + "snapshot_send_total_duration_seconds", help: "Total latency distributions of v3 snapshot sends", bounds: seconds,
            labels: to)
        snapshotsReceived = registry.counter(
            prefix + "snapshot_receive_success", help: "Total number of successful snapshot receives", labels: from)
        snapshotReceiveFailures = registry.counter(
            prefix + "snapshot_receive_failures", help: "Total number of snapshot receive failures", labels: from)
        snapshotsComing = registry.gauge(
            prefix + "snapshot_receive_inflights_total", help: "Total number of inflight snapshot receives", labels: from)
        snapshotReceiveSeconds = registry.histogram(
            prefix + "snapshot_receive_total_duration_seconds", help: "Total latency distributions of v3 snapshot receives",
            bounds: seconds, labels: from)
        known = registry.gauge(prefix + "known_peers", help: "The current number of known peers.", labels: pair)
        known.set(1)
    }
}
