import Base

/// Reads one response head from bytes that hold all of it (RFC 9112 §4, §6.3).
struct Client1ResponseParser {
    enum Body: Equatable {
        case length(Int)
        case chunked
        case untilClose
    }

    var response = Client1Response(status: 0, headers: [])
    var body = Body.untilClose
    var keepAlive = true

    init(_ bytes: RawSpan, isHEAD: Bool, fieldsMax: Int) throws(Client1Failure) {
        // A head of at most some KiB, once per exchange: text is good enough. Lines are cut as bytes: to Swift's text CR LF is
        // one character, which no line feed equals.
        let lines = bytes.array.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { line in Substring(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self) }
        try readStatus(lines[0])
        var length: Int?
        var coding = ""
        for line in lines.dropFirst() where !line.isEmpty {
            guard response.headers.count < fieldsMax else { throw Client1ResponseParser.malformed("too many header fields") }
            let (name, value) = try Client1ResponseParser.field(line)
            response.headers.append((name, value))
            switch name {
            case "content-length":
                guard let number = Int(value), number >= 0, length == nil || length == number else {
                    throw Client1ResponseParser.malformed("Content-Length \(value)")
                }
                length = number
            case "transfer-encoding": coding += (coding.isEmpty ? "" : ",") + value.lowercased()
            case "connection":
                let options = value.lowercased().split(separator: ",").map { $0.filter { $0 != " " } }
                if options.contains("close") { keepAlive = false }
            default: break
            }
        }
        try decideBody(length, coding, isHEAD: isHEAD)
    }

    private mutating func decideBody(_ length: Int?, _ coding: String, isHEAD: Bool) throws(Client1Failure) {
        if isHEAD || response.status == 204 || response.status == 304 || response.status < 200 {
            body = .length(0)
        } else if !coding.isEmpty {
            guard coding == "chunked" else { throw Client1ResponseParser.malformed("transfer encoding \(coding)") }
            body = .chunked
        } else if let length {
            body = .length(length)
        } else {
            body = .untilClose
            keepAlive = false
        }
    }

    private mutating func readStatus(_ line: Substring) throws(Client1Failure) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].count == 3, let status = Int(parts[1]),
            status >= 100
        else { throw Client1ResponseParser.malformed("status line \"\(line.prefix(64))\"") }
        response.status = status
        if parts[0] == "HTTP/1.0" { keepAlive = false }
    }

    private static func field(_ line: Substring) throws(Client1Failure) -> (String, String) {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            throw malformed("header field \"\(line.prefix(64))\"")
        }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        let trimmed = value.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
        return (line[..<colon].lowercased(), String(trimmed))
    }

    static func malformed(_ what: String) -> Client1Failure { Client1Failure(.malformed, "malformed HTTP response: \(what)") }
}
