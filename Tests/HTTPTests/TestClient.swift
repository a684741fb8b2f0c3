import CNGHTTP2
import TestSupport

/// The client's end of a connection: raw bytes out, HTTP/2 frames or text in. Makes frames by hand, so that it can also make wrong
/// ones.
@safe
final class TestClient {
    struct Frame: Equatable {
        var type: UInt8
        var flags: UInt8
        var stream: Int
        var payload: [UInt8]
        /// Decoded fields of HEADERS.
        var fields: [String: String] = [:]
        var endsStream: Bool { (type == 0 || type == 1) && flags & 1 != 0 }
        /// Of RST_STREAM (type 3), or of GOAWAY (type 7).
        var errorCode: UInt32 {
            let start = type == 7 ? 4 : 0
            return payload.count < start + 4 ? 0 : payload[start..<(start + 4)].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    private let socket: RawSocket
    private(set) var frames: [Frame] = []
    private var framed = 0
    private var inflater: OpaquePointer?

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    init(_ descriptor: Int32) {
        socket = RawSocket(descriptor)
        unsafe _ = nghttp2_hd_inflate_new(&inflater)
    }

    deinit { unsafe nghttp2_hd_inflate_del(inflater) }

    func close() { socket.close() }

    var descriptor: Int32 { socket.descriptor }
    /// Everything received, for HTTP/1 and before framing.
    var received: [UInt8] { socket.received }
    var text: String { socket.text }
    var isClosed: Bool { socket.isClosed }
    /// Stop reading, to stall the server.
    var isStalled: Bool {
        get { socket.isStalled }
        set { socket.isStalled = newValue }
    }

    func send(_ bytes: [UInt8]) {
        socket.send(bytes)
        parse()
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Writes and reads what the socket takes and gives.
    func pump() {
        socket.pump()
        parse()
    }

    // MARK: HTTP/2

    func startHTTP2(settings: [(UInt16, UInt32)] = []) {
        send(TestClient.preface + TestClient.settings(settings))
    }

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: Int, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        let size = length ?? payload.count
        return [UInt8(size >> 16 & 255), UInt8(size >> 8 & 255), UInt8(size & 255), type, flags] + big(UInt32(stream)) + payload
    }

    static func big(_ number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) } }

    static func settings(_ entries: [(UInt16, UInt32)]) -> [UInt8] {
        frame(4, stream: 0, entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + big($0.1) })
    }

    /// Header fields as literals without indexing, each at most 126 bytes long unless `long`.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + literal($0.0) + literal($0.1) }
    }

    private static func literal(_ text: String) -> [UInt8] {
        var count = text.utf8.count
        guard count >= 127 else { return [UInt8(count)] + Array(text.utf8) }
        var bytes: [UInt8] = [127]
        count -= 127
        while count >= 128 {
            bytes.append(UInt8(count & 127 | 128))
            count >>= 7
        }
        return bytes + [UInt8(count)] + Array(text.utf8)
    }

    static func head(_ path: String, _ extra: [(String, String)] = []) -> [(String, String)] {
        [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"), ("content-type", "application/grpc"),
            ("te", "trailers"),
        ] + extra
    }

    static func headers(_ stream: Int, _ fields: [(String, String)], end: Bool = false) -> [UInt8] {
        frame(1, flags: end ? 5 : 4, stream: stream, block(fields))
    }

    static func data(_ stream: Int, _ payload: [UInt8], end: Bool = false) -> [UInt8] {
        frame(0, flags: end ? 1 : 0, stream: stream, payload)
    }

    static func message(_ bytes: [UInt8], compressed: Bool = false) -> [UInt8] { [compressed ? 1 : 0] + big(UInt32(bytes.count)) + bytes }

    /// A whole unary call.
    static func call(_ stream: Int, _ path: String, _ bytes: [UInt8], _ extra: [(String, String)] = []) -> [UInt8] {
        headers(stream, head(path, extra)) + data(stream, message(bytes), end: true)
    }

    private func parse() {
        guard received.first == 0 else { return }
        while received.count - framed >= 9 {
            let header = received[framed..<(framed + 9)].map { Int($0) }
            let length = header[0] << 16 | header[1] << 8 | header[2]
            guard received.count - framed >= 9 + length else { return }
            let payload = Array(received[(framed + 9)..<(framed + 9 + length)])
            let stream = (header[5] & 127) << 24 | header[6] << 16 | header[7] << 8 | header[8]
            var frame = Frame(type: UInt8(header[3]), flags: UInt8(header[4]), stream: stream, payload: payload)
            if frame.type == 1 { frame.fields = decode(payload) }
            frames.append(frame)
            framed += 9 + length
        }
    }

    private func decode(_ block: [UInt8]) -> [String: String] {
        var fields: [String: String] = [:]
        var input = block
        var position = 0
        while true {
            var pair = unsafe nghttp2_nv()
            var flags: Int32 = 0
            let count = unsafe input.withUnsafeMutableBufferPointer { bytes in
                unsafe nghttp2_hd_inflate_hd(inflater, &pair, &flags, bytes.baseAddress! + position, bytes.count - position, 1)
            }
            guard count >= 0 else { return ["broken": "header block"] }
            position += count
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                let name = unsafe String(decoding: UnsafeBufferPointer(start: pair.name, count: pair.namelen), as: UTF8.self)
                unsafe fields[name] = String(decoding: UnsafeBufferPointer(start: pair.value, count: pair.valuelen), as: UTF8.self)
            }
            if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 { break }
        }
        unsafe _ = nghttp2_hd_inflate_end_headers(inflater)
        return fields
    }

    // MARK: What came for a stream

    func frames(_ stream: Int) -> [Frame] { frames.filter { $0.stream == stream } }
    func isEnded(_ stream: Int) -> Bool { frames(stream).contains { $0.endsStream || $0.type == 3 } }

    /// Data received on a stream, all frames together.
    func data(_ stream: Int) -> [UInt8] { frames(stream).filter { $0.type == 0 }.flatMap(\.payload) }

    /// The gRPC messages in it.
    func messages(_ stream: Int) -> [[UInt8]] {
        var rest = data(stream)[...]
        var messages: [[UInt8]] = []
        while rest.count >= 5 {
            let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard rest.count >= 5 + length else { break }
            messages.append(Array(rest.dropFirst(5).prefix(length)))
            rest = rest.dropFirst(5 + length)
        }
        return messages
    }

    /// grpc-status and grpc-message, from the last HEADERS.
    func status(_ stream: Int) -> (code: String?, message: String?) {
        let last = frames(stream).last { $0.type == 1 }
        return (last?.fields["grpc-status"], last?.fields["grpc-message"])
    }

    var goAway: Frame? { frames.last { $0.type == 7 } }
    func resets(_ stream: Int) -> [UInt32] { frames(stream).filter { $0.type == 3 }.map(\.errorCode) }
}
