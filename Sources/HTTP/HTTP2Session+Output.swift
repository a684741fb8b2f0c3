import Base
import CNGHTTP2
import Platform

/// Responses: submitted when the delegate answers, encoded when the connection is flushed.
extension HTTP2Session {
    // MARK: Submitting

    /// The head of a gRPC response and whatever the stream's queue will hold.
    func submitGRPCHead(_ stream: ServerStream) {
        stream.headersSent = true
        pingIsFree = true
        var provider = unsafe provider(stream)
        let head = unsafe server.http2.blocks.responseHead
        unsafe check(nghttp2_submit_response(session, stream.id, head.baseAddress, head.count, &provider), stream)
    }

    /// A gRPC response without any message: status in the head.
    func submitTrailersOnly(_ stream: ServerStream, code: Int, message: String, extra: [(String, String)] = []) {
        stream.headersSent = true
        pingIsFree = true
        var fields = [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", String(code))]
        if !message.isEmpty { fields.append(("grpc-message", percentEncodedStatus(message))) }
        let result = unsafe HeaderBlocks.withFields(fields + extra) { block, count in
            unsafe nghttp2_submit_response(session, stream.id, block, count, nil)
        }
        check(result, stream)
        resetIfOpen(stream)
    }

    func submitPlainHead(_ stream: ServerStream, status: Int, headers: [(String, String)], hasBody: Bool) {
        stream.headersSent = true
        pingIsFree = true
        var fields = [(":status", String(status))]
        for (name, value) in headers { fields.append((name.lowercased(), value)) }
        var provider = unsafe provider(stream)
        let result = unsafe HeaderBlocks.withFields(fields) { block, count in
            unsafe nghttp2_submit_response(session, stream.id, block, count, hasBody ? withUnsafePointer(to: &provider) { unsafe $0 } : nil)
        }
        check(result, stream)
        if !hasBody { resetIfOpen(stream) }
    }

    /// More was queued, or the response has ended.
    func resume(_ stream: ServerStream) {
        guard stream.deferred else { return }
        stream.deferred = false
        unsafe _ = nghttp2_session_resume_data(session, stream.id)
    }

    private func provider(_ stream: ServerStream) -> nghttp2_data_provider {
        var provider = unsafe nghttp2_data_provider()
        unsafe provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
        unsafe provider.read_callback = server.http2.readCallback
        return unsafe provider
    }

    /// A response that nghttp2 refuses (the stream is closing) leaves nothing to do; out of memory ends the stream.
    private func check(_ result: Int32, _ stream: ServerStream) {
        if result == NGHTTP2_ERR_NOMEM.rawValue { reset(stream, NGHTTP2_INTERNAL_ERROR) }
    }

    /// After the end of the response, tells a client that still sends to stop (RFC 9113 §8.1). Submitted now, the reset would
    /// overtake the response.
    private func resetIfOpen(_ stream: ServerStream) {
        if !stream.remoteClosed { endedEarly.append(stream.handle) }
    }

    /// True when there is something to send again.
    private func resetEndedEarly() -> Bool {
        guard !endedEarly.isEmpty else { return false }
        for handle in endedEarly {
            guard let stream = server.stream(handle), !stream.remoteClosed else { continue }
            unsafe _ = nghttp2_submit_rst_stream(session, 0, stream.id, NGHTTP2_NO_ERROR.rawValue)
        }
        endedEarly.removeAll(keepingCapacity: true)
        return true
    }

    // MARK: Encoding

    /// Appends frames to `server.output` until nothing is left or it holds `limit` bytes. False when the session failed.
    func encode(limit: Int) -> Bool {
        while server.output.count < limit {
            var bytes: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &bytes)
            if count < 0 { return false }
            guard count > 0, let bytes = unsafe bytes else {
                if resetEndedEarly() { continue }
                return true
            }
            unsafe server.output.append(RawSpan(_unsafeStart: bytes, byteCount: count))
        }
        return true
    }

    /// How many bytes the next DATA frame takes; sets `flags`.
    func nextData(_ stream: ServerStream, limit: Int, flags: inout UInt32) -> Int {
        let count = min(limit, stream.queuedBytes)
        let isLast = stream.ended && count == stream.queuedBytes
        if count == 0, !isLast {
            stream.deferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        flags = NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        guard isLast else { return count }
        flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if stream.head.isGRPC {
            flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            submitTrailers(stream)
        }
        resetIfOpen(stream)
        return count
    }

    private func submitTrailers(_ stream: ServerStream) {
        if stream.statusCode == 0 {
            let trailers = unsafe server.http2.blocks.okTrailers
            unsafe _ = nghttp2_submit_trailer(session, stream.id, trailers.baseAddress, trailers.count)
            return
        }
        let fields = [("grpc-status", String(stream.statusCode)), ("grpc-message", percentEncodedStatus(stream.statusMessage))]
        _ = unsafe HeaderBlocks.withFields(fields) { block, count in unsafe nghttp2_submit_trailer(session, stream.id, block, count) }
    }

    /// Writes a DATA frame's header and payload.
    func sendData(_ stream: ServerStream, header: UnsafePointer<UInt8>, count: Int) {
        unsafe server.output.append(RawSpan(_unsafeStart: header, byteCount: 9))
        if count > 0 { server.dequeue(stream, count) }
        pingIsFree = true
    }
}
