import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Synchronization
import Wire

/// The member's metrics under etcd's names (metrics.tsv): histograms are fed where things happen, the rest is taken over from
/// the replica's counters ten times a second.
final class MemberMetrics: Sendable {
    let registry = MetricsRegistry()
    let walSync: Histogram
    let backendCommit: Histogram
    let snapshotSave: Histogram
    let healthSuccesses: Counter
    let healthFailures: Counter
    let snapshotsBeingApplied: Gauge
    private let latest: LatestCounters
    /// `major.minor` of the cluster's version as last seen; its gauge is 1, those of former ones are 0.
    private let clusterVersion = Mutex<String?>(nil)

    init() {
        let disk = Histogram.exponential(start: 0.001, factor: 2, count: 14)
        walSync = registry.histogram(
            "etcd_disk_wal_fsync_duration_seconds", help: "The latency distributions of fsync called by WAL.", bounds: disk)
        backendCommit = registry.histogram(
            "etcd_disk_backend_commit_duration_seconds", help: "The latency distributions of commit called by backend.", bounds: disk)
        snapshotSave = registry.histogram(
            "etcd_snap_fsync_duration_seconds", help: "The latency distributions of fsync called by snap.", bounds: disk)
        healthSuccesses = registry.counter("etcd_server_health_success", help: "The total number of successful health checks")
        healthFailures = registry.counter("etcd_server_health_failures", help: "The total number of failed health checks")
        snapshotsBeingApplied = registry.gauge(
            "etcd_server_snapshot_apply_in_progress_total", help: "1 if the server is applying the incoming snapshot. 0 if none.")
        latest = LatestCounters(registry)
        ProcessMetrics.register(in: registry)
        registry.gauge(
            "etcd_server_version", help: "Which version is running. 1 for 'server_version' label with current version.",
            labels: [("server_version", Release.etcdVersion.description)]
        ).set(1)
    }

    func update(_ counters: ReplicaCounters, _ status: ReplicaStatus) {
        latest.update(counters, status)
        for reason in counters.refusedPromotions.keys { latest.registerRefusal(reason, in: registry) }
        let version = status.clusterVersion.map { "\($0.major).\($0.minor)" }
        clusterVersion.withLock { known in
            guard known != version else { return }
            if let known { gauge(clusterVersion: known).set(0) }
            if let version { gauge(clusterVersion: version).set(1) }
            known = version
        }
    }

    private func gauge(clusterVersion version: String) -> Gauge {
        registry.gauge(
            "etcd_cluster_version", help: "Which version is running. 1 for 'cluster_version' label with current cluster version.",
            labels: [("cluster_version", version)])
    }

    /// What is known from the start on.
    func register(_ id: MemberID, quotaBytes: Int64) {
        registry.gauge(
            "etcd_server_id", help: "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.",
            labels: [("server_id", id.hex)]
        ).set(1)
        registry.gauge("etcd_server_quota_backend_bytes", help: "Current backend storage quota size in bytes.").set(Double(quotaBytes))
    }
}

/// Gauges and counters that repeat the replica's numbers.
private final class LatestCounters: Sendable {
    private let latest = Mutex((counters: ReplicaCounters(), status: ReplicaStatus()))

    /// etcd counts these up, though some are named `_total` and are gauges all the same.
    private static let counters: Set<String> = [
        "etcd_server_leader_changes_seen_total", "etcd_server_proposals_failed_total", "etcd_mvcc_put_total", "etcd_mvcc_delete_total",
        "etcd_mvcc_range_total", "etcd_mvcc_txn_total", "etcd_debugging_lease_granted_total", "etcd_debugging_lease_revoked_total",
        "etcd_debugging_lease_renewed_total", "etcd_server_learner_promote_successes", "etcd_server_read_indexes_failed_total",
        "etcd_server_slow_read_indexes_total",
    ]

    init(_ registry: MetricsRegistry) {
        let table: [(String, String, @Sendable (ReplicaCounters, ReplicaStatus) -> Double)] = [
            ("etcd_server_has_leader", "Whether or not a leader exists. 1 is existence, 0 is not.", { $1.leader == .zero ? 0 : 1 }),
            ("etcd_server_is_leader", "Whether or not this member is a leader. 1 if is, 0 otherwise.", { $1.isLeader ? 1 : 0 }),
            ("etcd_server_is_learner", "Whether or not this member is a learner. 1 if is, 0 otherwise.", { $1.isLearner ? 1 : 0 }),
            (
                "etcd_server_learner_promote_successes", "The total number of successful learner promotions while this member is leader.",
                { counters, _ in Double(counters.learnerPromotions) }
            ),
            ("etcd_server_leader_changes_seen_total", "The number of leader changes seen.", { counters, _ in Double(counters.leaderChanges) }),
            (
                "etcd_server_proposals_applied_total", "The total number of consensus proposals applied.",
                { counters, _ in Double(counters.appliedIndex) }
            ),
            (
                "etcd_server_proposals_committed_total", "The total number of consensus proposals committed.",
                { counters, _ in Double(counters.committedIndex) }
            ),
            (
                "etcd_server_proposals_pending", "The current number of pending proposals to commit.",
                { counters, _ in Double(counters.pendingProposals) }
            ),
            ("etcd_server_proposals_failed_total", "The total number of failed proposals seen.", { counters, _ in Double(counters.failedProposals) }),
            (
                "etcd_server_read_indexes_failed_total", "The total number of failed read indexes seen.",
                { counters, _ in Double(counters.failedReadIndexes) }
            ),
            (
                "etcd_server_slow_read_indexes_total",
                "The total number of pending read indexes not in sync with leader's or timed out read index requests.",
                { counters, _ in Double(counters.slowReadIndexes) }
            ),
            ("etcd_mvcc_put_total", "Total number of puts seen by this member.", { counters, _ in Double(counters.puts) }),
            ("etcd_mvcc_delete_total", "Total number of deletes seen by this member.", { counters, _ in Double(counters.deletes) }),
            ("etcd_mvcc_range_total", "Total number of ranges seen by this member.", { counters, _ in Double(counters.ranges) }),
            ("etcd_mvcc_txn_total", "Total number of txns seen by this member.", { counters, _ in Double(counters.transactions) }),
            (
                "etcd_mvcc_db_total_size_in_bytes", "Total size of the underlying database physically allocated in bytes.",
                { counters, _ in Double(counters.databaseBytes) }
            ),
            (
                "etcd_mvcc_db_total_size_in_use_in_bytes", "Total size of the underlying database logically in use in bytes.",
                { counters, _ in Double(counters.databaseBytesInUse) }
            ),
            ("etcd_debugging_mvcc_keys_total", "Total number of keys.", { counters, _ in Double(counters.keys) }),
            ("etcd_debugging_mvcc_current_revision", "The current revision of store.", { counters, _ in Double(counters.currentRevision) }),
            (
                "etcd_debugging_mvcc_compact_revision", "The revision of the last compaction in store.",
                { counters, _ in Double(counters.compactRevision) }
            ),
            ("etcd_debugging_mvcc_watcher_total", "Total number of watchers.", { counters, _ in Double(counters.watchers) }),
            ("etcd_debugging_mvcc_watch_stream_total", "Total number of watch streams.", { counters, _ in Double(counters.watchStreams) }),
            ("etcd_debugging_mvcc_slow_watcher_total", "Total number of unsynced slow watchers.", { counters, _ in Double(counters.slowWatchers) }),
            ("etcd_debugging_lease_granted_total", "The total number of granted leases.", { counters, _ in Double(counters.leaseGrants) }),
            ("etcd_debugging_lease_revoked_total", "The total number of revoked leases.", { counters, _ in Double(counters.leaseRevocations) }),
            (
                "etcd_debugging_lease_renewed_total", "The number of renewed leases seen by the leader.",
                { counters, _ in Double(counters.leaseRenewals) }
            ),
        ]
        for (name, help, value) in table {
            registry.sampled(name, help: help, isCounter: Self.counters.contains(name)) { [self] in
                let (counters, status) = latest.withLock { $0 }
                return value(counters, status)
            }
        }
    }

    /// Asking twice is harmless: the metric is there already.
    func registerRefusal(_ reason: String, in registry: MetricsRegistry) {
        registry.sampled(
            "etcd_server_learner_promote_failures",
            help: "The total number of failed learner promotions (likely learner not ready) while this member is leader.",
            labels: [("Reason", reason)], isCounter: true
        ) { [self] in Double(latest.withLock { $0.counters.refusedPromotions[reason] ?? 0 }) }
    }

    func update(_ counters: ReplicaCounters, _ status: ReplicaStatus) { latest.withLock { $0 = (counters, status) } }
}
