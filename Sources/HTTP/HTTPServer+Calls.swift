import Base
import CNGHTTP2
import Platform

/// How the delegate, or the server itself, answers calls.
extension HTTPServer {
    // MARK: gRPC

    /// Answers a unary call with its one message and status OK.
    package func respond(_ stream: StreamHandle, message: Bytes) {
        guard let stream = self.stream(stream), !stream.ended else { return }
        if let waiting = stream.connection?.queuedBytes, waiting > limits.connectionAnswerBytesMax {
            let text = "\(waiting) bytes of answers wait to be read on this connection; read them, or ask for less at a time"
            return end(stream, code: GRPCCode.resourceExhausted, message: text)
        }
        stream.ended = true
        guard let (connection, session) = grpc(stream) else { return }
        enqueue(stream, connection, Outgoing(head: message, shared: nil, prefixed: true))
        if stream.headersSent { session.resume(stream) } else { session.submitGRPCHead(stream) }
        connection.needsFlush()
    }

    /// Ends a call with an error. What is queued is sent before it.
    package func fail(_ stream: StreamHandle, code: Int, message: String) {
        guard let stream = self.stream(stream), !stream.ended else { return }
        end(stream, code: code, message: message)
    }

    /// Ends a streaming call after what is queued.
    package func finish(_ stream: StreamHandle, code: Int = GRPCCode.ok, message: String = "") {
        guard let stream = self.stream(stream), !stream.ended else { return }
        end(stream, code: code, message: message)
    }

    /// Queues a message of a streaming call. Returns the stream's queued bytes; above `streamHighWater`, wait for `streamWritable`.
    @discardableResult
    package func send(_ stream: StreamHandle, message: Bytes) -> Int {
        queue(stream, Outgoing(head: message, shared: nil, prefixed: true))
    }

    /// The same for one message made of two parts, of which the second may be shared by many streams.
    @discardableResult
    package func send(_ stream: StreamHandle, head: Bytes, shared: Bytes) -> Int {
        queue(stream, Outgoing(head: head, shared: shared, prefixed: true))
    }

    /// Queued bytes of the stream; 0 when it is over.
    package func queuedBytes(_ stream: StreamHandle) -> Int { self.stream(stream)?.queuedBytes ?? 0 }

    private func queue(_ handle: StreamHandle, _ piece: consuming Outgoing) -> Int {
        guard let stream = self.stream(handle), !stream.ended, let (connection, session) = grpc(stream) else { return 0 }
        enqueue(stream, connection, piece)
        if stream.headersSent { session.resume(stream) } else { session.submitGRPCHead(stream) }
        connection.needsFlush()
        return stream.queuedBytes
    }

    private func grpc(_ stream: ServerStream) -> (Connection, HTTP2Session)? {
        guard let connection = stream.connection, case .http2(let session) = connection.state else { return nil }
        cancelDeadline(stream)
        return (connection, session)
    }

    private func end(_ stream: ServerStream, code: Int, message: String, extra: [(String, String)] = []) {
        stream.ended = true
        guard let connection = stream.connection else { return }
        guard stream.head.isGRPC, case .http2(let session) = connection.state else {
            let body = Bytes(message + "\n")
            return respondPlain(stream, connection, status: 500, headers: [("content-type", "text/plain; charset=utf-8")], body: body)
        }
        cancelDeadline(stream)
        if stream.headersSent {
            stream.statusCode = code
            stream.statusMessage = message
            session.resume(stream)
        } else if code == 0 {
            session.submitGRPCHead(stream)
        } else {
            session.submitTrailersOnly(stream, code: code, message: message, extra: extra)
        }
        connection.needsFlush()
    }

    // MARK: The server's own answers

    /// Ends a call that the delegate has not ended, and tells it if it knows of the call.
    func refuse(_ stream: ServerStream, code: Int, _ message: String, extra: [(String, String)] = []) {
        guard !stream.ended else { return }
        let isKnown = stream.kind == .streaming
        stream.kind = .refused
        end(stream, code: code, message: message, extra: extra)
        guard isKnown else { return }
        didCall = true
        delegate.streamClosed(stream.handle)
    }

    func refuse(_ stream: ServerStream, status: Int, _ text: String) {
        guard !stream.ended, let connection = stream.connection else { return }
        let isKnown = stream.isBodyStreamed
        stream.kind = .refused
        stream.ended = true
        respondPlain(stream, connection, status: status, headers: [("content-type", "text/plain; charset=utf-8")], body: Bytes(text))
        guard isKnown else { return }
        didCall = true
        delegate.streamClosed(stream.handle)
    }

    /// grpc-go's texts for a path that leads nowhere (errors.tsv, grpc-raw).
    func unimplementedText(_ path: RawSpan) -> String {
        let bytes = path.array
        guard bytes.first == UInt8(ascii: "/"), let slash = bytes.lastIndex(of: UInt8(ascii: "/")), slash > 0 else {
            return "malformed method name: \"\(String(decoding: bytes, as: UTF8.self))\""
        }
        let service = String(decoding: bytes[1..<slash], as: UTF8.self)
        guard delegate.hasService(path._extracting(unchecked: 1, count: slash - 1)) else { return "unknown service \(service)" }
        return "unknown method \(String(decoding: bytes[(slash + 1)...], as: UTF8.self)) for service \(service)"
    }

    /// Undoes a message's compression. False when that failed: the call is refused.
    func decompress(_ stream: ServerStream, _ message: RawSpan, into plain: inout ByteBuffer) -> Bool {
        let encoding = stream.head.text(stream.head.encoding)
        guard encoding == "gzip" else {
            let isNone = encoding.isEmpty || encoding == "identity"
            refuse(
                stream, code: isNone ? GRPCCode.internal : GRPCCode.unimplemented,
                isNone
                    ? "grpc: compressed flag set with identity or empty encoding"
                    : "grpc: Decompressor is not installed for grpc-encoding \"\(encoding)\"",
                extra: isNone ? [] : [("grpc-accept-encoding", "gzip")])
            return false
        }
        do {
            try Gzip.decompress(message, limit: limits.messageBytesMax, into: &plain)
            return true
        } catch .tooLong {
            let limit = limits.messageBytesMax
            refuse(
                stream, code: GRPCCode.resourceExhausted,
                "grpc: received message after decompression larger than max (\(plain.count) vs. \(limit))")
        } catch {
            refuse(stream, code: GRPCCode.internal, "grpc: failed to decompress the received message: gzip: invalid data")
        }
        return false
    }

    // MARK: Deadlines

    func setDeadline(_ stream: ServerStream, _ timeout: Interval) {
        let deadline = loop.now + timeout
        stream.deadline = deadline
        stream.timer = loop.schedule(deadline, self, tag: stream.handle.rawValue)
    }

    private func cancelDeadline(_ stream: ServerStream) {
        guard stream.ended, stream.timer != .none else { return }
        loop.cancel(stream.timer)
        stream.timer = .none
    }

    func deadlinePassed(_ handle: StreamHandle) {
        guard let stream = self.stream(handle) else { return }
        stream.timer = .none
        guard !stream.ended, let connection = stream.connection, case .http2(let session) = connection.state else { return }
        let isKnown = stream.kind == .streaming || (stream.kind == .unary && stream.remoteClosed)
        stream.kind = .refused
        if stream.queuedBytes > 0 {
            // The client does not read: a status would wait behind the data.
            stream.ended = true
            session.reset(stream, NGHTTP2_CANCEL)
        } else {
            end(stream, code: GRPCCode.deadlineExceeded, message: "context deadline exceeded")
        }
        guard isKnown else { return }
        didCall = true
        delegate.streamClosed(handle)
    }

    // MARK: Plain HTTP

    /// Answers a plain request at once. Content-Length is added.
    package func respond(_ stream: StreamHandle, status: Int, headers: [(String, String)], body: Bytes) {
        guard let stream = self.stream(stream), !stream.ended, let connection = stream.connection else { return }
        stream.ended = true
        respondPlain(stream, connection, status: status, headers: headers, body: body)
    }

    /// Begins a response of unknown length; `write` adds to it and `end` ends it.
    package func begin(_ stream: StreamHandle, status: Int, headers: [(String, String)]) {
        guard let stream = self.stream(stream), !stream.ended, !stream.headersSent, let connection = stream.connection else { return }
        date.update()
        switch connection.state {
        case .http2(let session):
            session.submitPlainHead(stream, status: status, headers: headers + [("date", date.text)], hasBody: true)
        case .http1(let session): session.beginResponse(stream, status: status, headers: headers, length: nil)
        case .sniffing, .closed: return
        }
        connection.needsFlush()
    }

    /// Returns the stream's queued bytes; above `streamHighWater`, wait for `streamWritable`.
    @discardableResult
    package func write(_ stream: StreamHandle, body: Bytes) -> Int {
        guard let stream = self.stream(stream), !stream.ended, stream.headersSent, let connection = stream.connection else { return 0 }
        guard !body.isEmpty else { return stream.queuedBytes }
        enqueue(stream, connection, Outgoing(head: body, shared: nil, prefixed: false))
        if case .http2(let session) = connection.state { session.resume(stream) }
        connection.needsFlush()
        return stream.queuedBytes
    }

    package func end(_ stream: StreamHandle) {
        guard let stream = self.stream(stream), !stream.ended, stream.headersSent, let connection = stream.connection else { return }
        stream.ended = true
        if case .http2(let session) = connection.state { session.resume(stream) }
        connection.needsFlush()
    }

    /// Breaks the connection off after what is queued, without ending the response. For HTTP/1.
    package func abort(_ stream: StreamHandle) {
        guard let connection = self.stream(stream)?.connection else { return }
        connection.closeAfterFlush = true
        connection.needsFlush()
    }

    /// Closes the connection of a stream at once, with whatever waits in it. The delegate is told of the connection's streams.
    package func cut(_ stream: StreamHandle) { self.stream(stream)?.connection?.close() }

    func respondPlain(
        _ stream: ServerStream, _ connection: Connection, status: Int, headers: [(String, String)], body: Bytes
    ) {
        date.update()
        let isHEAD = stream.head.isHEAD
        switch connection.state {
        case .http2(let session):
            let sendsBody = !isHEAD && !body.isEmpty
            stream.head.isGRPC = false
            if sendsBody { enqueue(stream, connection, Outgoing(head: body, shared: nil, prefixed: false)) }
            let all = headers + [("date", date.text)] + (status == 204 ? [] : [("content-length", String(body.count))])
            session.submitPlainHead(stream, status: status, headers: all, hasBody: sendsBody)
        case .http1(let session):
            session.beginResponse(stream, status: status, headers: headers, length: body.count)
            if !isHEAD, !body.isEmpty { enqueue(stream, connection, Outgoing(head: body, shared: nil, prefixed: false)) }
        case .sniffing, .closed: return
        }
        connection.needsFlush()
    }
}
