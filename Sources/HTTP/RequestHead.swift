import Base
import CSystem

/// The header fields of one request, in one buffer that is reused, and the positions of those that matter to the server.
struct RequestHead: ~Copyable {
    struct Field {
        var name: ByteRange
        var value: ByteRange
    }

    private(set) var bytes = ByteBuffer()
    private(set) var fields: [Field] = []
    /// Names, values and 32 for each field (RFC 9113 §6.5.2).
    private(set) var size = 0

    private(set) var method = ByteRange()
    private(set) var path = ByteRange()
    private(set) var authority = ByteRange()
    private(set) var contentType = ByteRange()
    private(set) var timeout = ByteRange()
    private(set) var encoding = ByteRange()
    private(set) var token = ByteRange()
    private(set) var authorization = ByteRange()
    private(set) var clientAPIVersion = ByteRange()
    private(set) var hasLeader = false
    var isGRPC = false

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1024)
        fields.removeAll(keepingCapacity: fields.capacity <= 64)
        size = 0
        method = ByteRange()
        path = ByteRange()
        authority = ByteRange()
        contentType = ByteRange()
        timeout = ByteRange()
        encoding = ByteRange()
        token = ByteRange()
        authorization = ByteRange()
        clientAPIVersion = ByteRange()
        hasLeader = false
        isGRPC = false
    }

    /// `name` must be in lower case.
    mutating func add(name: RawSpan, value: RawSpan) {
        let start = bytes.count
        bytes.append(name)
        bytes.append(value)
        let range = ByteRange(offset: start + name.byteCount, count: value.byteCount)
        fields.append(Field(name: ByteRange(offset: start, count: name.byteCount), value: range))
        size += name.byteCount + value.byteCount + 32
        recognise(name, value, range)
    }

    private mutating func recognise(_ name: RawSpan, _ value: RawSpan, _ range: ByteRange) {
        switch name.byteCount {
        case 5:
            if name.equals(":path") { path = range } else if name.equals("token") { token = range }
        case 7: if name.equals(":method") { method = range }
        case 9: if name.equals("hasleader") { hasLeader = value.equals("true") }
        case 10: if name.equals(":authority") { authority = range }
        case 4: if name.equals("host"), authority.isEmpty { authority = range }
        case 12:
            if name.equals("content-type") { contentType = range } else if name.equals("grpc-timeout") { timeout = range }
        case 13:
            if name.equals("grpc-encoding") { encoding = range } else if name.equals("authorization") { authorization = range }
        case 18: if name.equals("client-api-version") { clientAPIVersion = range }
        default: break
        }
    }

    @_lifetime(borrow self)
    func span(_ range: ByteRange) -> RawSpan { bytes.span.subscripted(range) }

    func text(_ range: ByteRange) -> String {
        let part = span(range)
        return unsafe part.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    func metadata(deadline: Instant?) -> CallMetadata {
        let base = unsafe bytes.span.withUnsafeBytes { unsafe $0 }
        return unsafe CallMetadata(
            deadline: deadline, hasLeader: hasLeader, base: base, token: token.isEmpty ? authorization : token,
            clientAPIVersion: clientAPIVersion)
    }

    /// `application/grpc`, alone or followed by `+codec` or parameters.
    enum ContentType { case grpc, unknownGRPC, other }

    var contentKind: ContentType {
        let value = span(contentType)
        guard value.byteCount >= 16, value._extracting(unchecked: 0, count: 16).equals("application/grpc") else { return .other }
        guard value.byteCount > 16 else { return .grpc }
        let next = value.byte(at: 16)
        return next == UInt8(ascii: "+") || next == UInt8(ascii: ";") || next == UInt8(ascii: " ") ? .grpc : .unknownGRPC
    }

    var isHEAD: Bool { span(method).equals("HEAD") }
    var isPOST: Bool { span(method).equals("POST") }

    func request(body: Bytes, isHTTP2: Bool) -> HTTPRequest {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(fields.count)
        for field in fields {
            let name = text(field.name)
            if !name.hasPrefix(":") { headers.append((name, text(field.value))) }
        }
        return HTTPRequest(
            method: text(method), target: text(path), headers: headers, body: body, isHTTP2: isHTTP2, host: text(authority))
    }
}

extension RawSpan {
    /// Whether the bytes are exactly this text.
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard byteCount == text.utf8CodeUnitCount else { return false }
        return unsafe withUnsafeBytes { unsafe memcmp($0.baseAddress!, text.utf8Start, text.utf8CodeUnitCount) == 0 }
    }
}
