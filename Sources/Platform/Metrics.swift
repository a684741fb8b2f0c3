import Synchronization

/// A number that only grows. From any thread; an increment is one relaxed atomic addition.
@usableFromInline
package final class Counter: Sendable {
    @usableFromInline let count = Atomic<UInt64>(0)

    package init() {}
    @inlinable package func add(_ amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down. From any thread.
package final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    package init() {}
    package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    package func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (done, current) = bits.compareExchange(expected: old, desired: new, ordering: .relaxed)
            if done { return }
            old = current
        }
    }
}

/// Observations counted by size. From any thread.
@safe
package final class Histogram: Sendable {
    /// Upper bounds, ascending; a last bucket without bound follows.
    package let bounds: [Double]
    private nonisolated(unsafe) let counts: UnsafeMutablePointer<Atomic<UInt64>>
    private let total = Gauge()

    package init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "histogram bounds must ascend")
        self.bounds = bounds
        unsafe counts = .allocate(capacity: bounds.count + 1)
        for index in 0...bounds.count { unsafe (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe counts.deinitialize(count: bounds.count + 1)
        unsafe counts.deallocate()
    }

    package func observe(_ value: Double) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        unsafe counts[index].wrappingAdd(1, ordering: .relaxed)
        total.add(value)
    }

    /// Observations of each bucket alone, the unbounded one last.
    package var bucketCounts: [UInt64] { (0...bounds.count).map { unsafe counts[$0].load(ordering: .relaxed) } }
    package var sum: Double { total.value }

    /// `count` bounds from `start`, each `factor` times the one before.
    package static func exponential(start: Double, factor: Double, count: Int) -> [Double] {
        var bounds = [start]
        while bounds.count < count { bounds.append(bounds[bounds.count - 1] * factor) }
        return bounds
    }
}
