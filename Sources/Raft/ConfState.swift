import Base

/// The members that count, as raftpb.ConfState keeps them in snapshots and in the store. Each list is ascending.
package struct ConfState: Sendable, Equatable {
    package var voters: [MemberID]
    package var learners: [MemberID]
    /// The old majority's voters while the configuration is joint; empty otherwise.
    package var votersOutgoing: [MemberID]
    /// Voters of the old majority that become learners when the joint configuration is left.
    package var learnersNext: [MemberID]
    /// The leader leaves the joint configuration by itself as soon as entering it is applied.
    package var autoLeave: Bool

    package init(
        voters: [MemberID] = [], learners: [MemberID] = [], votersOutgoing: [MemberID] = [], learnersNext: [MemberID] = [],
        autoLeave: Bool = false
    ) {
        self.voters = voters
        self.learners = learners
        self.votersOutgoing = votersOutgoing
        self.learnersNext = learnersNext
        self.autoLeave = autoLeave
    }

    /// Nil if the lists fit together; otherwise what is wrong. A configuration without any member is right: that of a member
    /// that waits to be added.
    package var contradiction: String? {
        let all = voters + learners + votersOutgoing + learnersNext
        if all.contains(.zero) { return "member id 0" }
        if voters.isEmpty && !all.isEmpty { return "no voters" }
        if learners.contains(where: { voters.contains($0) || votersOutgoing.contains($0) }) { return "a member is voter and learner" }
        if learnersNext.contains(where: { !votersOutgoing.contains($0) || voters.contains($0) }) {
            return "a member is to become a learner that is no outgoing voter"
        }
        return nil
    }

    package func contains(_ id: MemberID) -> Bool {
        voters.contains(id) || learners.contains(id) || votersOutgoing.contains(id) || learnersNext.contains(id)
    }
}
