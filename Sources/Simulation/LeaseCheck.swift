import Base

/// How far the members' monotonic clocks may be from true time.
package struct ClockRules: Sendable {
    /// A clock's seconds per true second, at most.
    package var maxRate: Double
    /// All forward jumps of one clock together.
    package var maxJump: Interval

    package init(maxRate: Double = 1, maxJump: Interval = .zero) {
        self.maxRate = maxRate
        self.maxJump = maxJump
    }

    /// True time that passes at least while some member's clock counts `interval`.
    func shortest(_ interval: Interval) -> Interval {
        let nanoseconds = Double(interval.nanoseconds - maxJump.nanoseconds) / maxRate
        return Interval(nanoseconds: max(0, Int64(nanoseconds)))
    }
}

/// Leases: none ends before its time, unless a client asks for it.
package struct LeaseCheck: Sendable {
    let clocks: ClockRules
    /// No end before this, by id.
    private var lasts: [Int64: Instant] = [:]
    private var asked: Set<Int64> = []

    package init(clocks: ClockRules) { self.clocks = clocks }

    package mutating func granted(_ id: Int64, ttl: Int64, at now: Instant) {
        lasts[id] = now + clocks.shortest(.seconds(ttl))
    }

    /// A renewal that was asked for at `invoked` has been acknowledged by the one member that led.
    package mutating func renewed(_ id: Int64, ttl: Int64, invoked: Instant) {
        guard let end = lasts[id] else { return }
        lasts[id] = max(end, invoked + clocks.shortest(.seconds(ttl)))
    }

    package mutating func revocationAsked(_ id: Int64) { asked.insert(id) }

    /// The revocation has been applied.
    package mutating func ended(_ id: Int64, at now: Instant) throws(Violation) {
        guard let end = lasts.removeValue(forKey: id) else { return }
        if asked.contains(id) || now >= end { return }
        throw Violation(.lease, "lease \(id) was ended, it lasts until \(end.inSeconds) at least", at: now)
    }
}
