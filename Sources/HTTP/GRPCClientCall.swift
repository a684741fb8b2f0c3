import Base
import CNGHTTP2
import CSystem
import Platform

/// Told what becomes of a call, on the loop's thread.
package protocol GRPCClientCallHandler: AnyObject {
    /// A whole message from the server.
    func received(_ message: Bytes, on call: GRPCClientCall)
    /// The call is over; nothing follows. Not called after `cancel`.
    func ended(_ status: GRPCStatus, on call: GRPCClientCall)
}

/// One call of a method on a server, unary or streaming, from the client's side.
///
/// Decides: message framing both ways, the status that the caller sees, the deadline. Leaves frames to `HTTP2ClientSession`.
/// Loop's thread. (gRPC over HTTP/2, PROTOCOL-HTTP2.md)
package final class GRPCClientCall: TimerHandler {
    /// Nil once the call is over.
    private weak var session: HTTP2ClientSession?
    let id: Int32
    private let handler: any GRPCClientCallHandler
    private let messageBytesMax: Int

    // Sending. Framed bytes that nghttp2 has not taken yet begin at `outgoingStart`.
    private var outgoing = ByteBuffer()
    private var outgoingStart = 0
    private var isHalfClosed = false
    /// nghttp2 asked for data and there was none: it asks again only after a resume.
    private var isDeferred = false
    /// Part of the request has been handed to the connection.
    private(set) var wasSent = false

    // Receiving.
    private var incoming = ByteBuffer()
    private var httpStatus = 0
    private var contentType = ""
    private var grpcStatus: Int?
    private var grpcMessage = ""
    private var headerBytes = 0
    /// Bytes that the handler has not given room for again, see `isPaused`.
    private var withheldBytes = 0
    private var timer = TimerID.none

    init(_ session: HTTP2ClientSession, id: Int32, handler: any GRPCClientCallHandler, messageBytesMax: Int) {
        self.session = session
        self.id = id
        self.handler = handler
        self.messageBytesMax = messageBytesMax
    }

    package var isOver: Bool { session == nil }
    /// Bytes accepted by `send` and not handed to the connection yet.
    package var unsentBytes: Int { outgoing.count - outgoingStart }

    // MARK: The caller's side

    /// Queues a message. Does nothing when the call is over or closed for sending.
    package func send(_ message: Bytes) {
        guard let session, !isHalfClosed else { return }
        queue(message.span)
        resume(session)
    }

    /// No more messages from this side.
    package func closeSend() {
        guard let session, !isHalfClosed else { return }
        isHalfClosed = true
        resume(session)
    }

    /// Ends the call without a word to the handler.
    package func cancel() {
        guard let session else { return }
        finish()
        session.reset(id, NGHTTP2_CANCEL)
        session.forget(id)
    }

    /// While true the server is given no room to send more than one window.
    package var isPaused = false {
        didSet {
            guard oldValue, !isPaused, withheldBytes > 0, let session else { return }
            session.consume(id, withheldBytes)
            withheldBytes = 0
        }
    }

    func queue(_ message: RawSpan) {
        outgoing.reserve(5 + message.byteCount)
        outgoing.append(0)
        outgoing.append(bigEndian: UInt32(truncatingIfNeeded: message.byteCount))
        outgoing.append(message)
    }

    func endQueue() { isHalfClosed = true }

    private func resume(_ session: HTTP2ClientSession) {
        if isDeferred {
            isDeferred = false
            session.resume(id)
        }
        session.connection.needsFlush()
    }

    /// The deadline also goes to the server, as a header field; here it ends the call whether or not the server answers.
    func arm(_ loop: EventLoop, _ deadline: Instant) { timer = loop.schedule(deadline, self) }

    package func timerFired(_ tag: UInt64, now: Instant) {
        end(GRPCStatus(code: GRPCCode.deadlineExceeded, message: "context deadline exceeded", mayHaveRun: wasSent))
    }

    // MARK: nghttp2's side

    /// Moves bytes to send into `buffer`.
    func takeOutgoing(_ buffer: UnsafeMutablePointer<UInt8>, limit: Int, flags: inout UInt32) -> Int {
        let count = min(limit, unsentBytes)
        if count == 0, !isHalfClosed {
            isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        wasSent = true
        if count > 0 {
            unsafe GRPCClientCall.copy(outgoing.span._extracting(unchecked: outgoingStart, count: count), to: buffer)
        }
        outgoingStart += count
        if outgoingStart == outgoing.count {
            outgoing.removeAll(keepingCapacity: outgoing.capacity <= 64 << 10)
            outgoingStart = 0
            if isHalfClosed { flags = NGHTTP2_DATA_FLAG_EOF.rawValue }
        }
        return count
    }

    private static func copy(_ bytes: RawSpan, to destination: UnsafeMutablePointer<UInt8>) {
        unsafe bytes.withUnsafeBytes { source in
            unsafe _ = memcpy(destination, source.baseAddress!, source.count)
        }
    }

    /// False when the response's head is larger than allowed.
    func field(_ name: RawSpan, _ value: RawSpan, bytesMax: Int) -> Bool {
        headerBytes += name.byteCount + value.byteCount
        guard headerBytes <= bytesMax else { return false }
        switch String(decoding: name.array, as: UTF8.self) {
        case ":status": httpStatus = Int(String(decoding: value.array, as: UTF8.self)) ?? 0
        case "content-type": contentType = String(decoding: value.array, as: UTF8.self)
        case "grpc-status": grpcStatus = Int(String(decoding: value.array, as: UTF8.self)) ?? GRPCCode.unknown
        case "grpc-message": grpcMessage = percentDecoded(value)
        default: break
        }
        return true
    }

    /// A piece of the response's body. Returns how many bytes the server may send anew.
    func data(_ bytes: RawSpan) -> Int {
        guard isGRPC, session != nil else { return bytes.byteCount }
        incoming.append(bytes)
        takeMessages()
        guard isPaused, session != nil else { return bytes.byteCount }
        withheldBytes += bytes.byteCount
        return 0
    }

    private var isGRPC: Bool { httpStatus == 200 && contentType.hasPrefix("application/grpc") }

    private func takeMessages() {
        var start = 0
        while incoming.count - start >= 5, session != nil {
            let flag = incoming.span.byte(at: start)
            let size = Int(incoming.span.loadBigEndian32(at: start + 1))
            guard flag == 0 else {
                return end(GRPCStatus(code: GRPCCode.internal, message: "grpc: compressed message, but no compression was offered"))
            }
            guard size <= messageBytesMax else {
                let text = "grpc: received message larger than max (\(size) vs. \(messageBytesMax))"
                return end(GRPCStatus(code: GRPCCode.resourceExhausted, message: text))
            }
            guard incoming.count - start >= 5 + size else {
                if start == 0 { incoming.reserve(5 + size - incoming.count) }
                break
            }
            if start == 0, incoming.count == 5 + size {
                let block = incoming.freeze()
                return handler.received(Bytes(block, offset: 5, count: size), on: self)
            }
            let message = Bytes(copying: incoming.span._extracting(unchecked: start + 5, count: size))
            start += 5 + size
            handler.received(message, on: self)
        }
        guard start > 0 else { return }
        var rest = ByteBuffer(capacity: incoming.count - start)
        rest.append(incoming.span._extracting(unchecked: start, count: incoming.count - start))
        incoming = rest
    }

    // MARK: Ending

    /// Ends the call from this side and tells the handler.
    package func end(_ status: GRPCStatus) {
        guard let session else { return }
        finish()
        session.reset(id, NGHTTP2_CANCEL)
        session.forget(id)
        handler.ended(status, on: self)
    }

    /// The stream is closed: by its end, or by a reset with `code`.
    func streamClosed(_ code: UInt32) {
        guard session != nil else { return }
        finish()
        handler.ended(status(closedWith: code), on: self)
    }

    /// The connection is gone.
    func connectionLost(_ reason: String) {
        guard session != nil else { return }
        finish()
        if let grpcStatus, incoming.isEmpty { return handler.ended(GRPCStatus(code: grpcStatus, message: grpcMessage), on: self) }
        handler.ended(GRPCStatus(code: GRPCCode.unavailable, message: reason, mayHaveRun: wasSent), on: self)
    }

    private func finish() {
        session?.connection.loop.cancel(timer)
        session = nil
    }

    private func status(closedWith code: UInt32) -> GRPCStatus {
        if let grpcStatus {
            if grpcStatus == GRPCCode.ok, !incoming.isEmpty {
                return GRPCStatus(code: GRPCCode.internal, message: "unexpected EOF")
            }
            return GRPCStatus(code: grpcStatus, message: grpcMessage)
        }
        if code != NGHTTP2_NO_ERROR.rawValue { return reset(code) }
        guard httpStatus == 200 else {
            return GRPCStatus(
                code: GRPCClientCall.code(httpStatus: httpStatus), message: "unexpected HTTP status code received from server: \(httpStatus)")
        }
        guard isGRPC else {
            return GRPCStatus(code: GRPCCode.unknown, message: "transport: received unexpected content-type \"\(contentType)\"")
        }
        return GRPCStatus(code: GRPCCode.internal, message: "server closed the stream without sending trailers")
    }

    /// PROTOCOL-HTTP2.md, "Errors". A refused stream was not looked at (RFC 9113 §8.7); one past a GOAWAY's last stream neither,
    /// and nghttp2 closes those with the same code.
    private func reset(_ code: UInt32) -> GRPCStatus {
        let text = "stream terminated by RST_STREAM with error code: "
        return switch code {
        case NGHTTP2_REFUSED_STREAM.rawValue:
            GRPCStatus(code: GRPCCode.unavailable, message: text + "REFUSED_STREAM", mayHaveRun: false)
        case NGHTTP2_CANCEL.rawValue: GRPCStatus(code: GRPCCode.cancelled, message: text + "CANCEL")
        case NGHTTP2_ENHANCE_YOUR_CALM.rawValue: GRPCStatus(code: GRPCCode.resourceExhausted, message: text + "ENHANCE_YOUR_CALM")
        case NGHTTP2_INADEQUATE_SECURITY.rawValue:
            GRPCStatus(code: GRPCCode.permissionDenied, message: text + "INADEQUATE_SECURITY")
        default: GRPCStatus(code: GRPCCode.internal, message: unsafe text + String(cString: nghttp2_http2_strerror(code)))
        }
    }

    /// http-grpc-status-mapping.md
    private static func code(httpStatus: Int) -> Int {
        switch httpStatus {
        case 400: GRPCCode.internal
        case 401: GRPCCode.unauthenticated
        case 403: GRPCCode.permissionDenied
        case 404: GRPCCode.unimplemented
        case 429, 502, 503, 504: GRPCCode.unavailable
        default: GRPCCode.unknown
        }
    }
}

/// The text that a grpc-message stands for: %XX are bytes; what is no such pair stays as it is.
func percentDecoded(_ value: RawSpan) -> String {
    var bytes: [UInt8] = []
    var position = 0
    while position < value.byteCount {
        let byte = value.byte(at: position)
        if byte == UInt8(ascii: "%"), position + 2 < value.byteCount,
            let high = hexDigit(value.byte(at: position + 1)), let low = hexDigit(value.byte(at: position + 2))
        {
            bytes.append(high << 4 | low)
            position += 3
        } else {
            bytes.append(byte)
            position += 1
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
}
