import Base
import CSystem
import HTTP
import Platform
import Testing

/// The HTTP/1.1 client against our own server, and against servers that misbehave.
struct Client1Tests {
    /// Remembers what it was told.
    private final class Recorder: Client1Handler {
        var response: Client1Response?
        var body: [UInt8] = []
        var isEnded = false
        var failure: Client1Failure?
        var onWritable: (Client1Connection) -> Void = { _ in }
        var isDone: Bool { isEnded || failure != nil }

        func responseBegan(_ connection: Client1Connection, _ response: Client1Response) { self.response = response }
        func responseBody(_ connection: Client1Connection, _ bytes: RawSpan) {
            unsafe bytes.withUnsafeBytes { body += unsafe Array($0) }
        }
        func responseEnded(_ connection: Client1Connection) { isEnded = true }
        func failed(_ connection: Client1Connection, _ failure: Client1Failure) { self.failure = failure }
        func requestWritable(_ connection: Client1Connection) { onWritable(connection) }
    }

    /// A server of ours that listens, and a client on the same loop.
    private struct Setup {
        let fixture: Fixture
        let url: TransportURL
        let context: Client1Context

        init(_ change: (inout HTTPLimits) -> Void = { _ in }) throws {
            fixture = try Fixture(change)
            let listener = try Listener(.loopback(port: 0))
            try fixture.server.serve(listener)
            url = try TransportURL("http://\(listener.address)")
            context = Client1Context(fixture.loop)
        }

        func begin(_ request: Client1Request) -> (Client1Connection, Recorder) {
            let connection = Client1Connection(context, url: url)
            let recorder = Recorder()
            connection.begin(request, recorder)
            return (connection, recorder)
        }
    }

    @Test func `one connection carries one exchange after the other`() throws {
        let setup = try Setup()
        let (connection, first) = setup.begin(Client1Request("PUT", "/a", body: .bytes(Bytes("hello"))))
        #expect(setup.fixture.run { first.isEnded })
        #expect(first.response?.status == 200 && first.body == Array("hello".utf8) && first.response?.header("x-method") == "PUT")
        #expect(connection.isIdle)
        for method in ["GET", "HEAD", "POST"] {
            let next = Recorder()
            connection.begin(Client1Request(method, "/b?c=d", headers: [("X-Y", "z")]), next)
            #expect(setup.fixture.run { next.isEnded })
            #expect(next.response?.header("x-method") == method && next.body.isEmpty)
        }
        #expect(setup.fixture.server.connectionCount == 1 && setup.fixture.delegate.requests.count == 4)
        #expect(setup.fixture.delegate.requests[1].header("x-y") == "z" && setup.fixture.delegate.requests[1].host == setup.url.address)
    }

    @Test func `a response without end comes piece by piece until the server hangs up`() throws {
        let setup = try Setup()
        setup.fixture.delegate.answers = false
        let (_, recorder) = setup.begin(Client1Request("GET", "/stream"))
        #expect(setup.fixture.run { setup.fixture.delegate.requests.count == 1 })
        let stream = try #require(setup.fixture.delegate.lastHandle)
        setup.fixture.server.begin(stream, status: 200, headers: [("X-A", "b")])
        #expect(setup.fixture.run { recorder.response?.status == 200 })
        var sent: [UInt8] = []
        for size in [1, 100, 300_000, 7] {
            let piece = [UInt8](repeating: UInt8(size & 255), count: size)
            sent += piece
            setup.fixture.server.write(stream, body: Bytes(piece))
            #expect(setup.fixture.run { recorder.body == sent })
        }
        setup.fixture.server.abort(stream)
        #expect(setup.fixture.run { recorder.failure?.kind == .closed })
        #expect(setup.fixture.delegate.closed == [stream])
    }

    @Test func `a request's body of any size goes to a delegate that takes it in pieces`() throws {
        let setup = try Setup { $0.bodyBytesMax = 1000 }
        setup.fixture.delegate.streamed = "/upload"
        let piece = [UInt8](repeating: 5, count: 100_000)
        var pieces = 200
        let connection = Client1Connection(setup.context, url: setup.url)
        let recorder = Recorder()
        recorder.onWritable = { connection in
            #expect(connection.unsentBytes == 0)
            if pieces == 0 { return connection.finishBody() }
            pieces -= 1
            unsafe connection.write(piece.span.bytes)
        }
        connection.begin(Client1Request("POST", "/upload", body: .chunked), recorder)
        connection.write(Bytes("head").span)
        #expect(setup.fixture.run { setup.fixture.delegate.streamEnded.count == 1 })
        #expect(setup.fixture.delegate.streamedBytes == 4 + 200 * piece.count && setup.fixture.delegate.requests.isEmpty)
        setup.fixture.server.respond(setup.fixture.delegate.streamEnded[0], status: 204, headers: [], body: Bytes())
        #expect(setup.fixture.run { recorder.isEnded })
        #expect(recorder.response?.status == 204 && connection.isIdle)
        // Of a known length too; others are bounded as before.
        let (_, known) = setup.begin(Client1Request("POST", "/upload", body: .bytes(Bytes(piece))))
        #expect(setup.fixture.run { setup.fixture.delegate.streamEnded.count == 2 })
        setup.fixture.server.respond(setup.fixture.delegate.streamEnded[1], status: 200, headers: [], body: Bytes("ok"))
        #expect(setup.fixture.run { known.isEnded })
        let (_, refused) = setup.begin(Client1Request("POST", "/other", body: .bytes(Bytes(piece))))
        #expect(setup.fixture.run { refused.isDone })
        #expect(refused.response?.status == 413)
    }

    @Test func `a streamed body may be refused in the middle, or break off`() throws {
        let setup = try Setup()
        setup.fixture.delegate.streamed = "/upload"
        let (connection, recorder) = setup.begin(Client1Request("POST", "/upload", body: .chunked))
        connection.write(Bytes("part").span)
        #expect(setup.fixture.run { setup.fixture.delegate.streamedBytes == 4 })
        let stream = try #require(setup.fixture.delegate.lastHandle)
        setup.fixture.server.respond(stream, status: 412, headers: [], body: Bytes("no"))
        #expect(setup.fixture.run { recorder.isEnded })
        #expect(recorder.response?.status == 412 && recorder.body == Array("no".utf8) && connection.isClosed)
        #expect(setup.fixture.delegate.closed.isEmpty)
        let (second, _) = setup.begin(Client1Request("POST", "/upload", body: .chunked))
        second.write(Bytes("part").span)
        #expect(setup.fixture.run { setup.fixture.delegate.streamedBytes == 8 })
        second.close()
        #expect(setup.fixture.run { setup.fixture.delegate.closed.count == 1 })
        #expect(setup.fixture.delegate.streamEnded.isEmpty)
    }

    @Test func `a streamed body that stops coming is refused, and its taker hears of it`() throws {
        let setup = try Setup { $0.bodyTimeout = .milliseconds(30) }
        setup.fixture.delegate.streamed = "/upload"
        let (connection, recorder) = setup.begin(Client1Request("POST", "/upload", body: .chunked))
        connection.write(Bytes("part").span)
        #expect(setup.fixture.run { recorder.isDone && setup.fixture.delegate.closed.count == 1 })
        #expect(recorder.response?.status == 408)
    }

    // MARK: Other servers

    private func exchange(
        _ request: Client1Request = Client1Request("GET", "/"), answer: [UInt8]?, closes: Bool = false
    ) throws -> Recorder {
        let loop = try EventLoop()
        let listener = try Listener(.loopback(port: 0))
        let connection = Client1Connection(Client1Context(loop), url: try TransportURL("http://\(listener.address)"))
        let recorder = Recorder()
        connection.begin(request, recorder)
        var peer: TestClient?
        var isSent = false
        let limit = Clock.now + .seconds(60)
        while !recorder.isDone, Clock.now < limit {
            if peer == nil, case .connection(let descriptor) = listener.accept() { peer = TestClient(descriptor) }
            peer?.pump()
            if !isSent, let answer, let current = peer, current.text.hasSuffix("\r\n\r\n") || current.text.hasSuffix("body") {
                isSent = true
                current.send(answer)
                if closes { current.close() }
            }
            loop.turn(until: Clock.now + .milliseconds(1))
        }
        #expect(recorder.isDone)
        connection.close()
        return recorder
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"), ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, ""),
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"), ("HTTP/1.1 204 No Content\nServer: x\n\n", 204, ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, "x"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nTrailer: t\r\n\r\n", 200, "abc"),
    ]) func `a response is read, in whichever of the ways its end is told`(text: String, status: Int, body: String) throws {
        let recorder = try exchange(answer: Array(text.utf8), closes: true)
        #expect(recorder.failure == nil && recorder.response?.status == status && recorder.body == Array(body.utf8))
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/3.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 300) + "\r\n",
        "HTTP/1.1 200 OK\r\nA: " + String(repeating: "b", count: 70_000),
    ]) func `what is no response fails the exchange`(text: String) throws {
        #expect(try exchange(answer: Array(text.utf8)).failure?.kind == .malformed)
    }

    @Test func `a connection that ends too early fails the exchange`() throws {
        for text in ["", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"] {
            #expect(try exchange(answer: Array(text.utf8), closes: true).failure?.kind == .closed)
        }
    }

    @Test func `every wait of an exchange has its end`() throws {
        var slowHead = Client1Request("GET", "/")
        slowHead.headTimeout = .milliseconds(50)
        #expect(try exchange(slowHead, answer: nil).failure?.kind == .timedOut)
        var silent = Client1Request("GET", "/")
        silent.silenceTimeout = .milliseconds(50)
        let begun = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab".utf8)
        #expect(try exchange(silent, answer: begun).failure?.kind == .timedOut)
        var whole = Client1Request("GET", "/")
        whole.deadline = .milliseconds(50)
        #expect(try exchange(whole, answer: begun).failure?.kind == .timedOut)
        let blocked = [UInt8](repeating: 1, count: 30 << 20)
        var stalled = Client1Request("POST", "/", body: .bytes(Bytes(blocked)))
        stalled.stallTimeout = .milliseconds(50)
        // Nobody accepts, so nobody reads.
        let loop = try EventLoop()
        let listener = try Listener(.loopback(port: 0))
        let connection = Client1Connection(Client1Context(loop), url: try TransportURL("http://\(listener.address)"))
        let recorder = Recorder()
        connection.begin(stalled, recorder)
        let limit = Clock.now + .seconds(60)
        while !recorder.isDone, Clock.now < limit { loop.turn(until: Clock.now + .milliseconds(5)) }
        #expect(recorder.failure?.kind == .timedOut)
    }

    @Test func `a server that is not there is a failure to connect`() throws {
        let loop = try EventLoop()
        let address = try Listener(.loopback(port: 0)).address
        for url in ["http://\(address)", "unix:///nowhere/at/all.sock", "http://no-such-name.invalid:1"] {
            var limits = Client1Limits()
            limits.connectTimeout = .seconds(3)
            let connection = Client1Connection(Client1Context(loop, limits: limits), url: try TransportURL(url))
            let recorder = Recorder()
            connection.begin(Client1Request("GET", "/"), recorder)
            let limit = Clock.now + .seconds(60)
            while !recorder.isDone, Clock.now < limit { loop.turn(until: Clock.now + .milliseconds(5)) }
            #expect(recorder.failure?.kind == .connect || recorder.failure?.kind == .timedOut)
            #expect(connection.isClosed)
        }
    }
}
