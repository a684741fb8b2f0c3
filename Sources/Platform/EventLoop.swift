import Base
import CSystem

/// What a descriptor is ready for, or what is wanted of it.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    package static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The other side is gone, or the descriptor failed. Always reported, wanted or not.
    package static let closed = Readiness(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
    /// Of several loops that wait for one listener, wake only some.
    package static let exclusive = Readiness(rawValue: EPOLLEXCLUSIVE.rawValue)
}

/// Told when a descriptor is ready, on the loop's thread. Level-triggered: told again until it has been read or written dry.
package protocol EventHandler: AnyObject {
    func ready(_ readiness: Readiness)
}

/// Called once in every turn of the loop.
package protocol TurnHandler: AnyObject {
    func turn(now: Instant)
}

/// The order of work within a turn, after descriptors and timers: hand over what was read, take what other threads posted,
/// write what is to be sent.
package enum TurnPhase: Int, CaseIterable, Sendable { case handOver, receive, flush }

/// One thread's wait for descriptors, timers and wake-ups. Everything registered is confined to the thread that calls `run`.
@safe
package final class EventLoop {
    /// Names a registered descriptor. Its events stop with `unregister`, also those already fetched from the kernel.
    package struct Registration: Hashable, Sendable {
        let index: Int32
        let generation: UInt32
        package static let none = Registration(index: -1, generation: 0)
    }

    private struct Source {
        var handler: (any EventHandler)?
        var generation: UInt32 = 0
        var nextFree: Int32 = -1
    }

    /// Wakes this loop from any thread; mailboxes of this loop are made with it.
    package let waker = Waker(pollable: true)
    /// The instant at which the present turn began.
    package private(set) var now: Instant
    package private(set) var isStopping = false

    private let epoll: Int32
    private var sources: [Source] = []
    private var freeSource: Int32 = -1
    private var timers: TimerWheel
    private var turnHandlers: [[any TurnHandler]] = [[], [], []]
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)

    private static let wakeTag = UInt64.max

    package init() throws(SystemError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        now = Clock.now
        timers = TimerWheel(origin: now)
        guard epoll >= 0 else { throw .last("epoll_create1") }
        var event = unsafe epoll_event()
        unsafe event.events = EPOLLIN.rawValue
        unsafe event.data.u64 = EventLoop.wakeTag
        guard unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, waker.eventDescriptor, &event) == 0 else { throw .last("epoll_ctl") }
    }

    deinit { if epoll >= 0 { close(epoll) } }

    // MARK: Descriptors

    package func register(_ descriptor: Int32, _ interest: Readiness, _ handler: any EventHandler) throws(SystemError) -> Registration {
        let index: Int32
        if freeSource >= 0 {
            index = freeSource
            freeSource = sources[Int(index)].nextFree
        } else {
            index = Int32(sources.count)
            sources.append(Source())
        }
        sources[Int(index)].handler = handler
        let registration = Registration(index: index, generation: sources[Int(index)].generation)
        guard control(EPOLL_CTL_ADD, descriptor, interest, registration) else {
            let error = SystemError.last("epoll_ctl")
            release(registration)
            throw error
        }
        return registration
    }

    package func modify(_ registration: Registration, _ descriptor: Int32, _ interest: Readiness) {
        precondition(isLive(registration))
        let done = control(EPOLL_CTL_MOD, descriptor, interest, registration)
        precondition(done, "a registered descriptor could not be changed")
    }

    /// Call before closing the descriptor.
    package func unregister(_ registration: Registration, _ descriptor: Int32) {
        guard isLive(registration) else { return }
        _ = control(EPOLL_CTL_DEL, descriptor, [], registration)
        release(registration)
    }

    private func isLive(_ registration: Registration) -> Bool {
        registration.index >= 0 && sources[Int(registration.index)].generation == registration.generation
    }

    private func release(_ registration: Registration) {
        sources[Int(registration.index)].handler = nil
        sources[Int(registration.index)].generation &+= 1
        sources[Int(registration.index)].nextFree = freeSource
        freeSource = registration.index
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ interest: Readiness, _ registration: Registration) -> Bool {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue
        unsafe event.data.u64 = UInt64(UInt32(bitPattern: registration.index)) << 32 | UInt64(registration.generation)
        return unsafe epoll_ctl(epoll, operation, descriptor, &event) == 0
    }

    // MARK: Timers and turns

    /// Calls `handler` with `tag` once, at `deadline` or within a millisecond after it.
    package func schedule(_ deadline: Instant, _ handler: any TimerHandler, tag: UInt64 = 0) -> TimerID {
        timers.schedule(deadline, handler, tag: tag)
    }

    package func cancel(_ timer: TimerID) { timers.cancel(timer) }

    package func addTurnHandler(_ handler: any TurnHandler, phase: TurnPhase) { turnHandlers[phase.rawValue].append(handler) }

    package func removeTurnHandler(_ handler: any TurnHandler) {
        for phase in turnHandlers.indices { turnHandlers[phase].removeAll { $0 === handler } }
    }

    /// Ends `run` after the present turn. From the loop's own thread.
    package func stop() { isStopping = true }

    package func run() {
        isStopping = false
        while !isStopping { turn() }
    }

    /// Waits for something to happen, at most until `limit`, and deals with it.
    package func turn(until limit: Instant? = nil) {
        let ready = wait(until: limit)
        now = Clock.now
        for position in 0..<ready { unsafe dispatch(events[position]) }
        timers.advance(to: now)
        while let expired = timers.popExpired() { expired.handler.timerFired(expired.tag, now: now) }
        for phase in turnHandlers.indices {
            for handler in turnHandlers[phase] { handler.turn(now: now) }
        }
    }

    private func wait(until limit: Instant?) -> Int {
        var timeout: Int32 = -1
        let deadline = min(timers.nextDeadline ?? .distantFuture, limit ?? .distantFuture)
        if deadline != .distantFuture {
            let rest = (deadline - Clock.now).nanoseconds
            timeout = rest <= 0 ? 0 : Int32(clamping: (rest + 999_999) / 1_000_000)
        }
        let sleeps = timeout != 0 && waker.beginSleep()
        let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
            unsafe epoll_wait(epoll, buffer.baseAddress!, Int32(buffer.count), sleeps ? timeout : 0)
        }
        waker.endSleep()
        precondition(count >= 0 || csystem_errno() == EINTR, "epoll_wait failed")
        return Int(max(0, count))
    }

    private func dispatch(_ event: epoll_event) {
        let tag = unsafe event.data.u64
        if tag == EventLoop.wakeTag { return waker.clearDescriptor() }
        let registration = Registration(index: Int32(truncatingIfNeeded: tag >> 32), generation: UInt32(truncatingIfNeeded: tag))
        guard isLive(registration), let handler = sources[Int(registration.index)].handler else { return }
        unsafe handler.ready(Readiness(rawValue: event.events))
    }
}
