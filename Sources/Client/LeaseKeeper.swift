import Base
import HTTP
import Platform
import Wire

/// Keeps one lease alive: asks again when a third of its time to live has passed, over whichever member answers.
///
/// Ends when the server says that the lease is gone, or when no answer came for as long as the lease lives. Loop's thread.
package final class LeaseKeeper: GRPCClientCallHandler, TimerHandler {
    package enum Outcome: Sendable {
        /// Renewed.
        case alive(Etcdserverpb.LeaseKeepAliveResponse)
        /// Gone, or not renewed in time.
        case expired
        /// Refused.
        case failed(ClientError)
    }

    private let channel: Channel
    private let lease: Int64
    private let report: (Outcome) -> Void
    private var call: GRPCClientCall?
    private var connection: GRPCClientConnection?
    private var waiter: Waiter?
    private var timer = TimerID.none
    private var expiry: Instant
    private var nextAt: Instant
    private var isOver = false

    /// Begins at once. `report` is called for every renewal and once for the end.
    package init(_ channel: Channel, lease: Int64, _ report: @escaping (Outcome) -> Void) {
        self.channel = channel
        self.lease = lease
        self.report = report
        let now = Clock.now
        nextAt = now
        // Before the first answer nobody knows how long the lease lives: as etcd's client, a second more than connecting may take.
        expiry = now + channel.limits.dialTimeout + .seconds(1)
        work()
    }

    package func cancel() {
        isOver = true
        channel.loop.cancel(timer)
        waiter?.cancel()
        call?.cancel()
        call = nil
    }

    package func timerFired(_ tag: UInt64, now: Instant) { work() }

    private func work() {
        guard !isOver else { return }
        let now = Clock.now
        if now >= expiry { return end(.expired) }
        if now >= nextAt {
            if let call {
                call.send(Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = lease }.encoded())
                // Not answered soon: asked again.
                nextAt = now + .milliseconds(500)
            } else if waiter == nil {
                open()
            }
        }
        channel.loop.cancel(timer)
        guard !isOver else { return }
        timer = channel.loop.schedule(min(expiry, max(nextAt, now + .milliseconds(20))), self)
    }

    private func open() {
        var isImmediate = true
        let made = channel.pick(deadline: .distantFuture) { [weak self] outcome in
            guard let self, !isOver else { return }
            waiter = nil
            if case .success(let connection) = outcome {
                self.connection = connection
                call = connection.stream(Method.leaseKeepAlive.path, metadata: channel.metadata, self)
                call?.send(Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = self.lease }.encoded())
            }
            nextAt = Clock.now + .milliseconds(500)
            if !isImmediate { work() }
        }
        isImmediate = false
        if call == nil, !isOver { waiter = made }
    }

    package func received(_ message: Bytes, on call: GRPCClientCall) {
        guard call === self.call, let response = try? Etcdserverpb.LeaseKeepAliveResponse(decoding: message) else { return }
        guard response.ttl > 0 else { return end(.expired) }
        let now = Clock.now
        expiry = now + .seconds(response.ttl)
        nextAt = now + Interval(nanoseconds: Interval.seconds(response.ttl).nanoseconds / 3)
        channel.loop.cancel(timer)
        timer = channel.loop.schedule(nextAt, self)
        report(.alive(response))
    }

    package func ended(_ status: GRPCStatus, on call: GRPCClientCall) {
        guard call === self.call else { return }
        self.call = nil
        switch status.code {
        case _ where channel.isRefusedByLearner(status, connection):
            nextAt = Clock.now + .milliseconds(50)
            work()
        case GRPCCode.unavailable, GRPCCode.internal, GRPCCode.ok:
            nextAt = Clock.now + .milliseconds(500)
            work()
        default: end(.failed(ClientError(status)))
        }
    }

    private func end(_ outcome: Outcome) {
        guard !isOver else { return }
        cancel()
        report(outcome)
    }
}
