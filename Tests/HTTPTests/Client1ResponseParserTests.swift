import Base
import Testing

@testable import HTTP

@Suite struct Client1ResponseParserTests {
    private func parse(_ head: String) throws(Client1Failure) -> Client1ResponseParser {
        try Client1ResponseParser(Bytes(head).span, isHEAD: false, fieldsMax: 100)
    }

    /// CR LF is one character of Swift's text, so that a head cut at line feeds was one line, and every answer lasted until
    /// the server closed the connection.
    @Test(arguments: ["\r\n", "\n"]) func `header fields are found`(_ end: String) throws {
        let head = ["HTTP/1.1 200 OK", "Content-Type: text/plain", "Content-Length: \t3 ", "", ""].joined(separator: end)
        let parser = try parse(head)
        #expect(parser.body == .length(3) && parser.keepAlive && parser.response.status == 200)
        #expect(parser.response.headers.map(\.name) == ["content-type", "content-length"])
    }

    @Test func `what ends a body is decided by its fields`() throws {
        #expect(try parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").body == .chunked)
        #expect(try parse("HTTP/1.1 204 No Content\r\n\r\n").body == .length(0))
        let untilClose = try parse("HTTP/1.1 200 OK\r\n\r\n")
        #expect(untilClose.body == .untilClose && !untilClose.keepAlive)
        #expect(try parse("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n").keepAlive == false)
    }

    @Test(arguments: ["HTTP/2 200 OK", "HTTP/1.1 abc", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2", "HTTP/1.1 200 OK\r\n: x"])
    func `a malformed head is an error`(_ head: String) {
        #expect(throws: Client1Failure.self) { try parse(head + "\r\n\r\n") }
    }
}
