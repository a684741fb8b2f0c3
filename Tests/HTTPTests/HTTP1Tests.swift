import Base
import HTTP
import Platform
import Testing

@Suite struct HTTP1Tests {
    private func exchange(_ text: String, _ change: (inout HTTPLimits) -> Void = { _ in }) throws -> (Fixture, TestClient) {
        let fixture = try Fixture(change)
        let client = try fixture.connect()
        client.send(text)
        return (fixture, client)
    }

    @Test func `a request is answered and the connection kept`() throws {
        let (fixture, client) = try exchange("GET /version?a=1&b HTTP/1.1\r\nHost: x\r\nX-Odd:  two words \r\n\r\n")
        #expect(fixture.run(client) { client.text.hasSuffix("\r\n\r\n") })
        let request = try #require(fixture.delegate.requests.first)
        #expect(request.method == "GET" && request.path == "/version" && request.query == "a=1&b" && request.host == "x")
        #expect(request.header("x-odd") == "two words" && !request.isHTTP2)
        #expect(client.text.hasPrefix("HTTP/1.1 200 OK\r\nX-Method: GET\r\nDate: ") && client.text.contains("\r\nContent-Length: 0\r\n"))
        client.send("GET /again HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(fixture.run(client) { fixture.delegate.requests.count == 2 })
    }

    @Test func `requests survive a split at every byte, and chunks are put together`() throws {
        let fixture = try Fixture()
        let text =
            "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=\"1\"\r\nhello\r\n00B\r\n, world and\r\n0\r\nTrailer: 1\r\n\r\n"
            + "PUT /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + "\r\nGET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        let bytes = Array(text.utf8)
        for split in 1..<bytes.count {
            fixture.delegate.requests.removeAll()
            let client = try fixture.connect()
            client.send(Array(bytes[..<split]))
            fixture.settle(client)
            client.send(Array(bytes[split...]))
            let closed = fixture.run(client) { client.isClosed }
            let bodies = fixture.delegate.requests.map { $0.path + $0.body.string }
            #expect(closed && bodies == ["/ahello, world and", "/babc", "/c"], "split at \(split)")
            #expect(client.text.components(of: "HTTP/1.1 200 OK") == 3, "split at \(split)")
        }
    }

    @Test(arguments: [
        ("BROKEN\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" + String(repeating: "x", count: 1100), 413),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("GET / HTTP/1.1\r\nHost: x\r\nLong: " + String(repeating: "x", count: 3000), 431),
        ("GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "a: b\r\n", count: 300) + "\r\n", 431), ("GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
    ])
    func `a bad request is refused with its status, and the connection closed`(_ text: String, _ status: Int) throws {
        let (fixture, client) = try exchange(text) {
            $0.bodyBytesMax = 1000
            $0.headerBytesMax = 2500
        }
        #expect(fixture.run(client) { client.isClosed })
        #expect(client.text.hasPrefix("HTTP/1.1 \(status) "))
        #expect(client.text.contains("Connection: close\r\n"))
        #expect(fixture.delegate.requests.isEmpty && fixture.server.streamCount == 0)
    }

    @Test func `pipelined requests are answered in order, also those answered later`() throws {
        let request = { (path: String) in "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" }
        let (fixture, client) = try exchange(request("/1") + request("/2") + request("/3"))
        fixture.delegate.answers = false
        for number in 1...3 {
            #expect(fixture.run(client) { fixture.delegate.requests.count == number })
            fixture.server.respond(try #require(fixture.delegate.lastHandle), status: 200, headers: [], body: Bytes("n\(number)"))
        }
        #expect(fixture.run(client) { client.text.hasSuffix("n3") })
        #expect(client.text.components(of: "HTTP/1.1 200 OK") == 3)
    }

    @Test func `HEAD has the length and no body, 204 has neither`() throws {
        let (fixture, client) = try exchange("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        fixture.delegate.answers = false
        #expect(fixture.run(client) { fixture.delegate.requests.count == 1 })
        fixture.server.respond(try #require(fixture.delegate.lastHandle), status: 200, headers: [], body: Bytes("four"))
        #expect(fixture.run(client) { client.text.hasSuffix("Content-Length: 4\r\n\r\n") })
        client.send("PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(fixture.run(client) { fixture.delegate.requests.count == 2 })
        fixture.server.respond(try #require(fixture.delegate.lastHandle), status: 204, headers: [], body: Bytes())
        #expect(fixture.run(client) { client.isClosed })
        #expect(client.text.contains("HTTP/1.1 204 No Content\r\n") && client.text.hasSuffix("GMT\r\nConnection: close\r\n\r\n"))
    }

    @Test func `a client that asks is told to continue`() throws {
        let (fixture, client) = try exchange("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(fixture.run(client) { client.text == "HTTP/1.1 100 Continue\r\n\r\n" })
        client.send("ok")
        #expect(fixture.run(client) { client.text.hasSuffix("ok") })
    }

    @Test func `a response of unknown length is chunked, and for HTTP/1.0 ends with the connection`() throws {
        let (fixture, client) = try exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        fixture.delegate.answers = false
        #expect(fixture.run(client) { fixture.delegate.requests.count == 1 })
        let stream = try #require(fixture.delegate.lastHandle)
        fixture.server.begin(stream, status: 200, headers: [])
        fixture.server.write(stream, body: Bytes("hello"))
        #expect(fixture.run(client) { client.text.hasSuffix("\r\n\r\n5\r\nhello\r\n") })
        fixture.server.write(stream, body: Bytes(String(repeating: "x", count: 300)))
        fixture.server.end(stream)
        #expect(fixture.run(client) { client.text.hasSuffix("x\r\n0\r\n\r\n") })
        let old = try fixture.connect()
        old.send("GET / HTTP/1.0\r\n\r\n")
        #expect(fixture.run(old) { fixture.delegate.requests.count == 2 })
        let second = try #require(fixture.delegate.lastHandle)
        fixture.server.begin(second, status: 200, headers: [])
        fixture.server.write(second, body: Bytes("bye"))
        fixture.server.end(second)
        #expect(fixture.run(old) { old.isClosed })
        #expect(old.text.hasSuffix("Connection: close\r\n\r\nbye"))
    }

    @Test func `a slow head is answered with 408, a slow body too, an idle connection is closed`() throws {
        let (fixture, client) = try exchange("GET / HTTP/1.1\r\nHo") {
            $0.headTimeout = .milliseconds(500)
            $0.bodyTimeout = .milliseconds(500)
            $0.idleTimeout = .milliseconds(500)
        }
        let body = try fixture.connect()
        body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        let idle = try fixture.connect()
        idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(fixture.run(client, body, idle) { client.isClosed && body.isClosed && idle.isClosed })
        #expect(client.text.hasPrefix("HTTP/1.1 408 ") && body.text.hasPrefix("HTTP/1.1 408 ") && idle.text.hasPrefix("HTTP/1.1 200 "))
    }

    /// An https endpoint given for an http listener: the client waited ten seconds for an answer to its hello.
    @Test func `a TLS client is let go at its first bytes`() throws {
        let fixture = try Fixture { $0.headTimeout = .seconds(600) }
        let client = try fixture.connect()
        client.send([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])
        #expect(fixture.run(client) { client.isClosed })
        #expect(client.received == [])
    }

    @Test func `a client that hangs up ends its request`() throws {
        let (fixture, client) = try exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        fixture.delegate.answers = false
        #expect(fixture.run(client) { fixture.delegate.requests.count == 1 })
        client.close()
        #expect(fixture.run { fixture.delegate.closed.count == 1 })
        fixture.server.respond(fixture.delegate.closed[0], status: 200, headers: [], body: Bytes("late"))
        fixture.settle()
    }

    @Test func `a connection is upgraded to HTTP/2 when asked`() throws {
        let (fixture, client) = try exchange(
            "GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
        #expect(fixture.run(client) { fixture.delegate.requests.count == 1 && client.received.count > 120 })
        #expect(fixture.delegate.requests[0].path == "/up")
        let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
        #expect(client.text.hasPrefix(head))
        // After the head: a SETTINGS frame of stream 0.
        let frames = client.received.dropFirst(head.utf8.count)
        #expect(frames.count > 9 && frames[frames.startIndex + 3] == 4)
        client.send(TestClient.preface + TestClient.settings([]) + TestClient.call(3, "/test.Echo/Unary", [1]))
        #expect(fixture.run(client) { fixture.delegate.unaries == [[1]] })
        let broken = try fixture.connect()
        broken.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: !!\r\n\r\n")
        #expect(fixture.run(broken) { broken.isClosed && broken.text.hasPrefix("HTTP/1.1 400 ") })
    }

    @Test func `plain requests over HTTP/2 reach the delegate with their body`() throws {
        let fixture = try Fixture { $0.bodyBytesMax = 100 }
        let client = try fixture.connect()
        client.startHTTP2()
        let head = [(":method", "PUT"), (":scheme", "http"), (":path", "/a?b"), (":authority", "me"), ("x-y", "z")]
        client.send(TestClient.headers(1, head) + TestClient.data(1, Array("bo".utf8)) + TestClient.data(1, Array("dy".utf8), end: true))
        client.send(TestClient.headers(3, head) + TestClient.data(3, [UInt8](repeating: 0, count: 101)))
        client.send(
            TestClient.headers(
                5, [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "me"), ("content-type", "application/grpc-web")],
                end: true))
        #expect(fixture.run(client) { client.isEnded(1) && client.isEnded(3) && client.isEnded(5) })
        let request = try #require(fixture.delegate.requests.first)
        #expect(request.isHTTP2 && request.host == "me" && request.target == "/a?b" && request.body.string == "body")
        #expect(client.data(1) == Array("body".utf8) && client.frames(1).first?.fields["x-method"] == "PUT")
        #expect(client.frames(3).first?.fields[":status"] == "413" && client.frames(5).first?.fields[":status"] == "415")
    }
}

extension String {
    /// How often `part` occurs.
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
