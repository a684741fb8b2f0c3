import Base
import HTTP
import Platform
import Testing

@Suite struct HTTP2ConnectionTests {
    private let unary = "/test.Echo/Unary"
    private let streaming = "/test.Echo/Stream"

    // MARK: Flow control

    @Test func `a stalled reader holds back its stream, which is told when it may go on`() throws {
        let fixture = try Fixture {
            $0.streamHighWater = 100_000
            $0.streamLowWater = 20_000
        }
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2(settings: [(4, 1000)])
        client.send(TestClient.headers(1, TestClient.head(streaming)) + TestClient.call(3, unary, [1]))
        #expect(fixture.run(client) { fixture.delegate.opened.count == 1 && fixture.delegate.unaries.count == 1 })
        let stream = fixture.delegate.opened[0]
        let message = Bytes([UInt8](repeating: 5, count: 40_000))
        for count in 1...4 { #expect(fixture.server.send(stream, message: message) == count * 40_005) }
        fixture.settle(client)
        #expect(client.data(1).count == 1000)
        #expect(fixture.server.queuedBytes(stream) == 4 * 40_005 - 1000)
        #expect(fixture.delegate.writable.isEmpty)

        // Another stream of the connection is not held back.
        fixture.server.respond(try #require(fixture.delegate.lastHandle == stream ? nil : fixture.delegate.lastHandle), message: Bytes("x"))
        #expect(fixture.run(client) { client.isEnded(3) })

        client.send(TestClient.frame(8, stream: 1, TestClient.big(1_000_000)) + TestClient.frame(8, stream: 0, TestClient.big(1_000_000)))
        #expect(fixture.run(client) { client.messages(1).count == 4 })
        #expect(fixture.delegate.writable == [stream])
        #expect(fixture.server.queuedBytes == 0)
    }

    @Test func `a deadline that passes while the client does not read resets the stream`() throws {
        let fixture = try Fixture()
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2(settings: [(4, 10)])
        client.send(TestClient.headers(1, TestClient.head(streaming, [("grpc-timeout", "500m")])))
        #expect(fixture.run(client) { fixture.delegate.opened.count == 1 })
        fixture.server.send(fixture.delegate.opened[0], message: Bytes([UInt8](repeating: 1, count: 1000)))
        #expect(fixture.run(client) { client.isEnded(1) })
        #expect(client.resets(1) == [8])
        #expect(fixture.delegate.closed == fixture.delegate.opened)
        #expect(fixture.server.queuedBytes == 0)
    }

    @Test func `a client that does not read is not read from beyond the bound, and in the end closed`() throws {
        let fixture = try Fixture {
            $0.connectionOutputBytesMax = 500_000
            $0.writeAheadBytes = 10_000
            $0.writeStallTimeout = .seconds(3)
        }
        let client = try fixture.connect()
        client.startHTTP2(settings: [(4, 1 << 30)])
        client.send(TestClient.frame(8, stream: 0, TestClient.big(1 << 30)))
        client.isStalled = true
        for call in 0..<100 {
            let message = TestClient.message([UInt8](repeating: 1, count: 16_000))
            client.send(TestClient.headers(call * 2 + 1, TestClient.head(unary)) + TestClient.data(call * 2 + 1, message, end: true))
            fixture.settle(client)
        }
        #expect(fixture.server.queuedBytes > 400_000 && fixture.server.queuedBytes < 900_000)
        #expect(fixture.delegate.unaries.count < 90)
        #expect(fixture.run(client) { fixture.server.connectionCount == 0 })
        #expect(fixture.server.queuedBytes == 0 && fixture.server.streamCount == 0)
    }

    @Test func `large uploads pass through the windows`() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        client.startHTTP2(settings: [(4, 1 << 30)])
        client.send(TestClient.frame(8, stream: 0, TestClient.big(1 << 30)))
        let message = TestClient.message([UInt8](repeating: 3, count: 2_000_000))
        fixture.settle(client)
        client.send(TestClient.frame(4, flags: 1, stream: 0, []) + TestClient.headers(1, TestClient.head(unary)))
        var sent = 0
        var windows = [0: 65_535, 1: 1 << 20]
        var seen = 0
        #expect(
            fixture.run(client) {
                for frame in client.frames[seen...] where frame.type == 8 {
                    windows[frame.stream, default: 0] += frame.payload.reduce(0) { $0 << 8 | Int($1) }
                }
                seen = client.frames.count
                while sent < message.count {
                    let count = min(16_384, message.count - sent, windows[0] ?? 0, windows[1] ?? 0)
                    guard count > 0 else { break }
                    client.send(TestClient.data(1, Array(message[sent..<(sent + count)]), end: sent + count == message.count))
                    sent += count
                    for stream in 0...1 { windows[stream]? -= count }
                }
                return client.isEnded(1)
            })
        #expect(client.status(1).code == "0" && client.data(1) == message)
    }

    @Test func `one fast reader of much does not hold up others`() throws {
        let fixture = try Fixture()
        fixture.delegate.answers = false
        let greedy = try fixture.connect()
        greedy.startHTTP2(settings: [(4, 1 << 30)])
        greedy.send(TestClient.frame(8, stream: 0, TestClient.big(1 << 30)) + TestClient.headers(1, TestClient.head(streaming)))
        let modest = try fixture.connect()
        modest.startHTTP2()
        #expect(fixture.run(greedy, modest) { fixture.delegate.opened.count == 1 })
        let stream = fixture.delegate.opened[0]
        let message = Bytes([UInt8](repeating: 1, count: 100_000))
        var sent = 0
        // Like a transfer that always has more: in every turn it fills its stream.
        func fill() {
            while sent < 400, fixture.server.send(stream, message: message) <= fixture.server.limits.streamHighWater { sent += 1 }
        }
        fixture.delegate.onWritable = { _ in fill() }
        fill()
        modest.send(TestClient.call(1, unary, [1]))
        #expect(fixture.run(greedy, modest) { !fixture.delegate.unaries.isEmpty })
        #expect(sent < 300, "the call is taken while the transfer goes on")
        #expect(fixture.run(greedy, modest) { greedy.messages(1).count >= 400 })
    }

    // MARK: Abuse

    @Test func `too many pings end the connection, as grpc-go counts them`() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        client.startHTTP2()
        let ping = TestClient.frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8])
        for _ in 0..<3 { client.send(ping) }
        fixture.settle(client)
        #expect(client.goAway == nil)
        #expect(client.frames.filter { $0.type == 6 && $0.flags == 1 }.count == 3)
        client.send(ping)
        #expect(fixture.run(client) { client.isClosed })
        #expect(client.goAway?.errorCode == 11)
        #expect(String(decoding: client.goAway?.payload.dropFirst(8) ?? [], as: UTF8.self) == "too_many_pings")
    }

    @Test func `pings between answers are no abuse`() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        client.startHTTP2()
        for call in 0..<10 {
            client.send(TestClient.call(call * 2 + 1, unary, [1]))
            #expect(fixture.run(client) { client.isEnded(call * 2 + 1) })
            client.send(TestClient.frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8]))
            fixture.settle(client)
        }
        #expect(client.goAway == nil && !client.isClosed)
    }

    @Test func `a flood of settings ends the connection`() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        client.startHTTP2()
        for _ in 0..<101 { client.send(TestClient.settings([])) }
        #expect(fixture.run(client) { client.isClosed })
        #expect(client.goAway?.errorCode == 11)
    }

    @Test func `a flood of resets ends the connection`() throws {
        let fixture = try Fixture {
            $0.resetBurst = 100
            $0.resetsPerSecond = 1
        }
        let client = try fixture.connect()
        client.startHTTP2()
        for call in 0..<150 {
            client.send(TestClient.headers(call * 2 + 1, TestClient.head(streaming)) + TestClient.frame(3, stream: call * 2 + 1, TestClient.big(8)))
        }
        #expect(fixture.run(client) { client.isClosed })
        #expect(client.goAway != nil)
        #expect(fixture.delegate.opened.count == fixture.delegate.closed.count)
        #expect(fixture.server.streamCount == 0)
    }

    @Test func `headers beyond the limit in size or number refuse their stream only`() throws {
        let fixture = try Fixture {
            $0.headerBytesMax = 4000
            $0.headerFieldsMax = 20
        }
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.headers(1, TestClient.head(unary, [("x", String(repeating: "y", count: 5000))])))
        client.send(TestClient.headers(3, TestClient.head(unary, (0..<30).map { ("x\($0)", "y") })))
        client.send(TestClient.call(5, unary, [1]))
        #expect(fixture.run(client) { client.isEnded(1) && client.isEnded(3) && client.isEnded(5) })
        #expect(!client.resets(1).isEmpty && !client.resets(3).isEmpty)
        #expect(client.status(5).code == "0")
    }

    @Test func `endless continuations of a header block end the connection`() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.frame(1, stream: 1, TestClient.block(TestClient.head(unary))))
        for _ in 0..<1000 { client.send(TestClient.frame(9, stream: 1, TestClient.block([("a", "b")]))) }
        #expect(fixture.run(client) { client.isClosed })
    }

    @Test func `streams above the limits are refused, and the connection goes on`() throws {
        let fixture = try Fixture { $0.streamsMax = 3 }
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2()
        for call in 0..<5 { client.send(TestClient.call(call * 2 + 1, unary, [1])) }
        #expect(fixture.run(client) { client.isEnded(7) && client.isEnded(9) })
        #expect(client.resets(7) == [7] && client.resets(9) == [7])
        #expect(fixture.delegate.unaries.count == 3)
        fixture.server.respond(try #require(fixture.delegate.lastHandle), message: Bytes("x"))
        #expect(fixture.run(client) { client.isEnded(5) })
        client.send(TestClient.call(11, unary, [1]))
        #expect(fixture.run(client) { fixture.delegate.unaries.count == 4 })
    }

    @Test func `the limit on concurrent streams is announced and kept`() throws {
        let fixture = try Fixture { $0.concurrentStreamsMax = 2 }
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2()
        fixture.settle(client)
        let settings = try #require(client.frames.first { $0.type == 4 && $0.flags == 0 })
        #expect(settings.payload.count == 18)
        for call in 0..<3 { client.send(TestClient.call(call * 2 + 1, unary, [1])) }
        #expect(fixture.run(client) { client.isEnded(5) })
        #expect(client.resets(5) == [7], "not acknowledged yet: the client could not know")
        client.send(TestClient.frame(4, flags: 1, stream: 0, []) + TestClient.call(7, unary, [1]))
        #expect(fixture.run(client) { client.isClosed })
        #expect(client.goAway?.errorCode == 1 && fixture.delegate.unaries.count == 2)
    }

    @Test func `too many bytes of incomplete requests refuse those that grow`() throws {
        let fixture = try Fixture { $0.receiveBufferBytesMax = 10_000 }
        let client = try fixture.connect()
        client.startHTTP2()
        for call in 0..<3 {
            client.send(TestClient.headers(call * 2 + 1, TestClient.head(unary)))
            client.send(TestClient.data(call * 2 + 1, [0] + TestClient.big(100_000) + [UInt8](repeating: 0, count: 4000)))
        }
        #expect(fixture.run(client) { client.isEnded(5) })
        #expect(client.status(5) == ("8", "too many bytes of incomplete requests"))
        #expect(!client.isEnded(1) && !client.isEnded(3))
        client.send(TestClient.frame(3, stream: 1, TestClient.big(8)) + TestClient.call(7, unary, [UInt8](repeating: 0, count: 3000)))
        #expect(fixture.run(client) { client.isEnded(7) })
        #expect(client.status(7).code == "0")
    }

    // MARK: Malformed input

    @Test(arguments: [
        ("a frame longer than allowed", TestClient.frame(0, stream: 1, [], length: 0xFF_FFFF)),
        ("data without a stream", TestClient.data(0, [1, 2, 3])), ("data on an idle stream", TestClient.data(5, [1, 2, 3])),
        ("headers on stream 0", TestClient.headers(0, TestClient.head("/x"))),
        ("headers on an even stream", TestClient.headers(2, TestClient.head("/x"))),
        ("a broken header block", TestClient.frame(1, flags: 4, stream: 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])),
        ("settings of odd length", TestClient.frame(4, stream: 0, [1, 2, 3])), ("a ping of odd length", TestClient.frame(6, stream: 0, [1])),
        ("a window update of zero", TestClient.frame(8, stream: 0, TestClient.big(0))),
        ("a window beyond 2^31", TestClient.frame(8, stream: 0, TestClient.big(0x7FFF_FFFF))),
        ("continuation without headers", TestClient.frame(9, flags: 4, stream: 1, [])),
        ("padding longer than the frame", TestClient.frame(0, flags: 8, stream: 1, [200, 1])),
        ("a push promise", TestClient.frame(5, flags: 4, stream: 1, TestClient.big(2))),
    ])
    func `a malformed frame ends its connection with GOAWAY, and no other`(_ what: String, _ frame: [UInt8]) throws {
        let fixture = try Fixture()
        let bystander = try fixture.connect()
        bystander.startHTTP2()
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.headers(1, TestClient.head(streaming)))
        client.send(frame)
        #expect(fixture.run(client, bystander) { client.isClosed || client.goAway != nil }, "\(what)")
        #expect(client.goAway.map { $0.errorCode != 0 } ?? client.isClosed, "\(what)")
        #expect(fixture.run(client, bystander) { fixture.delegate.closed.count == fixture.delegate.opened.count }, "\(what)")
        bystander.send(TestClient.call(1, unary, [1]))
        #expect(fixture.run(bystander) { bystander.isEnded(1) })
    }

    @Test func `a preface that goes wrong ends the connection`() throws {
        let fixture = try Fixture()
        for text in ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r", "PRI\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\n\r\n"] {
            let client = try fixture.connect()
            client.send(text)
            #expect(fixture.run(client) { client.isClosed })
        }
    }

    @Test func `random damage to a conversation harms nobody else`() throws {
        let fixture = try Fixture()
        let good =
            TestClient.preface + TestClient.settings([(4, 100_000)]) + TestClient.call(1, unary, [1, 2, 3])
            + TestClient.headers(3, TestClient.head(streaming)) + TestClient.data(3, TestClient.message([1, 2]), end: true)
            + TestClient.frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8]) + TestClient.call(5, unary, [UInt8](repeating: 1, count: 300))
        let seed = Entropy.number()
        var random = RandomSource(seed: seed)
        let bystander = try fixture.connect()
        bystander.startHTTP2()
        for round in 0..<400 {
            var bytes = good
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: position)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: position)
                }
            }
            let client = try fixture.connect()
            client.send(bytes)
            fixture.settle(client)
            client.close()
            fixture.settle()
            bystander.send(TestClient.call(round * 2 + 1, unary, [1]))
            let answered = fixture.run(bystander) { bystander.isEnded(round * 2 + 1) }
            #expect(answered, "seed \(seed), round \(round)")
        }
        #expect(fixture.run { fixture.server.connectionCount == 1 })
        #expect(fixture.server.streamCount == 0 && fixture.server.queuedBytes == 0)
    }

    // MARK: Time

    @Test func `a client that says nothing is closed`() throws {
        let fixture = try Fixture { $0.headTimeout = .milliseconds(500) }
        let silent = try fixture.connect()
        let partial = try fixture.connect()
        partial.send("PR")
        let preface = try fixture.connect()
        preface.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        let good = try fixture.connect()
        good.startHTTP2()
        #expect(fixture.run(silent, partial, preface, good) { silent.isClosed && partial.isClosed && preface.isClosed })
        #expect(!good.isClosed)
        good.close()
        #expect(fixture.run { fixture.server.connectionCount == 0 })
        #expect(fixture.server.connectionCount == 0)
    }

    @Test func `a silent connection is pinged, and closed when it does not answer`() throws {
        let fixture = try Fixture {
            $0.keepaliveInterval = .milliseconds(30)
            $0.keepaliveTimeout = .seconds(2)
        }
        let dead = try fixture.connect()
        dead.startHTTP2()
        let alive = try fixture.connect()
        alive.startHTTP2()
        var answered = 0
        #expect(
            fixture.run(dead, alive) {
                let pings = alive.frames.filter { $0.type == 6 && $0.flags == 0 }
                while answered < pings.count {
                    alive.send(TestClient.frame(6, flags: 1, stream: 0, pings[answered].payload))
                    answered += 1
                }
                return dead.isClosed && answered >= 4
            })
        #expect(!alive.isClosed && alive.goAway == nil)
    }

    // MARK: Drain

    @Test func `a drain lets running calls finish, refuses new connections and tells when it is done`() throws {
        let fixture = try Fixture()
        fixture.delegate.answers = false
        let busy = try fixture.connect()
        busy.startHTTP2()
        busy.send(TestClient.call(1, unary, [1]))
        let idle = try fixture.connect()
        idle.startHTTP2()
        let silent = try fixture.connect()
        #expect(fixture.run(busy, idle) { fixture.delegate.unaries.count == 1 })
        fixture.server.beginDrain(deadline: Clock.now + .seconds(600))
        #expect(fixture.run(busy, idle, silent) { busy.goAway != nil && idle.goAway != nil && silent.isClosed })
        // The notice names no last stream; a call on its way is still taken.
        busy.send(TestClient.call(3, unary, [2]))
        for client in [busy, idle] {
            let pings = client.frames.filter { $0.type == 6 }
            client.send(TestClient.frame(6, flags: 1, stream: 0, pings[0].payload))
        }
        #expect(fixture.run(busy, idle) { idle.isClosed && fixture.delegate.unaries.count == 2 && busy.frames.count { $0.type == 7 } == 2 })
        #expect(!busy.isClosed && !fixture.delegate.isDrained)
        let late = try fixture.connect()
        #expect(fixture.run(late) { late.isClosed })
        for stream in 1...2 { _ = stream }
        fixture.server.respond(try #require(fixture.delegate.lastHandle), message: Bytes("b"))
        #expect(fixture.run(busy) { busy.isEnded(3) })
        busy.send(TestClient.frame(3, stream: 1, TestClient.big(8)))
        #expect(fixture.run(busy) { busy.isClosed && fixture.delegate.isDrained })
    }

    @Test func `a drain cuts off what is left at its deadline`() throws {
        let fixture = try Fixture()
        fixture.delegate.answers = false
        let client = try fixture.connect()
        client.startHTTP2()
        client.send(TestClient.call(1, unary, [1]))
        #expect(fixture.run(client) { fixture.delegate.unaries.count == 1 })
        fixture.server.beginDrain(deadline: Clock.now + .milliseconds(30))
        #expect(fixture.run(client) { client.isClosed && fixture.delegate.isDrained })
        #expect(fixture.delegate.closed.count == 1)
    }
}
