import Base
import CSystem
import Platform

/// The client's end of one HTTP/1.1 connection: connects by itself, carries one exchange at a time, and says when another may
/// begin. Plain text; one URL. Loop's thread.
package final class Client1Connection: EventHandler, TimerHandler {
    private enum State {
        case new, resolving, connecting
        /// Connected, no exchange.
        case idle
        /// Connected, and the response's head is awaited.
        case head
        case body(left: Int)
        case chunked
        case untilClose
        case closed
    }

    package let url: TransportURL
    private let context: Client1Context
    private var state = State.new
    private var descriptor: Int32 = -1
    private var registration = EventLoop.Registration.none
    private var interest: Readiness = []
    /// Where to try next, should the present address fail.
    private var addresses: [SocketAddress] = []

    private var request = Client1Request("", "")
    private weak var handler: (any Client1Handler)?
    /// All of the request was given.
    private var isRequestComplete = false
    private var wantsRoom = false
    /// The handler is being told of room; what it writes leaves afterwards.
    private var isNotifying = false
    private static let roundsPerTurn = 8
    private var out = ByteBuffer()
    private var outOffset = 0

    private var head = ByteBuffer()
    private var searched = 0
    private var chunks = ChunkedDecoder()
    private var keepAlive = false

    private var timer = TimerID.none
    private var timerAt = Instant.distantFuture
    private var beganAt: Instant
    private var connectingSince: Instant
    /// The response's head is due from here on.
    private var awaitsSince: Instant
    private var lastReadAt: Instant
    private var blockedSince: Instant?
    private var idleSince: Instant

    package init(_ context: Client1Context, url: TransportURL) {
        self.context = context
        self.url = url
        let now = context.loop.now
        beganAt = now
        connectingSince = now
        awaitsSince = now
        lastReadAt = now
        idleSince = now
    }

    /// Another exchange may begin.
    package var isIdle: Bool { if case .idle = state { true } else { false } }
    package var isClosed: Bool { if case .closed = state { true } else { false } }
    /// Bytes of the request that the socket has not taken.
    package var unsentBytes: Int { out.count - outOffset }

    // MARK: Requests

    /// Begins an exchange on a new connection or an idle one. `handler` is not kept alive.
    package func begin(_ request: Client1Request, _ handler: any Client1Handler) {
        self.request = request
        self.handler = handler
        beganAt = Clock.now
        awaitsSince = beganAt
        lastReadAt = beganAt
        isRequestComplete = false
        wantsRoom = false
        encodeHead()
        switch request.body {
        case .none: isRequestComplete = true
        case .bytes(let bytes):
            out.append(bytes.span)
            isRequestComplete = true
        case .chunked: break
        }
        switch state {
        case .new: connect()
        case .idle:
            state = .head
            writeSome()
        case .resolving, .connecting, .head, .body, .chunked, .untilClose, .closed:
            preconditionFailure("the connection carries an exchange already")
        }
        arm()
    }

    private func encodeHead() {
        out.append("\(request.method) \(request.target) HTTP/1.1\r\nHost: \(url.isUnix ? "localhost" : url.address)\r\n")
        for (name, value) in request.headers { out.append("\(name): \(value)\r\n") }
        switch request.body {
        case .none: if request.method != "GET" { out.append("Content-Length: 0\r\n") }
        case .bytes(let bytes): out.append("Content-Length: \(bytes.count)\r\n")
        case .chunked: out.append("Transfer-Encoding: chunked\r\n")
        }
        out.append("\r\n")
    }

    /// Adds a chunk to the request's body. Returns the unsent bytes; when they are many, wait for `requestWritable`.
    @discardableResult
    package func write(_ bytes: RawSpan) -> Int {
        guard !isClosed, !isRequestComplete, bytes.byteCount > 0 else { return unsentBytes }
        out.append(String(bytes.byteCount, radix: 16) + "\r\n")
        out.append(bytes)
        out.append("\r\n")
        wantsRoom = true
        if !isNotifying { writeSome() }
        return unsentBytes
    }

    package func finishBody() {
        guard !isClosed, !isRequestComplete else { return }
        isRequestComplete = true
        wantsRoom = false
        awaitsSince = Clock.now
        out.append("0\r\n\r\n")
        if !isNotifying { writeSome() }
        arm()
    }

    // MARK: Connecting

    private func connect() {
        state = .resolving
        connectingSince = beganAt
        context.resolve(url) { [self] result in
            guard case .resolving = state else { return }
            switch result {
            case .success(let found):
                addresses = found
                connectNext(Client1Failure(.connect, "\(url.host) has no address"))
            case .failure(let failure): fail(failure)
            }
        }
    }

    private func connectNext(_ failure: Client1Failure) {
        var failure = failure
        while !addresses.isEmpty {
            do throws(SystemError) {
                descriptor = try Socket.connect(to: addresses.removeFirst())
                state = .connecting
                connectingSince = Clock.now
                interest = .writable
                registration = try context.loop.register(descriptor, interest, self)
                return arm()
            } catch {
                failure = Client1Failure(.connect, "\(error)")
                dropDescriptor()
            }
        }
        fail(failure)
    }

    private func connected() {
        if let error = Socket.connectError(descriptor, url.address) {
            dropDescriptor()
            return connectNext(Client1Failure(.connect, "\(error)"))
        }
        state = .head
        lastReadAt = Clock.now
        setInterest(.readable)
        writeSome()
        arm()
    }

    // MARK: Events

    package func ready(_ readiness: Readiness) {
        if case .connecting = state { return connected() }
        if readiness.contains(.writable), !isClosed { writeSome() }
        if !isClosed, readiness.contains(.readable) || !readiness.isDisjoint(with: .closed) { readSome() }
    }

    private func writeSome() {
        guard descriptor >= 0 else { return }
        switch state {
        case .new, .resolving, .connecting, .closed: return
        case .idle, .head, .body, .chunked, .untilClose: break
        }
        for _ in 0..<Client1Connection.roundsPerTurn {
            guard flush() else { return }
            guard wantsRoom else { return setInterest(.readable) }
            wantsRoom = false
            isNotifying = true
            handler?.requestWritable(self)
            isNotifying = false
            guard !isClosed, unsentBytes > 0 else { break }
        }
        // A server as fast as this gets the rest in the next turn, so that others have theirs.
        if !isClosed { setInterest(unsentBytes > 0 ? [.readable, .writable] : .readable) }
    }

    /// False when the socket takes no more.
    private func flush() -> Bool {
        while outOffset < out.count {
            switch Socket.write(descriptor, out, from: outOffset) {
            case .bytes(let count):
                outOffset += count
                blockedSince = nil
            case .wouldBlock:
                if blockedSince == nil { blockedSince = Clock.now }
                setInterest([.readable, .writable])
                arm()
                return false
            case .ended:
                // What the server said before it hung up may wait to be read; the loop tells.
                out.removeAll()
                outOffset = 0
                isRequestComplete = false
                wantsRoom = false
                setInterest(.readable)
                return false
            }
        }
        out.removeAll(keepingCapacity: out.capacity <= 1 << 20)
        outOffset = 0
        return true
    }

    private func readSome() {
        let buffer = unsafe context.readBuffer
        switch unsafe Socket.read(descriptor, into: buffer) {
        case .wouldBlock: return
        case .ended: ended()
        case .bytes(let count):
            lastReadAt = context.loop.now
            unsafe receive(RawSpan(_unsafeStart: buffer.baseAddress.unsafelyUnwrapped, byteCount: count))
        }
    }

    private func ended() {
        switch state {
        case .untilClose:
            keepAlive = false
            finish()
        case .idle: close()
        case .new, .resolving, .connecting, .head, .body, .chunked, .closed: fail(Client1Failure(.closed, "the connection to \(url.text) was closed"))
        }
    }

    private func setInterest(_ wanted: Readiness) {
        guard wanted != interest else { return }
        interest = wanted
        context.loop.modify(registration, descriptor, wanted)
    }

    // MARK: Responses

    private func receive(_ bytes: RawSpan) {
        switch state {
        case .head: receiveHead(bytes)
        case .body, .chunked, .untilClose: receiveBody(bytes)
        case .idle, .new, .resolving, .connecting, .closed: close()
        }
    }

    private func receiveHead(_ bytes: RawSpan) {
        head.append(bytes)
        while case .head = state {
            guard let end = HTTP1Parser.headEnd(head.span, start: 0, searched: searched), end <= context.limits.headBytesMax else {
                searched = head.count
                if head.count > context.limits.headBytesMax {
                    fail(Client1ResponseParser.malformed("head of more than \(context.limits.headBytesMax) bytes"))
                }
                return
            }
            let rest = Bytes(copying: head.span._extracting(unchecked: end, count: head.count - end))
            let parsed: Client1ResponseParser
            do throws(Client1Failure) {
                parsed = try Client1ResponseParser(
                    head.span._extracting(unchecked: 0, count: end), isHEAD: request.method == "HEAD", fieldsMax: context.limits.headFieldsMax)
            } catch { return fail(error) }
            head.removeAll()
            searched = 0
            if parsed.response.status == 101 { return fail(Client1ResponseParser.malformed("an upgrade that nobody asked for")) }
            if parsed.response.status < 200 {
                // An interim response (RFC 9110 §15.2).
                head.append(rest.span)
                if head.isEmpty { return }
                continue
            }
            beginBody(parsed, rest)
        }
    }

    private func beginBody(_ parsed: Client1ResponseParser, _ rest: Bytes) {
        keepAlive = parsed.keepAlive
        switch parsed.body {
        case .length(let length): state = .body(left: length)
        case .chunked:
            chunks = ChunkedDecoder()
            state = .chunked
        case .untilClose: state = .untilClose
        }
        arm()
        handler?.responseBegan(self, parsed.response)
        if case .body(left: 0) = state {
            if !rest.isEmpty { keepAlive = false }
            return finish()
        }
        if !rest.isEmpty { receiveBody(rest.span) }
    }

    private func receiveBody(_ bytes: RawSpan) {
        switch state {
        case .body(let left):
            let count = min(left, bytes.byteCount)
            state = .body(left: left - count)
            handler?.responseBody(self, bytes._extracting(unchecked: 0, count: count))
            guard case .body(left: 0) = state else { return }
            if bytes.byteCount > count { keepAlive = false }
            finish()
        case .chunked: receiveChunks(bytes)
        case .untilClose: handler?.responseBody(self, bytes)
        case .new, .resolving, .connecting, .idle, .head, .closed: break
        }
    }

    private func receiveChunks(_ bytes: RawSpan) {
        var position = 0
        while case .chunked = state {
            switch chunks.step(bytes, &position) {
            case .more: return
            case .data(let count):
                chunks.took(count)
                handler?.responseBody(self, bytes._extracting(unchecked: position, count: count))
                position += count
            case .end:
                if position < bytes.byteCount { keepAlive = false }
                return finish()
            case .malformed: return fail(Client1ResponseParser.malformed("chunked body"))
            }
        }
    }

    private func finish() {
        let handler = self.handler
        self.handler = nil
        if keepAlive, isRequestComplete, unsentBytes == 0 {
            state = .idle
            idleSince = Clock.now
            arm()
        } else {
            close()
        }
        handler?.responseEnded(self)
    }

    private func fail(_ failure: Client1Failure) {
        let handler = self.handler
        close()
        handler?.failed(self, failure)
    }

    /// Ends the connection; its handler hears nothing more.
    package func close() {
        guard !isClosed else { return }
        state = .closed
        handler = nil
        context.loop.cancel(timer)
        dropDescriptor()
    }

    private func dropDescriptor() {
        guard descriptor >= 0 else { return }
        context.loop.unregister(registration, descriptor)
        registration = .none
        CSystem.close(descriptor)
        descriptor = -1
    }

    // MARK: Time

    private func arm() {
        let next = nextDeadline.at
        guard next < timerAt else { return }
        context.loop.cancel(timer)
        timerAt = next
        timer = context.loop.schedule(next, self)
    }

    /// What is due next, and what it means when it has passed.
    private var nextDeadline: (at: Instant, reason: String) {
        var next: (at: Instant, reason: String) = (.distantFuture, "")
        func consider(_ at: Instant, _ reason: String) { if at < next.at { next = (at, reason) } }
        switch state {
        case .idle: return (idleSince + context.limits.idleTimeout, "idle")
        case .new, .closed: return next
        case .resolving, .connecting: consider(connectingSince + context.limits.connectTimeout, "connect \(url.address): timed out")
        case .head:
            if isRequestComplete, let timeout = request.headTimeout { consider(awaitsSince + timeout, "no response from \(url.text) in time") }
        case .body, .chunked, .untilClose:
            if let timeout = request.silenceTimeout { consider(lastReadAt + timeout, "\(url.text) was silent for \(timeout.text)") }
        }
        if let blockedSince { consider(blockedSince + request.stallTimeout, "\(url.text) takes no bytes") }
        if let deadline = request.deadline { consider(beganAt + deadline, "no complete response from \(url.text) within \(deadline.text)") }
        return next
    }

    package func timerFired(_ tag: UInt64, now: Instant) {
        timerAt = .distantFuture
        let next = nextDeadline
        guard next.at <= now else { return arm() }
        switch state {
        case .idle: close()
        case .connecting where !addresses.isEmpty:
            dropDescriptor()
            connectNext(Client1Failure(.timedOut, next.reason))
        case .new, .resolving, .connecting, .head, .body, .chunked, .untilClose: fail(Client1Failure(.timedOut, next.reason))
        case .closed: break
        }
    }
}
