import Base
import CSystem
import HTTP
import Platform
import Testing

/// A server on a loop that the test turns itself, with clients on socket pairs: no threads, no sleeping.
final class Fixture {
    let loop: EventLoop
    let server: HTTPServer
    let delegate = RecordingDelegate()

    init(_ change: (inout HTTPLimits) -> Void = { _ in }) throws {
        loop = try EventLoop()
        var limits = HTTPLimits()
        change(&limits)
        server = HTTPServer(loop: loop, limits: limits, delegate: delegate)
        delegate.server = server
    }

    func connect() throws -> TestClient {
        let (client, peer) = try Socket.pair()
        server.adopt(peer)
        return TestClient(client)
    }

    /// Turns the loop until `condition` holds; false after a minute.
    func run(_ clients: TestClient..., until condition: () -> Bool) -> Bool {
        let limit = Clock.now + .seconds(60)
        for client in clients { client.pump() }
        while !condition() {
            guard Clock.now < limit else { return false }
            loop.turn(until: min(limit, Clock.now + .milliseconds(1)))
            for client in clients { client.pump() }
        }
        return true
    }

    /// Deals with everything that is ready now.
    func settle(_ clients: TestClient...) {
        for _ in 0..<3 {
            loop.turn(until: Clock.now)
            for client in clients { client.pump() }
        }
    }
}

/// Answers as its closures say and remembers what it was told.
final class RecordingDelegate: ServerDelegate {
    var server: HTTPServer?
    var unaries: [[UInt8]] = []
    var messages: [[UInt8]] = []
    var opened: [StreamHandle] = []
    var halfClosed: [StreamHandle] = []
    var closed: [StreamHandle] = []
    var writable: [StreamHandle] = []
    var requests: [HTTPRequest] = []
    var tokens: [String?] = []
    var deadlines: [Instant?] = []
    var lastHandle: StreamHandle?
    var onWritable: (StreamHandle) -> Void = { _ in }
    var turns = 0
    var isDrained = false

    /// Echo by default; with false calls stay open.
    var answers = true

    func route(_ path: RawSpan) -> GRPCRoute {
        switch String(decoding: path.array, as: UTF8.self) {
        case "/test.Echo/Unary": .unary(1)
        case "/test.Echo/Stream": .streaming(2)
        default: .unimplemented
        }
    }

    func hasService(_ name: RawSpan) -> Bool { String(decoding: name.array, as: UTF8.self) == "test.Echo" }

    func unary(_ stream: StreamHandle, method: UInt8, message: RawSpan, _ metadata: borrowing CallMetadata) {
        unaries.append(message.array)
        tokens.append(metadata.token)
        deadlines.append(metadata.deadline)
        lastHandle = stream
        if answers { server?.respond(stream, message: Bytes(copying: message)) }
    }

    func streamOpened(_ stream: StreamHandle, method: UInt8, _ metadata: borrowing CallMetadata) {
        opened.append(stream)
        lastHandle = stream
    }

    func streamMessage(_ stream: StreamHandle, message: RawSpan) {
        messages.append(message.array)
        if answers { server?.send(stream, message: Bytes(copying: message)) }
    }

    func streamHalfClosed(_ stream: StreamHandle) {
        halfClosed.append(stream)
        if answers { server?.finish(stream) }
    }

    func streamClosed(_ stream: StreamHandle) { closed.append(stream) }
    func streamWritable(_ stream: StreamHandle) {
        writable.append(stream)
        onWritable(stream)
    }

    func request(_ stream: StreamHandle, _ request: HTTPRequest) {
        requests.append(request)
        lastHandle = stream
        guard answers else { return }
        server?.respond(stream, status: 200, headers: [("X-Method", request.method)], body: Bytes(copying: request.body.span))
    }

    /// Bodies for this target are taken in pieces.
    var streamed = ""
    var streamedBytes = 0
    var streamEnded: [StreamHandle] = []

    func streamsBody(_ target: String) -> Bool { target == streamed }
    func requestBegan(_ stream: StreamHandle, _ request: HTTPRequest) { lastHandle = stream }
    func requestBody(_ stream: StreamHandle, _ bytes: RawSpan) { streamedBytes += bytes.byteCount }
    func requestEnded(_ stream: StreamHandle) { streamEnded.append(stream) }

    func turnEnded() { turns += 1 }
    func drained() { isDrained = true }
}
