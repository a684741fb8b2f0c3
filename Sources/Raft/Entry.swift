import Base

/// What an entry's data is (raftpb.EntryType).
@frozen
package enum EntryKind: UInt8, Sendable {
    case normal = 0
    /// raftpb.ConfChange
    case configurationChange = 1
    /// raftpb.ConfChangeV2
    case configurationChangeV2 = 2
}

/// One entry of the replicated log. Its (index, term) identifies its data for ever (Log Matching, Raft §5.3).
@frozen
package struct Entry: Sendable, Equatable {
    package var term: Term
    package var index: LogIndex
    package var kind: EntryKind
    /// Shared with the request it came from and with every message and log write it goes out in; never copied.
    package var data: Bytes

    @inlinable
    package init(term: Term, index: LogIndex, kind: EntryKind = .normal, data: Bytes) {
        self.term = term
        self.index = index
        self.kind = kind
        self.data = data
    }

    /// Upper bound of the encoded raftpb.Entry without its data: three tagged varints and the data's tag and length.
    static let overheadBytes = 30
}

/// A place in the log: the entry at `index` and the term it was made in. (0, 0) is the place before the first entry.
@frozen
package struct LogPosition: Hashable, Sendable {
    package var index: LogIndex
    package var term: Term

    @inlinable
    package init(index: LogIndex, term: Term) {
        self.index = index
        self.term = term
    }

    @inlinable package static var zero: LogPosition { LogPosition(index: .zero, term: .zero) }
}
