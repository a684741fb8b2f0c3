import Base
import HTTP
import Platform
import Wire

/// Asks a peer for its time, now and then: how far it is, and how wrong its clock or ours (formats.md §7.5). Loop's thread.
final class Probe {
    private unowned let link: PeerLink
    private var isRunning = false
    private var warnedAt: Instant?

    init(_ link: PeerLink) { self.link = link }

    private var transport: PeerTransport { link.transport }

    func run() {
        guard !isRunning else { return }
        isRunning = true
        var request = Client1Request("GET", "/raft/probing")
        request.deadline = transport.limits.probeTimeout
        let started = Clock.now
        transport.client.send(request, to: link.urlsInOrder, bodyBytesMax: 4096) { [weak self] result in
            self?.ended(result, started)
        }
    }

    private func ended(_ result: Result<PeerHTTPClient.Response, Client1Failure>, _ started: Instant) {
        isRunning = false
        let roundTrip = Clock.now - started
        switch result {
        case .success(let response):
            guard response.status == 200, let theirs = Probe.time(response.body) else {
                return warn("prober detected unhealthy status", roundTrip, "no time in the answer with status \(response.status)")
            }
            link.metrics.roundTrip.observe(roundTrip.seconds)
            // The answer was made about half a round trip ago.
            let difference = Interval.nanoseconds(Clock.wallNanoseconds - theirs - roundTrip.nanoseconds / 2)
            if abs(difference.nanoseconds) > transport.limits.clockDifferenceMax.nanoseconds {
                warn("prober found high clock drift", roundTrip, "clock-drift \(difference.text)")
            }
        case .failure(let failure): warn("prober detected unhealthy status", roundTrip, failure.reason)
        }
    }

    private func warn(_ message: String, _ roundTrip: Interval, _ error: String) {
        let now = transport.loop.now
        if let last = warnedAt, now - last < transport.limits.warningInterval { return }
        warnedAt = now
        transport.logger.warn(message, ["remote-peer-id": "\(link.id.hex)", "rtt": .interval(roundTrip), "error": "\(error)"])
    }

    /// `{"OK":true,"Now":"RFC 3339"}` as nanoseconds since 1970.
    static func time(_ body: Bytes) -> Int64? {
        do throws(JSONError) {
            var reader = try JSONReader(body.span)
            try reader.open()
            var seen: UInt64 = 0
            var time: Int64?
            while let field = try reader.next("OK,Now", &seen) {
                if field == 0 { _ = try reader.bool() } else { time = try reader.string().flatMap { WallTime.parse($0) } }
            }
            return time
        } catch { return nil }
    }

    static var answer: Bytes { Bytes("{\"OK\":true,\"Now\":\"\(WallTime.format(Clock.wallNanoseconds))\"}\n") }
}
