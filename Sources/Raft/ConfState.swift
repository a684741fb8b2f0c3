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
}
