import Base
import CSystem
import Platform
import Testing

@Suite struct EventLoopTests {
    private final class Reader: EventHandler {
        var told = 0
        var action: () -> Void = {}
        func ready(_ readiness: Readiness) {
            told += 1
            action()
        }
    }

    private final class Order: TurnHandler, TimerHandler {
        var log: [String] = []
        var name = ""
        let parent: Order?
        init(_ name: String, _ parent: Order? = nil) {
            self.name = name
            self.parent = parent
        }
        func turn(now: Instant) { parent?.log.append(name) }
        func timerFired(_ tag: UInt64, now: Instant) { log.append("timer \(tag)") }
    }

    private func send(_ descriptor: Int32, _ bytes: [UInt8]) {
        var buffer = ByteBuffer()
        buffer.append(bytes)
        let result = Socket.write(descriptor, buffer, from: 0)
        #expect(result == .bytes(bytes.count))
    }

    @Test func `a ready descriptor is told until it is read dry, and not after it is unregistered`() throws {
        let loop = try EventLoop()
        let (a, b) = try Socket.pair()
        defer {
            close(a)
            close(b)
        }
        let reader = Reader()
        let registration = try loop.register(a, .readable, reader)
        loop.turn(until: Clock.now)
        #expect(reader.told == 0)
        send(b, [1, 2])
        loop.turn(until: Clock.now)
        loop.turn(until: Clock.now)
        #expect(reader.told == 2)
        loop.unregister(registration, a)
        loop.turn(until: Clock.now)
        #expect(reader.told == 2)
    }

    @Test func `a handler that is unregistered by another in the same turn is not told`() throws {
        let loop = try EventLoop()
        let (a, b) = try Socket.pair()
        let (c, d) = try Socket.pair()
        defer { for descriptor in [a, b, c, d] { close(descriptor) } }
        let first = Reader()
        let second = Reader()
        let registrations = try [loop.register(a, .readable, first), loop.register(c, .readable, second)]
        first.action = { loop.unregister(registrations[1], c) }
        second.action = { loop.unregister(registrations[0], a) }
        for descriptor in [b, d] { send(descriptor, [1]) }
        loop.turn(until: Clock.now)
        #expect(first.told + second.told == 1)
    }

    @Test func `within a turn timers come first and phases keep their order`() throws {
        let loop = try EventLoop()
        let log = Order("log")
        loop.addTurnHandler(Order("flush", log), phase: .flush)
        loop.addTurnHandler(Order("receive", log), phase: .receive)
        loop.addTurnHandler(Order("handOver", log), phase: .handOver)
        _ = loop.schedule(Clock.now - .milliseconds(5), log, tag: 1)
        let limit = Clock.now + .seconds(60)
        while log.log.first(where: { $0.hasPrefix("timer") }) == nil, Clock.now < limit {
            log.log.removeAll()
            loop.turn(until: limit)
        }
        #expect(log.log == ["timer 1", "handOver", "receive", "flush"])
    }

    @Test func `a listener tells its port, refuses one in use, and replaces a stale socket file`() throws {
        let listener = try Listener(.loopback(port: 0))
        let port = try #require(listener.address.port)
        #expect(port != 0)
        #expect { try Listener(.loopback(port: port)) } throws: {
            ($0 as? SystemError)?.description == "listen 127.0.0.1:\(port): Address already in use"
        }
        let path = "/tmp/platform-test-\(Entropy.number()).sock"
        let first = try Listener(.unix(path: path))
        #expect(throws: SystemError.self) { try Listener(.unix(path: path)) }
        let client = try Socket.connect(to: .unix(path: path))
        // The refused listener looked whether somebody listens.
        for _ in 0..<2 {
            guard case .connection(let accepted) = first.accept() else {
                Issue.record("nothing to accept")
                return
            }
            close(accepted)
        }
        #expect(first.accept() == .none)
        close(client)
        withExtendedLifetime(first) {}
        #expect(throws: SystemError.self) { try Listener(.unix(path: "/tmp/" + String(repeating: "x", count: 120))) }
    }

    @Test func `two listeners share a port when both ask for it`() throws {
        var options = Socket.ListenOptions()
        options.reusePort = true
        let first = try Listener(.loopback(port: 0), options)
        let second = try Listener(first.address, options)
        #expect(first.address == second.address)
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:5"), ("::1", "[::1]:5"), ("[2001:db8::7]", "[2001:db8::7]:5"), ("0.0.0.0", "0.0.0.0:5"),
    ])
    func `numeric addresses read and print alike`(_ host: String, _ text: String) throws {
        #expect(SocketAddress(numericHost: host, port: 5)?.description == text)
    }

    @Test(arguments: ["localhost", "1.2.3", "", "::g", "256.1.1.1"])
    func `a name is no numeric address`(_ host: String) {
        #expect(SocketAddress(numericHost: host, port: 5) == nil)
    }

    @Test func `connecting to a closed port is an error that names it`() throws {
        let loop = try EventLoop()
        let unused = try Listener(.loopback(port: 0)).address
        let reader = Reader()
        let descriptor: Int32
        do { descriptor = try Socket.connect(to: unused) } catch { return }
        defer { close(descriptor) }
        let registration = try loop.register(descriptor, .writable, reader)
        let limit = Clock.now + .seconds(60)
        while reader.told == 0, Clock.now < limit { loop.turn(until: limit) }
        loop.unregister(registration, descriptor)
        #expect(Socket.connectError(descriptor, unused.description)?.code == ECONNREFUSED)
    }
}
