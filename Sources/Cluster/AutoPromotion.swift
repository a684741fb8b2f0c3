import Base

/// When the leader promotes a learner by itself (`--learner-auto-promote`): it must have kept up without a break for a given
/// time. Time is passed in; owned by the replica's thread.
package struct AutoPromotion: Sendable {
    /// How long a learner must have kept up.
    package let delay: Interval
    /// Entries that a learner may be behind and still count as keeping up.
    package static let lagMax: UInt64 = 1_000
    private var keepingUpSince: [MemberID: Instant] = [:]

    package init(after delay: Interval) { self.delay = delay }

    /// What the leader knows of one learner.
    package struct Sighting: Sendable, Equatable {
        package var id: MemberID
        package var match: LogIndex
        package var isActive: Bool
        /// It has announced itself.
        package var isStarted: Bool

        package init(id: MemberID, match: LogIndex, isActive: Bool, isStarted: Bool) {
            self.id = id
            self.match = match
            self.isActive = isActive
            self.isStarted = isStarted
        }
    }

    /// Looks at the learners; returns one that is due, if there is one. To be called now and then by the leader alone.
    package mutating func due(_ learners: [Sighting], leaderMatch: LogIndex, now: Instant) -> MemberID? {
        let before = keepingUpSince
        keepingUpSince = [:]
        for learner in learners where Self.keepsUp(learner, leaderMatch) { keepingUpSince[learner.id] = before[learner.id] ?? now }
        return keepingUpSince.filter { now - $0.value >= delay }.keys.min()
    }

    /// A member that no longer leads knows nothing of the learners.
    package mutating func forget() { keepingUpSince = [:] }

    private static func keepsUp(_ learner: Sighting, _ leaderMatch: LogIndex) -> Bool {
        guard learner.isActive, learner.isStarted, learner.match > .zero else { return false }
        return Membership.isInSync(learner: learner.match, leader: leaderMatch)
            && learner.match.rawValue + lagMax >= leaderMatch.rawValue
    }
}
