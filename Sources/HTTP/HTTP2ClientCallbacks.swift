import Base
import CNGHTTP2

/// nghttp2's table of callbacks for a client's session. They only find the session object, which is the unretained user data,
/// and pass on.
@safe
final class HTTP2ClientCallbacks {
    let callbacks: OpaquePointer
    let options: OpaquePointer
    let readCallback: nghttp2_data_source_read_callback

    init() {
        var pointer: OpaquePointer?
        precondition(unsafe nghttp2_session_callbacks_new(&pointer) == 0, "out of memory")
        unsafe callbacks = pointer!
        precondition(unsafe nghttp2_option_new(&pointer) == 0, "out of memory")
        unsafe options = pointer!
        unsafe readCallback = { _, id, buffer, length, flags, _, user in
            unsafe HTTP2ClientCallbacks.session(user)._withUnsafeGuaranteedRef { session in
                unsafe session.takeOutgoing(id, buffer!, limit: length, flags: &flags!.pointee)
            }
        }
        // Calls say when they have room again; a paused one holds its server back.
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        set()
    }

    deinit {
        unsafe nghttp2_session_callbacks_del(callbacks)
        unsafe nghttp2_option_del(options)
    }

    @inline(__always)
    private static func session(_ user: UnsafeMutableRawPointer?) -> Unmanaged<HTTP2ClientSession> {
        unsafe Unmanaged<HTTP2ClientSession>.fromOpaque(user!)
    }

    private func set() {
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, frame, name, nameCount, value, valueCount, _, user in
            let id = unsafe frame!.pointee.hd.stream_id
            let name = unsafe RawSpan(_unsafeStart: name!, byteCount: nameCount)
            let value = unsafe RawSpan(_unsafeStart: value!, byteCount: valueCount)
            let accepted = unsafe HTTP2ClientCallbacks.session(user)._withUnsafeGuaranteedRef { $0.field(id, name, value) }
            return accepted ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, user in
            let chunk = unsafe RawSpan(_unsafeStart: bytes!, byteCount: count)
            unsafe HTTP2ClientCallbacks.session(user)._withUnsafeGuaranteedRef { $0.data(id, chunk) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            let header = unsafe frame!.pointee.hd
            unsafe HTTP2ClientCallbacks.session(user)._withUnsafeGuaranteedRef { session in
                session.frameReceived(type: header.type, flags: header.flags)
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, user in
            unsafe HTTP2ClientCallbacks.session(user)._withUnsafeGuaranteedRef { $0.streamClosed(id, code) }
            return 0
        }
    }
}
