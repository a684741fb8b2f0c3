import CSystem

/// Termination requests as events of a loop.
package final class Signals: EventHandler {
    private let descriptor: Int32
    private let loop: EventLoop
    private var registration = EventLoop.Registration.none
    private let received: (Int32) -> Void

    /// Blocks SIGTERM and SIGINT for this thread and all that it will start, and ignores SIGPIPE. Call on the first thread,
    /// before any other is started.
    package static func block() {
        var set = signalSet()
        unsafe _ = pthread_sigmask(SIG_BLOCK, &set, nil)
        csystem_ignore_broken_pipes()
    }

    private static func signalSet() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        return set
    }

    /// Calls `received` with the number of each signal, on the loop's thread. Signals must have been blocked.
    package init(_ loop: EventLoop, _ received: @escaping (Int32) -> Void) throws(SystemError) {
        var set = Signals.signalSet()
        self.loop = loop
        self.received = received
        descriptor = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        guard descriptor >= 0 else { throw .last("signalfd") }
        registration = try loop.register(descriptor, .readable, self)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    package func ready(_ readiness: Readiness) {
        var information = signalfd_siginfo()
        while unsafe read(descriptor, &information, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size {
            received(Int32(bitPattern: information.ssi_signo))
        }
    }

    package func cancel() { loop.unregister(registration, descriptor) }
}
