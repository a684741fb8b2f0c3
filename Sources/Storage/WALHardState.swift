import Base

/// Raft's persistent state: the current term, who got this member's vote in it, and the index known to be committed.
@usableFromInline
package struct WALHardState: Hashable, Sendable {
    package var term: Term
    package var vote: MemberID
    package var commit: LogIndex

    package init(term: Term = .zero, vote: MemberID = .zero, commit: LogIndex = .zero) {
        self.term = term
        self.vote = vote
        self.commit = commit
    }

    /// An empty state is never written.
    package var isEmpty: Bool { self == WALHardState() }
}

extension WALHardState {
    /// raftpb.HardState; nil for anything else. A state is written only when there is a term.
    init?(decoding span: RawSpan) {
        guard let (term, vote, commit) = ProtobufField.scalars(in: span, fields: 3), term > 0 else { return nil }
        self.init(term: Term(term), vote: MemberID(vote), commit: LogIndex(commit))
    }
}
