import Base

/// Reads one HTTP/1 request head from bytes that hold all of it (RFC 9112). Strict where leniency helps smuggling: no folded
/// lines, no blank before the colon, one meaning for the body's length.
struct HTTP1Parser {
    enum Body: Equatable {
        case length(Int)
        case chunked
    }

    struct Failure: Error, Equatable {
        var status: Int
        var text: String
    }

    /// What the head says beyond its fields.
    struct Result: Equatable {
        var body = Body.length(0)
        var keepAlive = true
        var isVersion10 = false
        var expectsContinue = false
        var upgradesToHTTP2 = false
        var http2Settings = ""
    }

    private var result = Result()
    private var contentLength: Int?
    private var transferEncoding = ""
    private var connection = ""
    private var upgrade = ""
    private var hosts = 0

    /// Position after the empty line that ends the head which begins at `start`; nil when it is not there yet. `searched`: where the
    /// last search ended.
    static func headEnd(_ bytes: RawSpan, start: Int, searched: Int) -> Int? {
        var index = max(start, searched - 3)
        while index < bytes.byteCount {
            defer { index += 1 }
            guard bytes.byte(at: index) == UInt8(ascii: "\n"), index + 1 < bytes.byteCount else { continue }
            if bytes.byte(at: index + 1) == UInt8(ascii: "\n") { return index + 2 }
            if bytes.byte(at: index + 1) == UInt8(ascii: "\r"), index + 2 < bytes.byteCount,
                bytes.byte(at: index + 2) == UInt8(ascii: "\n")
            {
                return index + 3
            }
        }
        return nil
    }

    static func parse(_ bytes: RawSpan, fieldsMax: Int, into head: inout RequestHead) throws(Failure) -> Result {
        var parser = HTTP1Parser()
        var position = 0
        guard let first = line(bytes, &position) else { throw bad("malformed request line") }
        try parser.requestLine(first, &head)
        while let next = line(bytes, &position), next.byteCount > 0 {
            guard head.fields.count < fieldsMax else { throw Failure(status: 431, text: "too many header fields") }
            try parser.field(next, &head)
        }
        return try parser.concluded()
    }

    static func bad(_ text: String) -> Failure { Failure(status: 400, text: text) }

    @_lifetime(copy bytes)
    private static func line(_ bytes: RawSpan, _ position: inout Int) -> RawSpan? {
        let start = position
        while position < bytes.byteCount {
            defer { position += 1 }
            guard bytes.byte(at: position) == UInt8(ascii: "\n") else { continue }
            let hasReturn = position > start && bytes.byte(at: position - 1) == UInt8(ascii: "\r")
            return bytes._extracting(unchecked: start, count: position - start - (hasReturn ? 1 : 0))
        }
        return nil
    }

    private mutating func requestLine(_ line: RawSpan, _ head: inout RequestHead) throws(Failure) {
        var spaces: [Int] = []
        for index in 0..<line.byteCount {
            let byte = line.byte(at: index)
            if byte == UInt8(ascii: " ") {
                spaces.append(index)
            } else if byte < 0x21 || byte == 0x7F {
                throw HTTP1Parser.bad("malformed request line")
            }
        }
        guard spaces.count == 2, spaces[0] > 0, spaces[1] > spaces[0] + 1 else { throw HTTP1Parser.bad("malformed request line") }
        let method = line._extracting(unchecked: 0, count: spaces[0])
        let target = line._extracting(unchecked: spaces[0] + 1, count: spaces[1] - spaces[0] - 1)
        let version = line._extracting(unchecked: spaces[1] + 1, count: line.byteCount - spaces[1] - 1)
        for index in 0..<method.byteCount where !isTokenByte(method.byte(at: index)) { throw HTTP1Parser.bad("malformed method") }
        if version.equals("HTTP/1.0") {
            result.isVersion10 = true
            result.keepAlive = false
        } else if !version.equals("HTTP/1.1") {
            let isHTTP = version.byteCount >= 5 && version._extracting(unchecked: 0, count: 5).equals("HTTP/")
            throw isHTTP ? Failure(status: 505, text: "unsupported protocol version") : HTTP1Parser.bad("malformed HTTP version")
        }
        HTTP1Parser.add(":method", method, &head)
        HTTP1Parser.add(":path", HTTP1Parser.originForm(target), &head)
    }

    private static func add(_ name: StaticString, _ value: RawSpan, _ head: inout RequestHead) {
        let bytes = unsafe RawSpan(_unsafeStart: name.utf8Start, byteCount: name.utf8CodeUnitCount)
        head.add(name: bytes, value: value)
    }

    /// The path of an absolute target ("http://host/path"); other targets as they are.
    @_lifetime(copy target)
    private static func originForm(_ target: RawSpan) -> RawSpan {
        guard target.byteCount > 8, target.byte(at: 0) != UInt8(ascii: "/"), target._extracting(unchecked: 0, count: 4).equals("http")
        else { return target }
        var index = 8
        while index < target.byteCount, target.byte(at: index) != UInt8(ascii: "/") { index += 1 }
        return index < target.byteCount ? target._extracting(unchecked: index, count: target.byteCount - index) : target
    }

    private mutating func field(_ line: RawSpan, _ head: inout RequestHead) throws(Failure) {
        var name: [UInt8] = []
        var colon = 0
        while colon < line.byteCount, line.byte(at: colon) != UInt8(ascii: ":") {
            let byte = line.byte(at: colon)
            guard isTokenByte(byte) else { throw HTTP1Parser.bad("malformed header field name") }
            name.append(byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte)
            colon += 1
        }
        guard colon > 0, colon < line.byteCount else { throw HTTP1Parser.bad("malformed header field") }
        var start = colon + 1
        var end = line.byteCount
        while start < end, isBlank(line.byte(at: start)) { start += 1 }
        while end > start, isBlank(line.byte(at: end - 1)) { end -= 1 }
        let value = line._extracting(unchecked: start, count: end - start)
        for index in 0..<value.byteCount {
            let byte = value.byte(at: index)
            if (byte < 0x20 && byte != UInt8(ascii: "\t")) || byte == 0x7F { throw HTTP1Parser.bad("malformed header field value") }
        }
        unsafe head.add(name: name.span.bytes, value: value)
        try note(name, value)
    }

    private mutating func note(_ name: [UInt8], _ value: RawSpan) throws(Failure) {
        switch String(decoding: name, as: UTF8.self) {
        case "content-length":
            guard let length = HTTP1Parser.number(value) else { throw HTTP1Parser.bad("malformed Content-Length") }
            guard contentLength == nil || contentLength == length else { throw HTTP1Parser.bad("contradicting Content-Length") }
            contentLength = length
        case "transfer-encoding": transferEncoding += (transferEncoding.isEmpty ? "" : ",") + text(value)
        case "connection": connection += (connection.isEmpty ? "" : ",") + text(value)
        case "upgrade": upgrade = text(value)
        case "http2-settings": result.http2Settings = String(decoding: value.array, as: UTF8.self)
        case "host": hosts += 1
        case "expect":
            guard text(value) == "100-continue" else { throw Failure(status: 417, text: "unknown expectation") }
            result.expectsContinue = true
        default: break
        }
    }

    private func text(_ value: RawSpan) -> String { String(decoding: value.array, as: UTF8.self).lowercased() }

    private static func number(_ value: RawSpan) -> Int? {
        guard value.byteCount > 0, value.byteCount <= 18 else { return nil }
        var number = 0
        for index in 0..<value.byteCount {
            let digit = value.byte(at: index) &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    private mutating func concluded() throws(Failure) -> Result {
        guard hosts == 1 || (hosts == 0 && result.isVersion10) else {
            throw HTTP1Parser.bad(hosts == 0 ? "missing required Host header" : "too many Host headers")
        }
        if !transferEncoding.isEmpty {
            guard contentLength == nil, !result.isVersion10 else { throw HTTP1Parser.bad("both Transfer-Encoding and Content-Length") }
            guard transferEncoding == "chunked" else { throw Failure(status: 501, text: "unsupported transfer encoding") }
            result.body = .chunked
        } else {
            result.body = .length(contentLength ?? 0)
        }
        let options = connection.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        if options.contains("close") { result.keepAlive = false } else if options.contains("keep-alive") { result.keepAlive = true }
        result.upgradesToHTTP2 =
            upgrade == "h2c" && options.contains("upgrade") && options.contains("http2-settings")
            && result.body == .length(0) && !result.isVersion10
        return result
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

/// RFC 9110 §5.6.2.
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
        UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
        UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
        true
    default: false
    }
}
