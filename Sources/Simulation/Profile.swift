import Base
import Replica
import Storage

/// How rough a run is, and the bounds it runs with: all drawn from the seed, so that each run tries another corner.
package struct Profile: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// No faults but the delays of a good network.
        case calm
        /// Messages are lost, doubled, overtaken and late; links are cut.
        case network
        /// Processes and machines end and come back.
        case crashes
        /// Disks are slow, full, fail to sync, and lose what was not synced.
        case disks
        /// Clocks drift and jump, processes stand still.
        case clocks
        /// Members come, are promoted and go.
        case membership
        /// All of it at once.
        case hostile
    }

    package var kind: Kind
    /// Mean time between two faults of each kind; a kind that is not here does not happen.
    var meanBetween: [(kind: FaultKind, interval: Interval)] = []
    /// Of 100,000 messages, how many are …
    var dropped = 0
    var duplicated = 0
    var delayed = 0
    /// One way between members.
    var latency: ClosedRange<Interval> = .microseconds(100)...Interval.milliseconds(1)
    var clientLatency: ClosedRange<Interval> = .microseconds(50)...Interval.milliseconds(2)
    /// Messages between two members keep their order unless they are delayed by a fault.
    var keepsOrder = true
    /// At a site that is often passed, one in so many ends the member; 0: none. Rare sites are worth a hundred times more.
    var crashPerSite = 0
    /// More than a minority may be down at the same time.
    var mayLoseQuorum = false
    /// A log write and its sync.
    var syncTime: ClosedRange<Interval> = .microseconds(200)...Interval.milliseconds(2)
    var commitTime: ClosedRange<Interval> = .milliseconds(1)...Interval.milliseconds(10)
    /// Parts per million.
    var driftMax = 0
    var jumpMax = Interval.zero
    /// Sum of a member's jumps in one run.
    var jumpsMax = Interval.zero

    package init(_ kind: Kind, _ dice: inout Dice) {
        self.kind = kind
        if dice.happens(1, in: 4) {
            latency = .milliseconds(5)...Interval.milliseconds(dice.within(10...60).asInt64)
            clientLatency = .milliseconds(1)...Interval.milliseconds(20)
        }
        switch kind {
        case .calm: break
        case .network: addNetwork(&dice)
        case .crashes: addCrashes(&dice)
        case .disks: addDisks(&dice)
        case .clocks: addClocks(&dice)
        case .membership:
            addMembership(&dice)
            if dice.happens(1, in: 2) { addCrashes(&dice) }
            if dice.happens(1, in: 2) { addNetwork(&dice) }
        case .hostile:
            addNetwork(&dice)
            addCrashes(&dice)
            addDisks(&dice)
            addClocks(&dice)
            addMembership(&dice)
        }
    }

    /// Which kind a seed gets.
    package static func draw(_ dice: inout Dice) -> Profile {
        let kinds: [Kind] = [
            .calm, .network, .network, .crashes, .crashes, .crashes, .disks, .disks, .clocks, .membership, .membership, .hostile, .hostile,
        ]
        let kind = dice.pick(kinds)
        return Profile(kind, &dice)
    }

    private mutating func add(_ kind: FaultKind, every seconds: ClosedRange<Int>, _ dice: inout Dice) {
        meanBetween.append((kind, .seconds(dice.within(seconds).asInt64)))
    }

    private mutating func addNetwork(_ dice: inout Dice) {
        dropped = dice.pick([0, 10, 100, 1000, 5000])
        duplicated = dice.pick([0, 0, 100, 2000])
        delayed = dice.pick([0, 100, 2000])
        keepsOrder = dice.happens(1, in: 2)
        add(.partition, every: 20...120, &dice)
        add(.oneWayPartition, every: 30...200, &dice)
        add(.isolation, every: 30...200, &dice)
        if dice.happens(1, in: 2) { add(.brokenClientLink, every: 2...30, &dice) }
    }

    private mutating func addCrashes(_ dice: inout Dice) {
        add(.kill, every: 20...120, &dice)
        add(.powerLoss, every: 20...120, &dice)
        crashPerSite = dice.pick([0, 3_000, 10_000, 30_000])
        mayLoseQuorum = dice.happens(1, in: 2)
    }

    private mutating func addDisks(_ dice: inout Dice) {
        add(.slowDisk, every: 30...150, &dice)
        if dice.happens(1, in: 2) { add(.fullDisk, every: 60...300, &dice) }
        if dice.happens(1, in: 3) { add(.lowDisk, every: 60...300, &dice) }
        add(.failedSync, every: 60...300, &dice)
        add(.powerLoss, every: 30...150, &dice)
        if dice.happens(1, in: 2) { add(.bitFlip, every: 100...400, &dice) }
        crashPerSite = dice.pick([0, 10_000, 30_000])
    }

    private mutating func addClocks(_ dice: inout Dice) {
        add(.pause, every: 15...100, &dice)
        add(.clockDrift, every: 20...100, &dice)
        add(.clockJump, every: 30...200, &dice)
        driftMax = dice.pick([100, 1000, 20_000, 100_000])
        jumpMax = .milliseconds(dice.pick([100, 1000, 5000, 20_000]))
        jumpsMax = jumpMax.scaled(by: 4)
    }

    private mutating func addMembership(_ dice: inout Dice) {
        add(.memberAdded, every: 30...100, &dice)
        add(.memberPromoted, every: 10...40, &dice)
        add(.memberRemoved, every: 60...200, &dice)
        if dice.happens(1, in: 2) { add(.memberReplaced, every: 100...300, &dice) }
        add(.leaderMoved, every: 20...100, &dice)
    }
}

extension Int {
    var asInt64: Int64 { Int64(self) }
}

/// The bounds of one run.
struct RunLimits: Sendable {
    var replica = ReplicaConfiguration()
    var log = WALLimits()
    var founders: Int
    /// Members at the same time, at most.
    var membersMax: Int

    init(_ dice: inout Dice) {
        founders = dice.pick([1, 2, 3, 3, 3, 3, 3, 4, 5, 5, 7])
        membersMax = min(7, founders + 2)
        replica.tick = .milliseconds(dice.pick([100, 200, 250, 500]))
        replica.electionTicks = dice.within(5...12)
        replica.snapshotCount = UInt64(dice.skewed(5...4000))
        replica.catchUpEntries = UInt64(dice.skewed(1...2000))
        replica.commitInterval = .milliseconds(dice.pick([10, 100, 100, 1000, 3000]))
        replica.commitOperations = dice.skewed(1...4096)
        replica.commitsInFlight = dice.within(1...3)
        replica.progressInterval = .seconds(dice.pick([5, 30, 600]))
        replica.watchStreamBytes = dice.pick([1 << 10, 1 << 14, 1 << 20])
        replica.quotaBytes = 0
        replica.messageBytesMax = dice.skewed(64...(1 << 20))
        replica.inflightMessagesMax = dice.skewed(1...512)
        replica.preVote = !dice.happens(1, in: 6)
        replica.leaseCheckpointInterval = dice.happens(1, in: 3) ? .seconds(dice.pick([5, 30, 300])) : nil
        log.segmentBytes = dice.skewed(1 << 11...1 << 18)
        log.readWindowBytes = dice.skewed(1 << 9...1 << 16)
        log.segmentsKept = dice.within(1...5)
        log.snapshotsKept = dice.within(1...5)
    }
}
