import Base
import CNGHTTP2

/// nghttp2's table of callbacks and its options, made once for each server. The callbacks only find the session object and
/// pass on; its user data is the unretained session, its streams' user data the unretained stream.
@safe
final class HTTP2Callbacks {
    let callbacks: OpaquePointer
    let options: OpaquePointer
    let blocks = HeaderBlocks()
    let memory = SessionMemory()
    let readCallback: nghttp2_data_source_read_callback

    init(_ limits: HTTPLimits) {
        var pointer: OpaquePointer?
        precondition(unsafe nghttp2_session_callbacks_new(&pointer) == 0, "out of memory")
        unsafe callbacks = pointer!
        precondition(unsafe nghttp2_option_new(&pointer) == 0, "out of memory")
        unsafe options = pointer!
        unsafe readCallback = { _, _, _, length, flags, source, user in
            let stream = unsafe Unmanaged<ServerStream>.fromOpaque(source!.pointee.ptr)
            return unsafe HTTP2Callbacks.session(user)._withUnsafeGuaranteedRef { session in
                unsafe stream._withUnsafeGuaranteedRef { stream in
                    unsafe session.nextData(stream, limit: length, flags: &flags!.pointee)
                }
            }
        }
        // Streams closed long ago are not remembered; priorities are not used.
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_server_fallback_rfc7540_priorities(options, 0)
        unsafe nghttp2_option_set_stream_reset_rate_limit(options, limits.resetBurst, limits.resetsPerSecond)
        setReceiving()
        setSending()
    }

    deinit {
        unsafe nghttp2_session_callbacks_del(callbacks)
        unsafe nghttp2_option_del(options)
    }

    @inline(__always)
    private static func session(_ user: UnsafeMutableRawPointer?) -> Unmanaged<HTTP2Session> {
        unsafe Unmanaged<HTTP2Session>.fromOpaque(user!)
    }

    private func setReceiving() {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { handle, frame, user in
            let frame = unsafe frame!.pointee
            guard unsafe frame.hd.type == NGHTTP2_HEADERS.rawValue, unsafe frame.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
            let accepted = unsafe HTTP2Callbacks.session(user)._withUnsafeGuaranteedRef { unsafe $0.beginHead(frame.hd.stream_id) }
            if !accepted {
                unsafe _ = nghttp2_submit_rst_stream(handle, 0, frame.hd.stream_id, NGHTTP2_REFUSED_STREAM.rawValue)
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, frame, name, nameCount, value, valueCount, _, user in
            let id = unsafe frame!.pointee.hd.stream_id
            let name = unsafe RawSpan(_unsafeStart: name!, byteCount: nameCount)
            let value = unsafe RawSpan(_unsafeStart: value!, byteCount: valueCount)
            let accepted = unsafe HTTP2Callbacks.session(user)._withUnsafeGuaranteedRef { $0.field(id, name: name, value: value) }
            return accepted ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, user in
            let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
            unsafe HTTP2Callbacks.session(user)._withUnsafeGuaranteedRef { unsafe $0.data(id, chunk) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            unsafe HTTP2Callbacks.session(user)._withUnsafeGuaranteedRef { unsafe $0.frameReceived(frame!) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { handle, id, _, user in
            guard let pointer = unsafe nghttp2_session_get_stream_user_data(handle, id) else { return 0 }
            let stream = unsafe Unmanaged<ServerStream>.fromOpaque(pointer)
            unsafe HTTP2Callbacks.session(user)._withUnsafeGuaranteedRef { session in
                unsafe stream._withUnsafeGuaranteedRef { session.streamClosed($0) }
            }
            return 0
        }
    }

    private func setSending() {
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, header, count, source, user in
            let stream = unsafe Unmanaged<ServerStream>.fromOpaque(source!.pointee.ptr)
            unsafe HTTP2Callbacks.session(user)._withUnsafeGuaranteedRef { session in
                unsafe stream._withUnsafeGuaranteedRef { unsafe session.sendData($0, header: header!, count: count) }
            }
            return 0
        }
    }
}

extension HTTP2Session {
    func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        let endsStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_DATA.rawValue: if endsStream { endData(header.stream_id) }
        case NGHTTP2_HEADERS.rawValue: endHead(header.stream_id, endsStream: endsStream)
        case NGHTTP2_PING.rawValue:
            unsafe pingReceived(isAck: header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0, payload: frame.pointee.ping.opaque_data)
        case NGHTTP2_SETTINGS.rawValue:
            if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { settingsReceived() }
        default: break
        }
    }

    func streamClosed(_ stream: ServerStream) {
        remove(stream)
        server.close(stream)
    }
}
