import Base
import Raft

/// What a simulator sees of a replica besides its effects.
extension Replica {
    /// The last entry applied.
    package var appliedIndex: LogIndex { applied }

    /// Who gets entries and counts in no majority, as Raft has it.
    package var learners: [MemberID] { raft.confState.learners }

    /// An applied entry as this member has it; nil when a snapshot has taken its place.
    package func appliedEntry(at index: LogIndex) -> Entry? {
        guard index >= raft.firstIndex, index <= applied else { return nil }
        return raft.entry(at: index)
    }

    /// What this member leads in, if it does, and the last entry that it knows to be committed.
    package var commitment: (leads: Term?, index: LogIndex, term: Term?) {
        (raft.isLeader ? raft.term : nil, raft.committed, raft.term(at: raft.committed))
    }
}
