import Base
import HTTP
import Platform

/// One request and its answer, over as many attempts as it takes and is safe.
///
/// Decides: whether to try again. Unavailable is tried again for repeatable methods; for the others only when the request surely
/// had no effect. Everything else is the answer. Loop's thread.
package final class UnaryCall: GRPCClientCallHandler, TimerHandler {
    private let channel: Channel
    private let method: Method
    private let request: Bytes
    private let deadline: Instant
    private var done: ((Result<Bytes, GRPCStatus>) -> Void)?
    private var response: Bytes?
    private var call: GRPCClientCall?
    private var connection: GRPCClientConnection?
    private var waiter: Waiter?
    private var timer = TimerID.none
    private var attempt = 0
    /// Tries that a connection took back unread count for nothing.
    private var returns = 0
    /// And so do a learner's refusals, for some half a second or until it is known that there is nobody else.
    private var refusals = 0

    init(_ channel: Channel, _ method: Method, _ request: Bytes, deadline: Instant, _ done: @escaping (Result<Bytes, GRPCStatus>) -> Void) {
        self.channel = channel
        self.method = method
        self.request = request
        self.deadline = deadline
        self.done = done
    }

    func start() {
        // A call without any time must not slip through on a connection that is ready.
        guard Clock.now < deadline else {
            return failed(GRPCStatus(code: GRPCCode.deadlineExceeded, message: "context deadline exceeded", mayHaveRun: false))
        }
        waiter = channel.pick(deadline: deadline) { [self] outcome in
            waiter = nil
            switch outcome {
            case .failure(let status): failed(status)
            case .success(let connection):
                self.connection = connection
                call = connection.unary(method.path, request, metadata: channel.metadata, deadline: deadline, self)
                if call == nil { pause() }
            }
        }
    }

    /// Ends it without calling `done`.
    package func cancel() {
        done = nil
        waiter?.cancel()
        call?.cancel()
        channel.loop.cancel(timer)
    }

    package func received(_ message: Bytes, on call: GRPCClientCall) { response = message }

    package func ended(_ status: GRPCStatus, on call: GRPCClientCall) {
        self.call = nil
        guard status.isOK else { return failed(status) }
        guard let response else {
            return finish(.failure(GRPCStatus(code: GRPCCode.internal, message: "the server's answer has no message")))
        }
        finish(.success(response))
    }

    private func failed(_ status: GRPCStatus) {
        response = nil
        if !status.mayHaveRun, status.code == GRPCCode.unavailable, returns < 3 {
            returns += 1
            return pause()
        }
        if refusals < 20 || channel.isConnecting, Clock.now < deadline, channel.isRefusedByLearner(status, connection) {
            refusals += 1
            return pause()
        }
        channel.onAttemptFailed?(attempt, status)
        let mayRepeat = method.isRepeatable || !status.mayHaveRun
        guard status.code == GRPCCode.unavailable, mayRepeat, Clock.now < deadline else { return finish(.failure(status)) }
        attempt += 1
        pause()
    }

    /// Some 25 ms, never the same for many clients.
    private func pause() {
        let spread = Int64(Entropy.number() % 25)
        timer = channel.loop.schedule(Clock.now + .milliseconds(12 + spread), self)
    }

    package func timerFired(_ tag: UInt64, now: Instant) { start() }

    private func finish(_ outcome: Result<Bytes, GRPCStatus>) {
        let told = done
        done = nil
        told?(outcome)
    }
}

extension Channel {
    /// Sends a request; `done` is called once, unless the call is cancelled.
    @discardableResult
    package func unary(
        _ method: Method, _ request: Bytes, deadline: Instant, _ done: @escaping (Result<Bytes, GRPCStatus>) -> Void
    ) -> UnaryCall {
        let call = UnaryCall(self, method, request, deadline: deadline, done)
        call.start()
        return call
    }
}
