import Base
import Testing

@testable import HTTP

@Suite struct HTTP1ParserTests {
    private func parse(_ text: String) throws -> HTTP1Parser.Result {
        var head = RequestHead()
        return unsafe try HTTP1Parser.parse(Array(text.utf8).span.bytes, fieldsMax: 8, into: &head)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("GET / FTP\r\nHost: a\r\n\r\n", 400), ("G\u{1}T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nx : 1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417),
        ("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "a: b\r\n", count: 9) + "\r\n", 431),
    ])
    func `a head that is wrong is refused with the status that says how`(_ text: String, _ status: Int) {
        #expect { try parse(text) } throws: { ($0 as? HTTP1Parser.Failure)?.status == status }
    }

    @Test func `connection options and body lengths are understood`() throws {
        #expect(try parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keepAlive)
        #expect(try !parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n").keepAlive)
        #expect(try !parse("GET / HTTP/1.0\r\n\r\n").keepAlive)
        #expect(try parse("POST / HTTP/1.1\nHost: a\nContent-Length: 12\n\n").body == .length(12))
        #expect(try parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n").body == .chunked)
    }
}
