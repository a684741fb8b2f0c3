import Base

/// What the leader knows of a member; for status, metrics and the decision whether a learner may be promoted.
package struct MemberStatus: Sendable, Equatable {
    package enum Replication: UInt8, Sendable {
        case probe
        case replicate
        case snapshot
    }

    package var id: MemberID
    package var isLearner: Bool
    /// Durable there, as far as known. Zero everywhere but on the leader.
    package var match: LogIndex
    package var next: LogIndex
    package var replication: Replication
    /// Heard from since the last quorum check.
    package var isRecentlyActive: Bool
    package var inflightMessages: Int

    init(_ progress: Progress) {
        id = progress.id
        isLearner = progress.isLearner
        match = progress.match
        next = progress.next
        replication =
            switch progress.state {
            case .probe: .probe
            case .replicate: .replicate
            case .snapshot: .snapshot
            }
        isRecentlyActive = progress.isRecentlyActive
        inflightMessages = progress.inflight.count
    }
}
