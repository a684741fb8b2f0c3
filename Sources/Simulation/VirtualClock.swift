import Base

/// A member's monotonic clock: it runs at its own rate and now and then jumps ahead, as when a machine was suspended.
///
/// Never backwards: the system's clock that a member reads (CLOCK_MONOTONIC and its kin) does not do that.
struct VirtualClock {
    /// Where the rate was last changed: true time and what the clock showed then.
    private var base = Instant(nanoseconds: 0)
    private var shown: Instant
    /// Parts per million faster (or slower) than true time.
    private(set) var drift: Int64 = 0

    init(showing start: Instant) { shown = start }

    func reading(at time: Instant) -> Instant {
        let elapsed = (time - base).nanoseconds
        return shown + .nanoseconds(elapsed + Self.part(elapsed, drift))
    }

    /// The first true time at which the clock shows `reading` or later; `now` if it already does.
    func time(showing reading: Instant, now: Instant) -> Instant {
        let current = self.reading(at: now)
        guard reading > current else { return now }
        let wanted = (reading - current).nanoseconds
        // One part too many is harmless: the member looks at its clock when it wakes.
        let elapsed = wanted - Self.part(wanted, drift) + Self.part(Self.part(wanted, drift), drift) + 1
        var time = now + .nanoseconds(max(1, elapsed))
        while self.reading(at: time) < reading { time = time + .nanoseconds(1 + (reading - self.reading(at: time)).nanoseconds) }
        return time
    }

    mutating func setDrift(_ partsPerMillion: Int64, at time: Instant) {
        shown = reading(at: time)
        base = time
        drift = partsPerMillion
    }

    mutating func jump(by interval: Interval, at time: Instant) {
        precondition(interval >= .zero)
        shown = reading(at: time) + interval
        base = time
    }

    private static func part(_ nanoseconds: Int64, _ perMillion: Int64) -> Int64 {
        // Whole seconds first: the product of nanoseconds and parts would overflow after some hours.
        nanoseconds / 1_000_000 * perMillion + nanoseconds % 1_000_000 * perMillion / 1_000_000
    }
}
