import Base
import CSystem

/// Wakes one sleeping thread. Waking a thread that is awake costs one atomic exchange and no system call.
///
/// The thread that sleeps is the only one that calls `beginSleep`, `endSleep` and `park`; any thread calls `wake`. Work must
/// be put where the sleeper will look *before* `wake` is called; the sleeper looks *after* `endSleep`.
///
///     awake --beginSleep--> sleeping --endSleep--> awake
///     any   --wake-->       notified                        (beginSleep in `notified` refuses and goes back to awake)
@safe
@usableFromInline
package final class Waker: @unchecked Sendable {
    private static let awake: UInt32 = 0
    private static let sleeping: UInt32 = 1
    private static let notified: UInt32 = 2

    private let state: UnsafeMutablePointer<UInt32>
    /// Readable when a sleeping thread was woken; -1 for a thread that sleeps on the word itself.
    let eventDescriptor: Int32

    /// `pollable`: the thread sleeps in epoll and is woken through a descriptor.
    @usableFromInline package init(pollable: Bool = false) {
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: Waker.awake)
        eventDescriptor = pollable ? eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) : -1
        precondition(!pollable || eventDescriptor >= 0, "out of descriptors: could not make an event descriptor")
    }

    deinit {
        unsafe state.deallocate()
        if eventDescriptor >= 0 { close(eventDescriptor) }
    }

    @usableFromInline package func wake() {
        guard unsafe csystem_exchange(state, Waker.notified) == Waker.sleeping else { return }
        if eventDescriptor >= 0 {
            var one: UInt64 = 1
            unsafe _ = write(eventDescriptor, &one, 8)
        } else {
            unsafe csystem_futex_wake(state)
        }
    }

    /// False when somebody has woken us since we last looked: look again instead of sleeping.
    func beginSleep() -> Bool {
        if unsafe csystem_compare_exchange(state, Waker.awake, Waker.sleeping) != 0 { return true }
        unsafe _ = csystem_exchange(state, Waker.awake)
        return false
    }

    func endSleep() {
        unsafe _ = csystem_exchange(state, Waker.awake)
    }

    func clearDescriptor() {
        var count: UInt64 = 0
        unsafe _ = read(eventDescriptor, &count, 8)
    }

    /// Sleeps until woken or until `deadline`; without one, until woken. Returns at once when woken since the last call. May
    /// return early. Only for a waker that is not pollable.
    @usableFromInline package func park(until deadline: Instant? = nil) {
        precondition(eventDescriptor < 0, "a pollable waker sleeps in its event loop")
        guard beginSleep() else { return }
        var time = timespec()
        if let deadline {
            let nanoseconds = Swift.max(0, deadline.nanoseconds)
            time.tv_sec = Int(nanoseconds / 1_000_000_000)
            time.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        while unsafe csystem_load(state) == Waker.sleeping {
            let code =
                unsafe deadline == nil
                ? csystem_futex_wait(state, Waker.sleeping, nil) : csystem_futex_wait(state, Waker.sleeping, &time)
            if code == ETIMEDOUT { break }
        }
        endSleep()
    }
}
