import Base
import CSystem
import Client
import HTTP
import Platform
import Testing
import Wire

/// A member that answers as its closures say, on the loop of the client under test: one thread, no waiting for others.
final class ScriptedMember: ServerDelegate {
    private(set) var server: HTTPServer!
    let path: String
    private let loop: EventLoop

    /// Unary calls by path, in the order in which they came.
    private(set) var calls: [String] = []
    /// Answers a unary call; by default with an empty message.
    var answer: (String, [UInt8]) -> Answer = { _, _ in .message([]) }
    var onMessage: (StreamHandle, [UInt8]) -> Void = { _, _ in }
    private(set) var streams: [StreamHandle] = []
    private(set) var tokens: [String?] = []

    enum Answer {
        case message([UInt8])
        case failure(Int, String)
        /// Neither: the connection ends.
        case disconnect
        case silence
    }

    private static let paths = [
        "/etcdserverpb.KV/Range", "/etcdserverpb.KV/Put", "/etcdserverpb.Maintenance/Status", "/etcdserverpb.Lease/LeaseGrant",
        "/etcdserverpb.Auth/Authenticate",
    ]
    private static let streamed = ["/etcdserverpb.Watch/Watch", "/etcdserverpb.Lease/LeaseKeepAlive"]

    init(_ loop: EventLoop, path: String) throws {
        self.loop = loop
        self.path = path
        try start()
    }

    func start() throws {
        server = HTTPServer(loop: loop, delegate: self)
        try server.serve(try Listener(.unix(path: path)))
    }

    /// All connections end at once, and new ones are refused.
    func stop() {
        server.shutDown()
        server = nil
        unlinkPath()
    }

    func unlinkPath() { unsafe _ = unlink(path) }

    func route(_ path: RawSpan) -> GRPCRoute {
        let text = String(decoding: path.array, as: UTF8.self)
        if let number = ScriptedMember.paths.firstIndex(of: text) { return .unary(UInt8(number)) }
        if let number = ScriptedMember.streamed.firstIndex(of: text) { return .streaming(UInt8(number)) }
        return .unimplemented
    }

    func unary(_ stream: StreamHandle, method: UInt8, message: RawSpan, _ metadata: borrowing CallMetadata) {
        let path = ScriptedMember.paths[Int(method)]
        calls.append(path)
        tokens.append(metadata.token)
        switch answer(path, message.array) {
        case .message(let bytes): server.respond(stream, message: Bytes(bytes))
        case .failure(let code, let text): server.fail(stream, code: code, message: text)
        case .disconnect:
            let ending = server!
            pendingStop = ending
        case .silence: break
        }
    }

    private(set) var isDrained = false
    func drained() { isDrained = true }

    private var pendingStop: HTTPServer?

    func turnEnded() {
        guard let ending = pendingStop else { return }
        pendingStop = nil
        ending.shutDown()
        server = nil
        unlinkPath()
        try? start()
    }

    func streamOpened(_ stream: StreamHandle, method: UInt8, _ metadata: borrowing CallMetadata) { streams.append(stream) }
    func streamMessage(_ stream: StreamHandle, message: RawSpan) { onMessage(stream, message.array) }
    func streamHalfClosed(_ stream: StreamHandle) {}
    func streamClosed(_ stream: StreamHandle) {}
    func streamWritable(_ stream: StreamHandle) {}
    func request(_ stream: StreamHandle, _ request: HTTPRequest) {}

    func send<M: WireMessage>(_ message: M) {
        guard let stream = streams.last else { return }
        _ = server.send(stream, message: message.encoded())
    }
}

/// Takes connections and drops them, as a proxy does whose server is away.
final class DroppingListener: EventHandler {
    private let loop: EventLoop
    private var listener: Listener?
    private var registration = EventLoop.Registration.none

    init(_ loop: EventLoop, path: String) throws {
        self.loop = loop
        let listener = try Listener(.unix(path: path))
        self.listener = listener
        registration = try loop.register(listener.descriptor, .readable, self)
    }

    func ready(_ readiness: Readiness) {
        while case .connection(let descriptor)? = listener?.accept() { close(descriptor) }
    }

    func stop() {
        if let listener { loop.unregister(registration, listener.descriptor) }
        listener = nil
    }
}

/// A client and the members that it may talk to.
final class ClientFixture {
    let client: EtcdClient
    private(set) var members: [ScriptedMember] = []

    /// With `unreachable` the first endpoint is one that nobody listens on.
    init(members count: Int = 1, unreachable: Bool = false, leaderPatience: Double = 60) throws {
        let paths = (0..<count).map { "/tmp/etcd-client-test-\(getpid())-\(Entropy.number())-\($0)" }
        let dead = unreachable ? [Endpoint("unix:///tmp/etcd-client-test-nobody-\(getpid())")] : []
        var configuration = ClientConfiguration(endpoints: dead + paths.map { Endpoint("unix://\($0)") })
        configuration.leaderPatience = leaderPatience
        client = try EtcdClient(configuration)
        client.timeout = 60
        for path in paths { members.append(try ScriptedMember(client.loop, path: path)) }
    }

    deinit {
        client.close()
        for member in members where member.server != nil { member.stop() }
    }

    /// Turns the loop until `condition` holds; false after a minute.
    func run(until condition: () -> Bool) -> Bool {
        let limit = Clock.now + .seconds(60)
        while !condition() {
            guard Clock.now < limit else { return false }
            client.loop.turn(until: Clock.now + .milliseconds(5))
        }
        return true
    }
}

extension WireMessage {
    var bytes: [UInt8] { encoded().array }
}
