import Base
import CNGHTTP2
import Platform

/// HTTP/2 on one connection from the client's side, by nghttp2: calls become streams, and nghttp2's callbacks calls of theirs.
///
/// Decides: settings, flow control, when the server wants no more calls. Loop's thread.
@safe
final class HTTP2ClientSession {
    // Strong; the cycle ends when the connection closes.
    let connection: GRPCClientConnection
    private let session: OpaquePointer
    private let callbacks = HTTP2ClientCallbacks()
    private var calls: [Int32: GRPCClientCall] = [:]
    /// The server has sent GOAWAY: open calls go on, no new ones.
    private(set) var isDraining = false
    private(set) var pingIsAnswered = true

    init?(_ connection: GRPCClientConnection) {
        self.connection = connection
        var pointer: OpaquePointer?
        guard unsafe nghttp2_session_client_new2(&pointer, callbacks.callbacks, nil, callbacks.options) == 0, let pointer = unsafe pointer
        else { return nil }
        unsafe session = pointer
        unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        let limits = connection.limits
        let entries = [
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(limits.streamWindowBytes)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(limits.headerBytesMax)),
        ]
        unsafe _ = nghttp2_submit_settings(session, 0, entries, entries.count)
        unsafe _ = nghttp2_session_set_local_window_size(session, 0, 0, limits.connectionWindowBytes)
    }

    deinit { unsafe nghttp2_session_del(session) }

    var openCalls: Int { calls.count }
    var isFinished: Bool { unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

    // MARK: Calls

    /// Nil when the session takes no more streams.
    func open(_ fields: [(String, String)], _ handler: any GRPCClientCallHandler) -> GRPCClientCall? {
        var provider = unsafe nghttp2_data_provider()
        unsafe provider.read_callback = callbacks.readCallback
        let id = unsafe HeaderBlocks.withFields(fields) { block, count in
            unsafe nghttp2_submit_request(session, nil, block, count, &provider, nil)
        }
        guard id > 0 else { return nil }
        let call = GRPCClientCall(self, id: id, handler: handler, messageBytesMax: connection.limits.messageBytesMax)
        calls[id] = call
        return call
    }

    func forget(_ id: Int32) {
        calls[id] = nil
        connection.callEnded()
    }

    func reset(_ id: Int32, _ code: nghttp2_error_code) {
        unsafe _ = nghttp2_submit_rst_stream(session, 0, id, code.rawValue)
        connection.needsFlush()
    }

    func resume(_ id: Int32) { unsafe _ = nghttp2_session_resume_data(session, id) }

    /// Lets the server send `count` more bytes on a stream.
    func consume(_ id: Int32, _ count: Int) {
        unsafe _ = nghttp2_session_consume_stream(session, id, count)
        connection.needsFlush()
    }

    /// The connection is gone: every open call ends.
    func endAll(_ reason: String) {
        let open = calls.sorted { $0.key < $1.key }
        calls = [:]
        for (_, call) in open { call.connectionLost(reason) }
    }

    // MARK: Receiving

    /// False when the connection is beyond repair.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe nghttp2_session_mem_recv(session, bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), bytes.count) >= 0
    }

    func field(_ id: Int32, _ name: RawSpan, _ value: RawSpan) -> Bool {
        calls[id]?.field(name, value, bytesMax: connection.limits.headerBytesMax) ?? true
    }

    func data(_ id: Int32, _ bytes: RawSpan) {
        unsafe _ = nghttp2_session_consume_connection(session, bytes.byteCount)
        let room = calls[id]?.data(bytes) ?? bytes.byteCount
        if room > 0 { unsafe _ = nghttp2_session_consume_stream(session, id, room) }
    }

    func frameReceived(type: UInt8, flags: UInt8) {
        switch UInt32(type) {
        case NGHTTP2_SETTINGS.rawValue: connection.established()
        case NGHTTP2_PING.rawValue: if flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 { pingIsAnswered = true }
        case NGHTTP2_GOAWAY.rawValue:
            guard !isDraining else { return }
            isDraining = true
            connection.startedDraining()
        default: break
        }
    }

    func streamClosed(_ id: Int32, _ code: UInt32) {
        guard let call = calls.removeValue(forKey: id) else { return }
        call.streamClosed(code)
        connection.callEnded()
    }

    // MARK: Sending

    func takeOutgoing(_ id: Int32, _ buffer: UnsafeMutablePointer<UInt8>, limit: Int, flags: inout UInt32) -> Int {
        guard let call = calls[id] else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        return unsafe call.takeOutgoing(buffer, limit: limit, flags: &flags)
    }

    func sendPing() {
        pingIsAnswered = false
        unsafe _ = nghttp2_submit_ping(session, 0, HTTP2Session.keepalivePayload)
    }

    func goAway() {
        unsafe _ = nghttp2_submit_goaway(session, 0, 0, NGHTTP2_NO_ERROR.rawValue, nil, 0)
    }

    /// Appends frames to `output` until nothing is left or it holds `limit` bytes. False when the session failed.
    func encode(into output: inout ByteBuffer, limit: Int) -> Bool {
        while output.count < limit {
            var bytes: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &bytes)
            if count < 0 { return false }
            guard count > 0, let bytes = unsafe bytes else { return true }
            unsafe output.append(RawSpan(_unsafeStart: bytes, byteCount: count))
        }
        return true
    }
}
