import Base
import CSystem
import Glibc
import HTTP
import Platform

// A server for measuring and probing the transport alone: answers every unary call of /…/Echo with its own message, streams
// back what /…/Stream receives, and tells plain requests about themselves. Usage: transport-echo [port] [unix path].

final class Echo: ServerDelegate {
    var server: HTTPServer?
    var answers = ByteBuffer()

    func route(_ path: RawSpan) -> GRPCRoute {
        guard path.byteCount > 5 else { return .unimplemented }
        switch path.byte(at: path.byteCount - 1) {
        case UInt8(ascii: "o"): return .unary(0)
        case UInt8(ascii: "m"): return .streaming(1)
        case UInt8(ascii: "r"): return .unary(2)
        default: return .unimplemented
        }
    }

    func unary(_ stream: StreamHandle, method: UInt8, message: RawSpan, _ metadata: borrowing CallMetadata) {
        // "Never": to see deadlines and cancellation.
        guard method == 0 else { return }
        server?.respond(stream, message: Bytes(copying: message))
    }

    func streamOpened(_ stream: StreamHandle, method: UInt8, _ metadata: borrowing CallMetadata) {}
    func streamMessage(_ stream: StreamHandle, message: RawSpan) { server?.send(stream, message: Bytes(copying: message)) }
    func streamHalfClosed(_ stream: StreamHandle) { server?.finish(stream) }
    func streamClosed(_ stream: StreamHandle) {}
    func streamWritable(_ stream: StreamHandle) {}

    func request(_ stream: StreamHandle, _ request: HTTPRequest) {
        var text = "\(request.method) \(request.path) \(request.query) body=\(request.body.count) h2=\(request.isHTTP2) host=\(request.host)\n"
        for header in request.headers { text += "\(header.name): \(header.value)\n" }
        server?.respond(stream, status: 200, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Bytes(text))
    }

    func turnEnded() {}
    func drained() { server?.loop.stop() }
}

Signals.block()
let arguments = CommandLine.arguments
let limit = try DescriptorLimit.raise()
let loop = try EventLoop()
let echo = Echo()
let server = HTTPServer(loop: loop, delegate: echo)
echo.server = server
let listener = try Listener(.loopback(port: arguments.count > 1 ? UInt16(arguments[1]) ?? 0 : 0))
try server.serve(listener)
if arguments.count > 2 { try server.serve(Listener(.unix(path: arguments[2]))) }
print("listening on \(listener.address), descriptors \(limit)")
fflush(nil)
let signals = try Signals(loop) { _ in server.beginDrain(deadline: loop.now + .seconds(10)) }
loop.run()
withExtendedLifetime(signals) {}
