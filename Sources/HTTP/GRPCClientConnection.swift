import Base
import CSystem
import Platform

/// Told what becomes of a connection, on the loop's thread.
package protocol GRPCClientConnectionDelegate: AnyObject {
    /// Calls can be opened.
    func ready(_ connection: GRPCClientConnection)
    /// The server takes no more calls on it; open ones go on.
    func draining(_ connection: GRPCClientConnection)
    /// It is gone, and all calls on it have ended. In words that a person is shown.
    func closed(_ connection: GRPCClientConnection, _ reason: String)
}

/// One HTTP/2 connection to a server, for gRPC calls.
///
/// Decides: when it can be used, keep-alive, when it is given up. Leaves streams to `HTTP2ClientSession`, choosing among servers
/// and connecting anew to its owner. A call on it may be opened, fed and cancelled from inside any of its callbacks. Loop's thread.
@safe
package final class GRPCClientConnection: EventHandler, TimerHandler {
    package enum State: Equatable, Sendable { case connecting, handshaking, ready, draining, closed }

    package let loop: EventLoop
    package let limits: GRPCClientLimits
    /// What the header field `:authority` says.
    package let authority: String
    package private(set) var state = State.connecting
    package weak var delegate: (any GRPCClientConnectionDelegate)?

    private let transport: any GRPCClientTransport
    /// As messages name the server.
    package let address: String
    private var session: HTTP2ClientSession?
    private var registration = EventLoop.Registration.none
    private var interest = Readiness()
    private var timer = TimerID.none
    private var output = ByteBuffer()
    private var outputStart = 0
    private var lastReadAt: Instant
    private var pingSentAt: Instant?
    /// Inside nghttp2 or its callbacks: what they ask for is done after them.
    private var isBusy = false
    private var wantsFlush = false
    private var closeReason: String?
    private var room = [UInt8](repeating: 0, count: 64 << 10)

    /// Takes over `transport`, whose socket is connecting to `address` (as messages shall name it).
    package init(_ loop: EventLoop, _ transport: any GRPCClientTransport, address: String, authority: String, limits: GRPCClientLimits) {
        self.loop = loop
        self.transport = transport
        self.address = address
        self.authority = authority
        self.limits = limits
        lastReadAt = loop.now
    }

    /// Begins; the delegate hears the outcome, never before this returns.
    package func start() throws(SystemError) {
        registration = try loop.register(transport.descriptor, .writable, self)
        interest = .writable
        timer = loop.schedule(Clock.now + limits.dialTimeout, self)
    }

    // MARK: Calls

    package var openCalls: Int { session?.openCalls ?? 0 }
    package var canOpenCalls: Bool { state == .ready }

    /// Opens a call of `path` ("/package.Service/Method") with one message and the end of the request. Nil when the connection takes
    /// no calls now. Until `deadline`; the server is told.
    package func unary(
        _ path: String, _ request: Bytes, metadata: [(String, String)] = [], deadline: Instant, _ handler: any GRPCClientCallHandler
    ) -> GRPCClientCall? {
        guard let call = begin(path, metadata, deadline, handler) else { return nil }
        call.queue(request.span)
        call.endQueue()
        needsFlush()
        return call
    }

    /// Opens a call whose messages follow by `send`.
    package func stream(
        _ path: String, metadata: [(String, String)] = [], deadline: Instant = .distantFuture, _ handler: any GRPCClientCallHandler
    ) -> GRPCClientCall? {
        guard let call = begin(path, metadata, deadline, handler) else { return nil }
        needsFlush()
        return call
    }

    private func begin(
        _ path: String, _ metadata: [(String, String)], _ deadline: Instant, _ handler: any GRPCClientCallHandler
    ) -> GRPCClientCall? {
        guard state == .ready, closeReason == nil, let session else { return nil }
        var fields = [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", authority), ("content-type", "application/grpc"),
            ("user-agent", "etcd-swift"), ("te", "trailers"),
        ]
        if deadline != .distantFuture { fields.append(("grpc-timeout", grpcTimeout(deadline - Clock.now))) }
        guard let call = session.open(fields + metadata, handler) else { return nil }
        if deadline != .distantFuture { call.arm(loop, deadline) }
        if openCalls == 1 { armKeepalive() }
        return call
    }

    /// At most eight digits and a unit.
    private func grpcTimeout(_ rest: Interval) -> String {
        let milliseconds = max(1, (rest.nanoseconds + 999_999) / 1_000_000)
        return milliseconds < 100_000_000 ? "\(milliseconds)m" : "\(min(milliseconds / 1000, 99_999_999))S"
    }

    // MARK: Life

    /// Ends the connection and all calls on it. Harmless when it has ended.
    package func close(_ reason: String = "grpc: the client connection is closing") {
        guard state != .closed, closeReason == nil else { return }
        closeReason = reason
        if !isBusy { finish() }
    }

    private func finish() {
        guard state != .closed, let reason = closeReason else { return }
        if state == .ready || state == .draining {
            session?.goAway()
            _ = encodeAndWrite()
        }
        state = .closed
        loop.cancel(timer)
        loop.unregister(registration, transport.descriptor)
        transport.close()
        let ending = session
        session = nil
        ending?.endAll(reason)
        delegate?.closed(self, reason)
    }

    func startedDraining() {
        guard state == .ready else { return }
        state = .draining
        delegate?.draining(self)
        callEnded()
    }

    func callEnded() {
        if state == .draining, openCalls == 0 { close("the server has closed the connection (GOAWAY)") }
    }

    package func ready(_ readiness: Readiness) {
        switch state {
        case .connecting:
            if let error = Socket.connectError(transport.descriptor, address) { return close("connect: \(error.reason.goText)") }
            state = .handshaking
            takeHandshakeOn()
        case .handshaking where session == nil: takeHandshakeOn()
        case .handshaking, .ready, .draining:
            if readiness.contains(.writable) { flush() }
            if !readiness.isDisjoint(with: [.readable, .closed]) { read() }
        case .closed: break
        }
    }

    private func takeHandshakeOn() {
        switch transport.handshake() {
        case .failed(let reason): close("authentication handshake failed: \(reason)")
        case .wants(let wanted): setInterest(wanted)
        case .done:
            guard let session = HTTP2ClientSession(self) else { return close("out of memory") }
            self.session = session
            setInterest(.readable)
            flush()
            // What came along with the end of the handshake may be with the transport already.
            read()
        }
    }

    /// The server's settings have come. Not before: a proxy takes connections for a server that is not there, and a call on one
    /// that then breaks may have run, for all that is known (RFC 9113 §3.4: the settings are the first that a server sends).
    func established() {
        guard state == .handshaking else { return }
        state = .ready
        loop.cancel(timer)
        delegate?.ready(self)
    }

    /// Carries out what was asked for while nghttp2 was at work.
    private func leave() {
        isBusy = false
        if closeReason != nil { return finish() }
        if wantsFlush { flush() }
    }

    // MARK: Bytes

    private func read() {
        isBusy = true
        defer { leave() }
        // A few rounds: what keeps coming must not starve the loop's other work.
        for _ in 0..<16 {
            guard let session, closeReason == nil else { return }
            switch unsafe room.withUnsafeMutableBytes({ unsafe transport.read(into: $0) }) {
            case .bytes(let count):
                lastReadAt = loop.now
                let taken = unsafe room.withUnsafeBytes { unsafe session.receive(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                guard taken else { return close("error reading from server: malformed HTTP/2") }
                wantsFlush = true
                if count < room.count { return }
            case .wouldBlock: return
            case .ended: return close(state == .handshaking ? "error reading server preface: EOF" : "error reading from server: EOF")
            }
        }
    }

    /// There is something to send.
    func needsFlush() {
        wantsFlush = true
        if !isBusy { flush() }
    }

    private func flush() {
        guard state != .closed, session != nil, closeReason == nil else { return }
        isBusy = true
        let done = encodeAndWrite()
        isBusy = false
        if let done {
            setInterest(done ? .readable : [.readable, .writable])
        } else {
            close("error writing to server: the connection was reset")
        }
        if closeReason != nil { finish() }
    }

    /// True when all is written, false when the socket is full, nil when it failed.
    private func encodeAndWrite() -> Bool? {
        guard let session else { return nil }
        wantsFlush = false
        while true {
            if outputStart == output.count {
                output.removeAll()
                outputStart = 0
                guard session.encode(into: &output, limit: limits.writeAheadBytes) else { return nil }
                if output.isEmpty { return true }
            }
            switch transport.write(output.span._extracting(unchecked: outputStart, count: output.count - outputStart)) {
            case .bytes(let count): outputStart += count
            case .wouldBlock: return false
            case .ended: return nil
            }
        }
    }

    private func setInterest(_ wanted: Readiness) {
        guard wanted != interest, state != .closed else { return }
        interest = wanted
        loop.modify(registration, transport.descriptor, wanted)
    }

    // MARK: Time

    private var keepaliveTime: Interval { max(limits.keepaliveTime, .seconds(10)) }

    private func armKeepalive() {
        guard limits.keepaliveTime > .zero else { return }
        loop.cancel(timer)
        timer = loop.schedule(max(lastReadAt, loop.now) + keepaliveTime, self)
    }

    package func timerFired(_ tag: UInt64, now: Instant) {
        switch state {
        case .connecting, .handshaking: close("i/o timeout")
        case .ready, .draining: checkKeepalive(now)
        case .closed: break
        }
    }

    /// Pings a silent server while calls are open (without any, servers count pings as abuse); gives up one that doesn't answer.
    private func checkKeepalive(_ now: Instant) {
        guard openCalls > 0, let session else { return }
        if let sent = pingSentAt, !session.pingIsAnswered {
            if lastReadAt <= sent { return close("keepalive ping failed to receive ACK within timeout") }
        }
        pingSentAt = nil
        guard lastReadAt + keepaliveTime <= now else {
            timer = loop.schedule(lastReadAt + keepaliveTime, self)
            return
        }
        pingSentAt = now
        session.sendPing()
        timer = loop.schedule(now + limits.keepaliveTimeout, self)
        needsFlush()
    }
}

extension String {
    /// Go writes system errors in lower case.
    var goText: String { prefix(1).lowercased() + dropFirst() }
}
