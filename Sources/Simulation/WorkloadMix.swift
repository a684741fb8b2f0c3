import Base

/// How much of what the clients of a run do: drawn from the seed, so that each run tries another corner.
package struct WorkloadMix: Sendable {
    package var clients: Int
    /// Between two operations of one client, on average.
    package var pause: Interval
    /// One answer in so many begins a burst.
    package var burstEvery: Int
    /// How long a client waits for an answer.
    package var patience: Interval
    package var keys: Int
    package var valueBytesMax: Int
    package var streams: Int
    package var leaseHolders: Int
    /// Of 1,000 operations, how many are …; the rest are puts.
    package var ranges = 250
    package var serializableRanges = 150
    package var deletes = 80
    package var transactions = 150
    package var compactions = 5
    package var hashes = 10
    package var maintenance = 2
    /// Of 100 puts, how many carry a lease.
    package var leasedPuts = 15

    package init(_ dice: inout Dice) {
        clients = dice.within(2...8)
        let perSecond = dice.skewed(2...16)
        pause = .milliseconds(Int64(1000 * clients / perSecond))
        burstEvery = dice.pick([100, 300, 1000, 100_000])
        patience = .seconds(dice.pick([2, 8, 20]))
        keys = dice.pick([2, 4, 10, 30])
        valueBytesMax = dice.pick([0, 30, 1000, 1000, 20_000])
        streams = dice.within(1...4)
        leaseHolders = dice.within(0...3)
        switch dice.below(6) {
        case 0: (deletes, ranges) = (400, 100)
        case 1: (transactions, ranges) = (500, 100)
        case 2: (compactions, hashes) = (30, 30)
        case 3: (ranges, serializableRanges) = (450, 100)
        default: break
        }
    }
}
