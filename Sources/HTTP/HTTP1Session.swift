import Base
import CNGHTTP2
import Platform

/// HTTP/1.0 and 1.1 on one connection: one request at a time, further ones wait in the input (pipelining). Loop's thread.
final class HTTP1Session {
    private enum Phase: Equatable {
        /// Waiting for a head or for the rest of one.
        case head
        case body(left: Int)
        case chunked
        /// The request is with the delegate or the response is being written.
        case responding
        /// Nothing more is read: the connection closes after the response.
        case closing
    }

    let connection: Connection
    let server: HTTPServer
    private var phase = Phase.head
    private var input = ByteBuffer()
    /// Bytes of `input` that are dealt with, and, in a head, how far its end was looked for.
    private var inputOffset = 0
    private var searched = 0
    private var chunks = ChunkedDecoder()
    private var request = HTTP1Parser.Result()
    private var stream: ServerStream?
    private var phaseSince: Instant
    /// Something was received of the present head.
    private var isInHead = false
    private var served = 0

    /// Heads and interim responses, to be written before the stream's queue.
    private var control = ByteBuffer()
    private var isChunkedResponse = false
    private var isBodyless = false

    init(connection: Connection, server: HTTPServer) {
        self.connection = connection
        self.server = server
        phaseSince = server.loop.now
    }

    // MARK: Reading

    /// Enough waits already; more is read after the present response.
    var isFull: Bool { phase == .responding && input.count - inputOffset > server.limits.headerBytesMax }

    func receive(_ bytes: RawSpan) {
        guard phase != .closing else { return }
        input.append(bytes)
        process()
    }

    /// Takes from the input what can be taken.
    private func process() {
        var more = true
        while more, !connection.isClosed {
            switch phase {
            case .head: more = readHead()
            case .body(let left): more = readBody(left)
            case .chunked: more = readChunks()
            case .responding, .closing: more = false
            }
        }
        if inputOffset == input.count {
            input.removeAll(keepingCapacity: input.capacity <= 16 << 10)
            inputOffset = 0
            searched = 0
        } else if inputOffset > 64 << 10 {
            let rest = Bytes(copying: input.span._extracting(unchecked: inputOffset, count: input.count - inputOffset))
            input.removeAll()
            input.append(rest.span)
            searched = max(0, searched - inputOffset)
            inputOffset = 0
        }
    }

    private func readHead() -> Bool {
        // Empty lines before a request line are ignored (RFC 9112 §2.2).
        while inputOffset < input.count, !isInHead, isLineEnd(input.span.byte(at: inputOffset)) { inputOffset += 1 }
        guard inputOffset < input.count else { return false }
        if !isInHead {
            isInHead = true
            phaseSince = server.loop.now
            searched = inputOffset
            connection.arm()
        }
        guard let end = HTTP1Parser.headEnd(input.span, start: inputOffset, searched: searched) else {
            searched = input.count
            if input.count - inputOffset > server.limits.headerBytesMax { refuse(431, "request header fields too large") }
            return false
        }
        guard end - inputOffset <= server.limits.headerBytesMax else {
            refuse(431, "request header fields too large")
            return false
        }
        guard let stream = acquireStream() else { return false }
        do throws(HTTP1Parser.Failure) {
            let head = input.span._extracting(unchecked: inputOffset, count: end - inputOffset)
            request = try HTTP1Parser.parse(head, fieldsMax: server.limits.headerFieldsMax, into: &stream.head)
        } catch {
            refuse(error.status, error.text)
            return false
        }
        inputOffset = end
        isInHead = false
        return beginBody(stream)
    }

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    private func acquireStream() -> ServerStream? {
        if let stream { return stream }
        guard !server.isOverloaded, let stream = server.acquire(connection, id: 0) else {
            connection.close()
            return nil
        }
        stream.kind = .plain
        self.stream = stream
        return stream
    }

    private func beginBody(_ stream: ServerStream) -> Bool {
        phaseSince = server.loop.now
        if request.upgradesToHTTP2 { return upgrade(stream) }
        stream.isBodyStreamed = request.body != .length(0) && server.delegate.streamsBody(stream.head.text(stream.head.path))
        switch request.body {
        case .length(let length):
            guard stream.isBodyStreamed || length <= server.limits.bodyBytesMax else {
                refuse(413, "request body too large")
                return false
            }
            phase = .body(left: length)
            if length > 0, request.expectsContinue, inputOffset == input.count { sendContinue() }
        case .chunked:
            chunks = ChunkedDecoder()
            phase = .chunked
            if request.expectsContinue, inputOffset == input.count { sendContinue() }
        }
        connection.arm()
        guard stream.isBodyStreamed else { return true }
        server.didCall = true
        server.delegate.requestBegan(stream.handle, stream.head.request(body: Bytes(), isHTTP2: false))
        return phase != .responding
    }

    /// A piece of the body, to be kept or passed on. False when the rest of the request is of no interest any more.
    private func takeBody(_ stream: ServerStream, _ count: Int) -> Bool {
        if stream.isBodyStreamed {
            server.didCall = true
            server.delegate.requestBody(stream.handle, input.span._extracting(unchecked: inputOffset, count: count))
        } else {
            guard server.hold(stream, input.span._extracting(unchecked: inputOffset, count: count)) else { return false }
        }
        inputOffset += count
        return phase != .responding && !connection.isClosed
    }

    private func sendContinue() {
        control.append("HTTP/1.1 100 Continue\r\n\r\n")
        connection.needsFlush()
    }

    private func readBody(_ left: Int) -> Bool {
        guard let stream else { return false }
        let count = min(left, input.count - inputOffset)
        if count > 0 {
            phaseSince = server.loop.now
            guard takeBody(stream, count) else { return false }
        }
        phase = .body(left: left - count)
        guard count == left else { return false }
        dispatch(stream)
        return true
    }

    private func readChunks() -> Bool {
        guard let stream else { return false }
        while true {
            switch chunks.step(input.span, &inputOffset) {
            case .more:
                phaseSince = server.loop.now
                return false
            case .data(let count):
                guard stream.isBodyStreamed || stream.pending.count + count <= server.limits.bodyBytesMax else {
                    refuse(413, "request body too large")
                    return false
                }
                chunks.took(count)
                guard takeBody(stream, count) else { return false }
            case .end:
                dispatch(stream)
                return true
            case .malformed:
                refuse(400, "malformed chunked body")
                return false
            }
        }
    }

    private func dispatch(_ stream: ServerStream) {
        phase = .responding
        stream.remoteClosed = true
        server.didCall = true
        if stream.isBodyStreamed { return server.delegate.requestEnded(stream.handle) }
        let body = Bytes(copying: stream.pending.span)
        server.release(stream)
        server.delegate.request(stream.handle, stream.head.request(body: body, isHTTP2: false))
    }

    /// Answers a request that is not understood or too large; the connection cannot go on after it.
    private func refuse(_ status: Int, _ text: String) {
        guard let stream = acquireStream() else { return }
        request.keepAlive = false
        phase = .responding
        server.refuse(stream, status: status, text + "\n")
    }

    // MARK: Upgrade

    private func upgrade(_ stream: ServerStream) -> Bool {
        guard let settings = decodeBase64URL(request.http2Settings), let session = HTTP2Session(connection: connection, server: server)
        else {
            refuse(400, "malformed HTTP2-Settings")
            return false
        }
        control.append("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        connection.writeBeforeUpgrade(control.span)
        let rest = Bytes(copying: input.span._extracting(unchecked: inputOffset, count: input.count - inputOffset))
        self.stream = nil
        phase = .closing
        connection.upgrade(to: session)
        guard session.adoptUpgraded(stream, settings: settings) else {
            connection.close()
            return false
        }
        if !rest.isEmpty { unsafe rest.span.withUnsafeBytes { unsafe connection.receiveMore($0) } }
        return false
    }

    // MARK: Writing

    /// `length` nil: unknown, chunked for HTTP/1.1 and until the connection's end for 1.0.
    func beginResponse(_ stream: ServerStream, status: Int, headers: [(String, String)], length: Int?) {
        stream.headersSent = true
        if phase != .responding { request.keepAlive = false }
        if server.isDraining { request.keepAlive = false }
        isBodyless = status == 204 || status == 304 || stream.head.isHEAD
        isChunkedResponse = length == nil && !request.isVersion10 && !isBodyless
        if length == nil, request.isVersion10 { request.keepAlive = false }
        control.append("HTTP/1.1 \(status) \(reasonPhrase(status))\r\n")
        for (name, value) in headers { control.append("\(name): \(value)\r\n") }
        control.append("Date: \(server.date.text)\r\n")
        if let length, status != 204 { control.append("Content-Length: \(length)\r\n") }
        if isChunkedResponse { control.append("Transfer-Encoding: chunked\r\n") }
        if !request.keepAlive {
            control.append("Connection: close\r\n")
        } else if request.isVersion10 {
            control.append("Connection: keep-alive\r\n")
        }
        control.append("\r\n")
        phase = .responding
    }

    /// Appends to `server.output` what is ready, up to about `limit` bytes in all; goes on to the next request after a response.
    func encode(limit: Int) {
        while server.output.count < limit {
            if !control.isEmpty {
                server.output.append(control.span)
                control.removeAll(keepingCapacity: control.capacity <= 4096)
            }
            guard let stream, stream.headersSent else { return }
            if stream.queuedBytes > 0 { encodeBody(stream, limit: max(1, limit - server.output.count)) }
            guard stream.ended, stream.queuedBytes == 0 else {
                if stream.queuedBytes > 0 { continue }
                return
            }
            if isChunkedResponse { server.output.append("0\r\n\r\n") }
            endResponse(stream)
            guard phase == .head else { return }
            process()
        }
    }

    private func encodeBody(_ stream: ServerStream, limit: Int) {
        let count = min(stream.queuedBytes, limit)
        if isBodyless { return server.discardQueue(stream, count) }
        if isChunkedResponse { server.output.append(String(count, radix: 16) + "\r\n") }
        server.dequeue(stream, count)
        if isChunkedResponse { server.output.append("\r\n") }
    }

    private func endResponse(_ stream: ServerStream) {
        self.stream = nil
        server.close(stream)
        phaseSince = server.loop.now
        served += 1
        phase = request.keepAlive ? .head : .closing
        isInHead = false
        searched = inputOffset
        request = HTTP1Parser.Result()
        connection.arm()
    }

    var isFinished: Bool {
        (phase == .closing || (phase == .head && server.isDraining && !isInHead)) && control.isEmpty && stream == nil
    }

    // MARK: Time and end

    var deadline: Instant {
        let limits = server.limits
        return switch phase {
        case .head: phaseSince + (isInHead || served == 0 ? limits.headTimeout : limits.idleTimeout)
        case .body, .chunked: phaseSince + limits.bodyTimeout
        case .responding, .closing: .distantFuture
        }
    }

    func timedOut() {
        guard isInHead || phase != .head else { return connection.close() }
        refuse(408, "request timed out")
    }

    func closeStream() {
        guard let stream else { return }
        self.stream = nil
        server.close(stream)
    }
}
