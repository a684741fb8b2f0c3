import Base
import CSystem

/// The machine's clocks. Only drivers read them; the core is told the instant.
package enum Clock {
    /// The monotonic clock. It does not advance while the machine is suspended.
    package static var now: Instant {
        var time = timespec()
        unsafe _ = clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// The wall clock: nanoseconds since 1970-01-01 UTC. May jump either way.
    package static var wallNanoseconds: Int64 {
        var time = timespec()
        unsafe _ = clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
