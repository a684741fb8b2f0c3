import Base
import Platform

/// Accepts connections of one listener for one server. Pauses when the process has no descriptors left, instead of
/// spinning, and while the server is full: what waits then waits in the kernel.
final class Acceptor: EventHandler, TimerHandler {
    private let listener: Listener
    private unowned let server: HTTPServer
    private var registration = EventLoop.Registration.none
    private var timer = TimerID.none

    init(_ listener: Listener, _ server: HTTPServer) throws(SystemError) {
        self.listener = listener
        self.server = server
        registration = try server.loop.register(listener.descriptor, [.readable, .exclusive], self)
    }

    func ready(_ readiness: Readiness) {
        // Bounded, so that a flood of connections does not starve those that are open.
        for _ in 0..<64 {
            guard server.hasRoom else { return pause() }
            switch listener.accept() {
            case .connection(let descriptor): server.adopt(descriptor)
            case .none: return
            case .exhausted: return pause()
            }
        }
    }

    private func pause() {
        server.loop.unregister(registration, listener.descriptor)
        registration = .none
        timer = server.loop.schedule(server.loop.now + server.limits.acceptPause, self)
    }

    func timerFired(_ tag: UInt64, now: Instant) {
        guard let again = try? server.loop.register(listener.descriptor, [.readable, .exclusive], self) else { return pause() }
        registration = again
    }

    func cancel() {
        server.loop.cancel(timer)
        server.loop.unregister(registration, listener.descriptor)
    }
}
