import Base

/// Random decisions of one part of the world. Each part has its own, so that one more draw in one part changes nothing in
/// another.
package struct Dice: Sendable {
    private var source: RandomSource

    package init(seed: UInt64) { source = RandomSource(seed: seed) }

    package mutating func number() -> UInt64 { source.next() }

    /// In `0 ..< bound`. Requires bound > 0.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        return Int(source.next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    package mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// True `numerator` times out of `denominator`.
    package mutating func happens(_ numerator: Int, in denominator: Int) -> Bool { numerator > 0 && below(denominator) < numerator }

    /// True with this probability.
    package mutating func happens(_ probability: Double) -> Bool {
        probability > 0 && Double(source.next() >> 11) * 0x1p-53 < probability
    }

    package mutating func interval(_ range: ClosedRange<Interval>) -> Interval {
        let width = range.upperBound.nanoseconds - range.lowerBound.nanoseconds
        guard width > 0 else { return range.lowerBound }
        return range.lowerBound + .nanoseconds(Int64(source.next().multipliedFullWidth(by: UInt64(width) + 1).high))
    }

    /// Small values often, large ones seldom: the exponent is uniform. Requires 0 < lower bound.
    package mutating func skewed(_ range: ClosedRange<Int>) -> Int {
        precondition(range.lowerBound > 0)
        let doublings = (range.upperBound / range.lowerBound).bitWidth - (range.upperBound / range.lowerBound).leadingZeroBitCount
        let low = range.lowerBound << below(max(1, doublings))
        return min(range.upperBound, within(low...max(low, min(range.upperBound, low * 2 - 1))))
    }

    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        var place = elements.count - 1
        while place > 0 {
            elements.swapAt(place, below(place + 1))
            place -= 1
        }
    }
}
