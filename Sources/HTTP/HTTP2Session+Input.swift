import Base
import CNGHTTP2
import Platform

/// Requests as they arrive: header blocks, and gRPC messages across DATA frames.
extension HTTP2Session {
    /// False: refuse the stream.
    func beginHead(_ id: Int32) -> Bool {
        guard !server.isOverloaded, let stream = server.acquire(connection, id: id) else { return false }
        add(stream)
        setCurrent(stream)
        unsafe _ = nghttp2_session_set_stream_user_data(session, id, Unmanaged.passUnretained(stream).toOpaque())
        return true
    }

    func field(_ id: Int32, name: RawSpan, value: RawSpan) -> Bool {
        guard currentID == id, let current = unsafe current else { return true }
        return unsafe current._withUnsafeGuaranteedRef { stream in
            guard stream.kind == .head else { return true }
            guard stream.head.size + name.byteCount + value.byteCount + 32 <= server.limits.headerBytesMax,
                stream.head.fields.count < server.limits.headerFieldsMax
            else { return false }
            stream.head.add(name: name, value: value)
            return true
        }
    }

    func endHead(_ id: Int32, endsStream: Bool) {
        guard let stream = self.stream(id) else { return }
        if stream.kind == .head { begin(stream) }
        if endsStream { endInput(stream) }
    }

    func stream(_ id: Int32) -> ServerStream? {
        if currentID == id, let current = unsafe current { return unsafe current.takeUnretainedValue() }
        guard let pointer = unsafe nghttp2_session_get_stream_user_data(session, id) else { return nil }
        let stream = unsafe Unmanaged<ServerStream>.fromOpaque(pointer).takeUnretainedValue()
        setCurrent(stream)
        return stream
    }

    private func setCurrent(_ stream: ServerStream) {
        unsafe current = Unmanaged.passUnretained(stream)
        currentID = stream.id
    }

    /// The head is complete: decides what kind of request this is.
    private func begin(_ stream: ServerStream) {
        let content = stream.head.contentKind
        guard content != .other, stream.head.isPOST else {
            stream.kind = .plain
            return
        }
        guard content == .grpc else { return server.refuse(stream, status: 415, "unsupported content type\n") }
        stream.head.isGRPC = true
        if !stream.head.timeout.isEmpty {
            guard let timeout = parseGRPCTimeout(stream.head.span(stream.head.timeout)) else {
                return server.refuse(stream, code: GRPCCode.internal, "malformed grpc-timeout: \(stream.head.text(stream.head.timeout))")
            }
            server.setDeadline(stream, timeout)
        }
        switch server.delegate.route(stream.head.span(stream.head.path)) {
        case .unary(let method):
            stream.kind = .unary
            stream.method = method
        case .streaming(let method):
            stream.kind = .streaming
            stream.method = method
            server.didCall = true
            server.delegate.streamOpened(stream.handle, method: method, stream.head.metadata(deadline: stream.deadline))
        case .unimplemented:
            server.refuse(stream, code: GRPCCode.unimplemented, server.unimplementedText(stream.head.span(stream.head.path)))
        }
    }

    /// The request that asked for an upgrade to HTTP/2 becomes stream 1 (RFC 7540 §3.2). False when the settings are malformed.
    func adoptUpgraded(_ stream: ServerStream, settings: [UInt8]) -> Bool {
        let isHEAD: Int32 = stream.head.isHEAD ? 1 : 0
        let pointer = unsafe Unmanaged.passUnretained(stream).toOpaque()
        guard unsafe nghttp2_session_upgrade2(session, settings, settings.count, isHEAD, pointer) == 0 else {
            server.close(stream)
            return false
        }
        stream.id = 1
        add(stream)
        endInput(stream)
        return true
    }

    // MARK: Data

    func data(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard let stream = self.stream(id), !stream.ended else { return }
        switch stream.kind {
        case .unary: unsafe unaryData(stream, bytes)
        case .streaming: unsafe streamingData(stream, bytes)
        case .plain: unsafe plainData(stream, RawSpan(_unsafeBytes: bytes))
        case .head, .refused, .free: break
        }
    }

    private func unaryData(_ stream: ServerStream, _ bytes: UnsafeRawBufferPointer) {
        let span = unsafe RawSpan(_unsafeBytes: bytes)
        if stream.messageSeen { return refuseSecondMessage(stream) }
        if stream.pending.isEmpty, span.byteCount >= 5 {
            guard let size = messageSize(stream, span) else { return }
            if span.byteCount == size {
                unsafe stream.borrowed = bytes
                stream.messageSeen = true
                borrowers.append(stream)
                return
            }
            if span.byteCount > size { return refuseSecondMessage(stream) }
        }
        guard server.hold(stream, span) else { return }
        guard stream.pending.count >= 5, let size = messageSize(stream, stream.pending.span) else { return }
        if stream.pending.count > size { return refuseSecondMessage(stream) }
        stream.messageSeen = stream.pending.count == size
    }

    private func refuseSecondMessage(_ stream: ServerStream) {
        server.refuse(
            stream, code: GRPCCode.internal,
            "cardinality violation: received multiple request messages for non-client-streaming RPC")
    }

    private func streamingData(_ stream: ServerStream, _ bytes: UnsafeRawBufferPointer) {
        var rest = unsafe RawSpan(_unsafeBytes: bytes)
        while rest.byteCount > 0, !stream.ended {
            if !stream.pending.isEmpty {
                guard let taken = completePending(stream, rest) else { return }
                rest = rest._extracting(unchecked: taken, count: rest.byteCount - taken)
                continue
            }
            guard rest.byteCount >= 5 else {
                _ = server.hold(stream, rest)
                return
            }
            guard let size = messageSize(stream, rest) else { return }
            guard rest.byteCount >= size else {
                _ = server.hold(stream, rest)
                return
            }
            deliver(stream, rest._extracting(unchecked: 0, count: size))
            rest = rest._extracting(unchecked: size, count: rest.byteCount - size)
        }
    }

    /// Adds to the incomplete message what it lacks, and delivers it when complete. Returns the bytes used; nil when the call failed.
    private func completePending(_ stream: ServerStream, _ rest: RawSpan) -> Int? {
        let held = stream.pending.count
        var wanted = 5 - held
        if held >= 5 {
            guard let size = messageSize(stream, stream.pending.span) else { return nil }
            wanted = size - held
        }
        let taken = min(wanted, rest.byteCount)
        guard taken == 0 || server.hold(stream, rest._extracting(unchecked: 0, count: taken)) else { return nil }
        guard stream.pending.count >= 5 else { return taken }
        guard let size = messageSize(stream, stream.pending.span) else { return nil }
        guard stream.pending.count == size else { return taken }
        deliver(stream, stream.pending.span)
        server.release(stream)
        return taken
    }

    private func plainData(_ stream: ServerStream, _ bytes: RawSpan) {
        guard stream.pending.count + bytes.byteCount <= server.limits.bodyBytesMax else {
            return server.refuse(stream, status: 413, "request body too large\n")
        }
        _ = server.hold(stream, bytes)
    }

    /// Length with prefix of the message that begins here; nil when it is refused. Requires five bytes.
    private func messageSize(_ stream: ServerStream, _ bytes: RawSpan) -> Int? {
        let length = Int(bytes.loadBigEndian32(at: 1))
        let limit = server.limits.messageBytesMax
        if length > limit {
            server.refuse(
                stream, code: GRPCCode.resourceExhausted, "grpc: received message larger than max (\(length) vs. \(limit))")
            return nil
        }
        if bytes.byte(at: 0) > 1 {
            server.refuse(stream, code: GRPCCode.internal, "grpc: received unexpected payload format \(bytes.byte(at: 0))")
            return nil
        }
        return length + 5
    }

    // MARK: Delivery

    func endData(_ id: Int32) {
        if let stream = stream(id) { endInput(stream) }
    }

    /// The client will send no more.
    private func endInput(_ stream: ServerStream) {
        guard !stream.remoteClosed else { return }
        stream.remoteClosed = true
        guard !stream.ended else { return }
        switch stream.kind {
        case .unary: endUnary(stream)
        case .streaming:
            guard stream.pending.isEmpty else { return server.refuse(stream, code: GRPCCode.internal, "unexpected EOF") }
            server.didCall = true
            server.delegate.streamHalfClosed(stream.handle)
        case .plain:
            server.didCall = true
            let body = Bytes(copying: stream.pending.span)
            server.release(stream)
            server.delegate.request(stream.handle, stream.head.request(body: body, isHTTP2: true))
        case .head, .refused, .free: break
        }
    }

    private func endUnary(_ stream: ServerStream) {
        guard stream.messageSeen else {
            let text =
                stream.pending.isEmpty
                ? "cardinality violation: received no request message from non-client-streaming RPC" : "unexpected EOF"
            return server.refuse(stream, code: GRPCCode.internal, text)
        }
        if let bytes = unsafe stream.borrowed {
            unsafe stream.borrowed = nil
            if borrowers.last === stream { borrowers.removeLast() }
            unsafe deliver(stream, RawSpan(_unsafeBytes: bytes))
        } else {
            deliver(stream, stream.pending.span)
            server.release(stream)
        }
    }

    /// Hands a message (with prefix) to the delegate.
    private func deliver(_ stream: ServerStream, _ framed: RawSpan) {
        let message = framed._extracting(unchecked: 5, count: framed.byteCount - 5)
        if framed.byte(at: 0) == 0 { return hand(stream, message) }
        var plain = ByteBuffer()
        guard server.decompress(stream, message, into: &plain) else { return }
        hand(stream, plain.span)
    }

    private func hand(_ stream: ServerStream, _ message: RawSpan) {
        server.didCall = true
        if stream.kind == .unary {
            server.delegate.unary(stream.handle, method: stream.method, message: message, stream.head.metadata(deadline: stream.deadline))
        } else {
            server.delegate.streamMessage(stream.handle, message: message)
        }
    }

    /// Copies messages that still lie in the read buffer: their calls are not complete.
    func keepBorrowed() {
        for stream in borrowers {
            guard let bytes = unsafe stream.borrowed else { continue }
            unsafe stream.borrowed = nil
            unsafe _ = server.hold(stream, RawSpan(_unsafeBytes: bytes))
        }
        borrowers.removeAll(keepingCapacity: true)
    }
}
