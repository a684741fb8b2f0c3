import Base

/// For status answers and metrics.
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
    /// Data bytes of entries that are not yet known to be committed.
    package var uncommittedBytes: Int { log.uncommittedBytes }
    package var readsPending: Int { reads.pendingCount }
}
