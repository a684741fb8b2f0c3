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

extension RaftNode {
    package func memberStatus(of member: MemberID) -> MemberStatus? {
        guard let position = membership.position(of: member) else { return nil }
        return MemberStatus(membership[position])
    }

    /// Ascending by id.
    package var memberStatuses: [MemberStatus] { membership.members.map { MemberStatus($0) } }

    /// True if this member is a learner in the configuration as applied.
    package var isLearner: Bool {
        guard let position = membership.position(of: id) else { return false }
        return membership[position].isLearner
    }

    package var isJoint: Bool { membership.isJoint }
    package var applied: LogIndex { log.applied }
    /// Everything up to here is on this member's own disk.
    package var durable: LogIndex { log.durable }
    /// The last write reported as durable.
    package var durableWrite: WriteNumber { log.durableWrite }
    /// Data bytes of entries that are not yet known to be committed.
    package var uncommittedBytes: Int { log.uncommittedBytes }
    package var readsPending: Int { reads.pendingCount }
}
