/// A span of time in nanoseconds. May be negative.
///
/// The standard library's `Duration` is 128 bits wide and its arithmetic is not inlined; deadlines are compared on the hot
/// path, so the core uses one machine word. Range: about ±292 years; arithmetic saturates.
@frozen
@usableFromInline
package struct Interval: Comparable, Hashable, Sendable {
    @usableFromInline package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable package static var zero: Interval { Interval(nanoseconds: 0) }
    @inlinable package static func nanoseconds(_ n: Int64) -> Interval { Interval(nanoseconds: n) }
    @inlinable package static func microseconds(_ n: Int64) -> Interval { Interval(nanoseconds: 1000).scaled(by: n) }
    @inlinable package static func milliseconds(_ n: Int64) -> Interval { Interval(nanoseconds: 1_000_000).scaled(by: n) }
    @inlinable package static func seconds(_ n: Int64) -> Interval { Interval(nanoseconds: 1_000_000_000).scaled(by: n) }

    /// Whole milliseconds, rounded towards zero.
    @inlinable package var milliseconds: Int64 { nanoseconds / 1_000_000 }
    @inlinable package var seconds: Double { Double(nanoseconds) / 1e9 }

    @inlinable package func scaled(by factor: Int64) -> Interval {
        let (product, overflow) = nanoseconds.multipliedReportingOverflow(by: factor)
        guard overflow else { return Interval(nanoseconds: product) }
        return Interval(nanoseconds: (nanoseconds < 0) == (factor < 0) ? .max : .min)
    }

    @inlinable package static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }

    @inlinable package static func + (a: Interval, b: Interval) -> Interval {
        Interval(nanoseconds: saturatingSum(a.nanoseconds, b.nanoseconds))
    }

    @inlinable package static func - (a: Interval, b: Interval) -> Interval {
        Interval(nanoseconds: saturatingDifference(a.nanoseconds, b.nanoseconds))
    }
}

/// A point on a monotonic clock whose origin is arbitrary: only differences mean anything. The core never reads a clock;
/// its callers pass the present instant in.
@frozen
@usableFromInline
package struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's origin.
    @usableFromInline package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable package static var distantFuture: Instant { Instant(nanoseconds: .max) }

    @inlinable package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    @inlinable package static func + (a: Instant, b: Interval) -> Instant {
        Instant(nanoseconds: saturatingSum(a.nanoseconds, b.nanoseconds))
    }

    @inlinable package static func - (a: Instant, b: Interval) -> Instant {
        Instant(nanoseconds: saturatingDifference(a.nanoseconds, b.nanoseconds))
    }

    @inlinable package static func - (a: Instant, b: Instant) -> Interval {
        Interval(nanoseconds: saturatingDifference(a.nanoseconds, b.nanoseconds))
    }
}

@inlinable
package func saturatingSum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (a < 0 ? .min : .max) : sum
}

@inlinable
package func saturatingDifference(_ a: Int64, _ b: Int64) -> Int64 {
    let (difference, overflow) = a.subtractingReportingOverflow(b)
    return overflow ? (a < 0 ? .min : .max) : difference
}
