import Base

/// What a member must remember across a crash besides its log (Raft §5.1, raftpb.HardState).
package struct HardState: Sendable, Equatable {
    package var term: Term
    /// The candidate that got this member's vote in `term`; zero if none.
    package var vote: MemberID
    /// An optimisation of recovery: may lag behind what was committed, never runs ahead.
    package var commit: LogIndex

    package init(term: Term = .zero, vote: MemberID = .zero, commit: LogIndex = .zero) {
        self.term = term
        self.vote = vote
        self.commit = commit
    }
}
