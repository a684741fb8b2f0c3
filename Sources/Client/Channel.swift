import Base
import HTTP
import Platform
import Wire

/// The way to a cluster: one link for each endpoint, calls spread over those that are up, one after the other.
///
/// Decides: which member a call goes to, what waits until one is up. Leaves retries to `UnaryCall`. Everything is by callbacks on
/// one loop, so that a server's loop can embed it; `EtcdClient` waits for them. Loop's thread.
package final class Channel {
    package let loop: EventLoop
    package let configuration: ClientConfiguration
    /// Sent as metadata with every call.
    package var token: String?
    /// Told of each failed attempt of a unary call: its number, the status, the endpoint.
    package var onAttemptFailed: ((Int, GRPCStatus) -> Void)?
    /// Told what becomes of each connection, in words for people.
    package var onConnection: ((Endpoint, String) -> Void)?

    let limits: GRPCClientLimits
    private var links: [EndpointLink] = []
    private var nextLink = 0
    private var waiters: [Waiter] = []
    private var isStarted = false
    private var isClosed = false

    package init(_ loop: EventLoop, _ configuration: ClientConfiguration) {
        self.loop = loop
        self.configuration = configuration
        token = configuration.token
        limits = configuration.limits
        links = configuration.endpoints.map { EndpointLink($0, self) }
    }

    /// Ends every connection and every call. Call it before letting go of a channel that was used.
    package func close() {
        isClosed = true
        for link in links { link.close() }
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.fail(GRPCStatus(code: GRPCCode.cancelled, message: "the client is closed", mayHaveRun: false)) }
    }

    /// Calls `body` with a connection as soon as one takes calls, at once when one does now; with an error at `deadline`.
    @discardableResult
    package func pick(deadline: Instant, _ body: @escaping (Result<GRPCClientConnection, GRPCStatus>) -> Void) -> Waiter {
        let waiter = Waiter(self, body)
        if !isStarted {
            isStarted = true
            for link in links { link.start() }
        }
        if isClosed {
            waiter.fail(GRPCStatus(code: GRPCCode.cancelled, message: "the client is closed", mayHaveRun: false))
        } else if let connection = rotate() {
            waiter.succeed(connection)
        } else {
            waiters.append(waiter)
            if deadline != .distantFuture { waiter.timer = loop.schedule(deadline, waiter) }
        }
        return waiter
    }

    package var metadata: [(String, String)] {
        var fields = [("client-api-version", "3.6.0")]
        if let token { fields.append(("token", token)) }
        return fields
    }

    /// The next connection in turn that takes calls; one that was refused as a learner's only when there is no other.
    private func rotate() -> GRPCClientConnection? {
        let now = Clock.now
        return next { $0.learnerUntil <= now } ?? next { _ in true }
    }

    private func next(where isWanted: (EndpointLink) -> Bool) -> GRPCClientConnection? {
        for _ in links {
            let link = links[nextLink]
            nextLink = (nextLink + 1) % links.count
            if isWanted(link), let connection = link.usable { return connection }
        }
        return nil
    }

    /// There is a member of which it is not known yet whether it can be reached.
    var isConnecting: Bool { links.contains(where: \.isConnecting) }

    /// Whether a call that ended so may be made again at another member: a learner refuses calls unread, and the others do not.
    /// The learner is passed over for a while from now on.
    func isRefusedByLearner(_ status: GRPCStatus, _ connection: GRPCClientConnection?) -> Bool {
        guard status.message == GRPCError.notSupportedForLearner.text, links.count > 1 else { return false }
        for link in links where link.isOver(connection) { link.learnerUntil = Clock.now + .seconds(5) }
        return true
    }

    func linkIsReady() {
        let waiting = waiters
        waiters = []
        for (position, waiter) in waiting.enumerated() {
            guard let connection = rotate() else {
                waiters = Array(waiting[position...]) + waiters
                return
            }
            waiter.succeed(connection)
        }
    }

    func forget(_ waiter: Waiter) { waiters.removeAll { $0 === waiter } }

    /// What a call that no link could take until its deadline is told, as grpc-go has it.
    var unavailableText: String {
        let last = links.last { !$0.lastError.isEmpty }?.lastError ?? ""
        return last.isEmpty ? "context deadline exceeded" : "latest balancer error: last connection error: " + last
    }
}

/// Somebody who waits for a connection.
package final class Waiter: TimerHandler {
    fileprivate var timer = TimerID.none
    private let channel: Channel
    private var body: ((Result<GRPCClientConnection, GRPCStatus>) -> Void)?

    fileprivate init(_ channel: Channel, _ body: @escaping (Result<GRPCClientConnection, GRPCStatus>) -> Void) {
        self.channel = channel
        self.body = body
    }

    /// Waits no longer; the closure is not called.
    package func cancel() {
        body = nil
        channel.loop.cancel(timer)
        channel.forget(self)
    }

    fileprivate func succeed(_ connection: GRPCClientConnection) { finish(.success(connection)) }
    fileprivate func fail(_ status: GRPCStatus) { finish(.failure(status)) }

    private func finish(_ outcome: Result<GRPCClientConnection, GRPCStatus>) {
        channel.loop.cancel(timer)
        let told = body
        body = nil
        told?(outcome)
    }

    package func timerFired(_ tag: UInt64, now: Instant) {
        channel.forget(self)
        fail(GRPCStatus(code: GRPCCode.deadlineExceeded, message: channel.unavailableText, mayHaveRun: false))
    }
}
