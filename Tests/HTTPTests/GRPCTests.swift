import Base
import HTTP
import Platform
import Testing

@Suite struct GRPCTests {
    private let unary = "/test.Echo/Unary"
    private let streaming = "/test.Echo/Stream"

    @Test func `a unary call is answered with its message and status OK`() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.call(1, unary, Array("hello".utf8), [("token", "secret"), ("hasleader", "true")]))
        #expect(fixture.run(client) { client.isEnded(1) })
        #expect(client.messages(1) == [Array("hello".utf8)])
        #expect(client.frames(1).first?.fields == [":status": "200", "content-type": "application/grpc"])
        #expect(client.status(1).code == "0")
        #expect(fixture.delegate.tokens == ["secret"])
        #expect(fixture.delegate.turns > 0 && fixture.delegate.closed.isEmpty)
    }

    @Test func `calls survive a split of the input at every byte`() throws {
        let fixture = try Fixture()
        let bytes =
            TestClient.preface + TestClient.settings([]) + TestClient.call(1, unary, Array("abc".utf8))
            + TestClient.headers(3, TestClient.head(streaming)) + TestClient.data(3, TestClient.message([1, 2]) + [0, 0])
            + TestClient.data(3, [0, 0, 3, 7]) + TestClient.data(3, [8, 9] + TestClient.message([]), end: true)
        for split in 1..<bytes.count {
            let client = try fixture.connect()
            client.send(Array(bytes[..<split]))
            fixture.settle(client)
            client.send(Array(bytes[split...]))
            let done = fixture.run(client) { client.isEnded(1) && client.isEnded(3) }
            #expect(done, "split at \(split)")
            #expect(client.messages(1) == [Array("abc".utf8)] && client.status(1).code == "0", "split at \(split)")
            #expect(client.messages(3) == [[1, 2], [7, 8, 9], []] && client.status(3).code == "0", "split at \(split)")
            client.close()
        }
    }

    @Test func `a call arriving byte by byte is understood`() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        for byte in TestClient.preface + TestClient.settings([]) + TestClient.call(1, unary, [1, 2, 3]) {
            client.send([byte])
            fixture.loop.turn(until: Clock.now)
        }
        #expect(fixture.run(client) { client.isEnded(1) })
        #expect(client.messages(1) == [[1, 2, 3]])
    }

    @Test func `an answer given later, in another turn, arrives`() throws {
        let fixture = try Fixture()
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.call(1, unary, [9]) + TestClient.call(3, unary, [8]))
        #expect(fixture.run(client) { fixture.delegate.unaries.count == 2 })
        let handle = try #require(fixture.delegate.lastHandle)
        fixture.server.fail(handle, code: GRPCCode.invalidArgument, message: "etcdserver: key % is\nnot provided")
        fixture.server.respond(handle, message: Bytes("too late"))
        #expect(fixture.run(client) { client.isEnded(3) })
        #expect(client.status(3) == ("3", "etcdserver: key %25 is%0Anot provided"))
        #expect(!client.isEnded(1))
    }

    @Test(arguments: [
        ("/test.Echo/Nope", "12", "unknown method Nope for service test.Echo"), ("/test.Other/Unary", "12", "unknown service test.Other"),
        ("/nothing", "12", "malformed method name: \"/nothing\""),
    ])
    func `an unknown method is unimplemented, with grpc-go's text`(_ path: String, _ code: String, _ text: String) throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.call(1, path, [1]))
        #expect(fixture.run(client) { client.isEnded(1) })
        #expect(client.status(1) == (code, text))
        #expect(client.frames(1).count { $0.type == 1 } == 1, "trailers only")
    }

    @Test func `a message above the limit is refused by its length, before it arrives`() throws {
        let fixture = try Fixture { $0.messageBytesMax = 100 }
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.headers(1, TestClient.head(unary)) + TestClient.data(1, [0] + TestClient.big(0xFFFF_FFFF)))
        client.send(TestClient.headers(3, TestClient.head(streaming)) + TestClient.data(3, [0] + TestClient.big(101) + [1, 2]))
        client.send(TestClient.call(5, unary, [UInt8](repeating: 1, count: 100)))
        #expect(fixture.run(client) { client.isEnded(1) && client.isEnded(3) && client.isEnded(5) })
        #expect(client.status(1) == ("8", "grpc: received message larger than max (4294967295 vs. 100)"))
        #expect(client.status(3) == ("8", "grpc: received message larger than max (101 vs. 100)"))
        #expect(client.status(5).code == "0")
        #expect(client.resets(1) == [0], "the client is told to stop sending")
        #expect(fixture.delegate.closed == fixture.delegate.opened)
    }

    @Test func `no message, two messages, and half a message of a unary call are internal errors`() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.headers(1, TestClient.head(unary), end: true))
        client.send(TestClient.headers(3, TestClient.head(unary)) + TestClient.data(3, TestClient.message([1]) + TestClient.message([2]), end: true))
        client.send(TestClient.headers(5, TestClient.head(unary)) + TestClient.data(5, TestClient.message([1])))
        client.send(TestClient.data(5, TestClient.message([2]), end: true))
        client.send(TestClient.headers(7, TestClient.head(unary)) + TestClient.data(7, [0, 0, 0, 0, 9, 1], end: true))
        client.send(TestClient.headers(9, TestClient.head(unary)) + TestClient.data(9, [7, 0, 0, 0, 1, 1], end: true))
        client.send(
            TestClient.headers(11, TestClient.head(unary)) + TestClient.data(11, TestClient.message([1])) + TestClient.data(11, [], end: true))
        #expect(fixture.run(client) { [1, 3, 5, 7, 9, 11].allSatisfy { client.isEnded($0) } })
        for stream in [1, 3, 5, 7, 9] { #expect(client.status(stream).code == "13", "stream \(stream)") }
        #expect(client.messages(11) == [[1]])
        #expect(fixture.delegate.unaries == [[1]])
    }

    @Test func `a timeout that passes ends the call with DeadlineExceeded, and the delegate is told once`() throws {
        let fixture = try Fixture()
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.call(1, unary, [1], [("grpc-timeout", "20m")]))
        client.send(TestClient.headers(3, TestClient.head(streaming, [("grpc-timeout", "20000u")])))
        client.send(TestClient.headers(5, TestClient.head(unary, [("grpc-timeout", "2x")]), end: true))
        client.send(TestClient.call(7, unary, [1], [("grpc-timeout", "99999999H")]))
        #expect(fixture.run(client) { client.isEnded(1) && client.isEnded(3) && client.isEnded(5) })
        #expect(client.status(1) == ("4", "context deadline exceeded"))
        #expect(client.status(3) == ("4", "context deadline exceeded"))
        #expect(client.status(5) == ("13", "malformed grpc-timeout: 2x"))
        #expect(fixture.delegate.closed.count == 2)
        #expect(fixture.delegate.deadlines.count == 2)
        client.close()
        #expect(fixture.run { fixture.delegate.closed.count == 3 })
        #expect(fixture.server.connectionCount == 0 && fixture.server.streamCount == 0)
    }

    @Test func `a reset and a lost connection end their calls, each told once`() throws {
        let fixture = try Fixture()
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.call(1, unary, [1]) + TestClient.headers(3, TestClient.head(streaming)))
        client.send(TestClient.headers(5, TestClient.head(streaming)) + TestClient.headers(7, TestClient.head(unary)))
        client.send(TestClient.frame(3, stream: 1, TestClient.big(8)) + TestClient.frame(3, stream: 3, TestClient.big(8)))
        #expect(fixture.run(client) { fixture.delegate.closed.count == 2 })
        client.close()
        #expect(fixture.run { fixture.server.connectionCount == 0 })
        #expect(fixture.delegate.closed.count == 3, "the unary call whose message never came was never the delegate's")
        fixture.server.respond(fixture.delegate.closed[0], message: Bytes("late"))
        fixture.server.send(fixture.delegate.closed[1], message: Bytes("late"))
        fixture.settle()
    }

    @Test func `gzip requests are inflated within the limit, other encodings are refused`() throws {
        let fixture = try Fixture { $0.messageBytesMax = 5000 }
        let client = try fixture.connect()
        client.startHTTP2()
        // gzip of 4000 and of 6000 zero bytes, and of "hi".
        let small = try gzip([UInt8](repeating: 0, count: 4000))
        let large = try gzip([UInt8](repeating: 0, count: 6000))
        let gzipField = [("grpc-encoding", "gzip")]
        func call(_ stream: Int, _ bytes: [UInt8], _ fields: [(String, String)]) -> [UInt8] {
            TestClient.headers(stream, TestClient.head(unary, fields))
                + TestClient.data(stream, TestClient.message(bytes, compressed: true), end: true)
        }
        client.send(call(1, small, gzipField) + call(3, large, gzipField) + call(5, Array(small.dropLast(4)), gzipField))
        client.send(call(7, small, [("grpc-encoding", "snappy")]) + call(9, small, []) + call(11, [1, 2, 3], gzipField))
        #expect(fixture.run(client) { [1, 3, 5, 7, 9, 11].allSatisfy { client.isEnded($0) } })
        #expect(fixture.delegate.unaries == [[UInt8](repeating: 0, count: 4000)])
        #expect(client.status(3) == ("8", "grpc: received message after decompression larger than max (5001 vs. 5000)"))
        #expect(client.status(5).code == "13" && client.status(11).code == "13")
        #expect(client.status(7) == ("12", "grpc: Decompressor is not installed for grpc-encoding \"snappy\""))
        #expect(client.frames(7).first?.fields["grpc-accept-encoding"] == "gzip")
        #expect(client.status(9) == ("13", "grpc: compressed flag set with identity or empty encoding"))
    }

    @Test func `a message in two parts is one message to the client`() throws {
        let fixture = try Fixture()
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.headers(1, TestClient.head(streaming)))
        #expect(fixture.run(client) { fixture.delegate.opened.count == 1 })
        let stream = fixture.delegate.opened[0]
        let shared = Bytes([UInt8](repeating: 7, count: 50_000))
        #expect(fixture.server.send(stream, head: Bytes([1, 2]), shared: shared) == 50_007)
        fixture.server.send(stream, head: Bytes(), shared: Bytes())
        fixture.server.finish(stream, code: GRPCCode.unavailable, message: "bye")
        #expect(fixture.run(client) { client.isEnded(1) })
        #expect(client.messages(1) == [[1, 2] + shared.array, []])
        #expect(client.status(1) == ("14", "bye"))
        #expect(fixture.server.queuedBytes == 0)
    }
}
