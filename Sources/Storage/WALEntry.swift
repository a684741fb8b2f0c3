import Base

/// What an entry's data is (formats.md §2.7). The raw value is the one on disk.
@frozen
@usableFromInline
package enum WALEntryKind: UInt8, Sendable {
    case normal = 0
    case configurationChange = 1
    case configurationChangeV2 = 2
}

/// One Raft entry as the log on disk holds it.
@usableFromInline
package struct WALEntry: Hashable, Sendable {
    package var term: Term
    package var index: LogIndex
    package var kind: WALEntryKind
    /// Points into the block the entry was read from or will be written from.
    package var data: Bytes

    package init(term: Term, index: LogIndex, kind: WALEntryKind, data: Bytes) {
        self.term = term
        self.index = index
        self.kind = kind
        self.data = data
    }
}

extension WALEntry {
    /// raftpb.Entry as etcd writes it; nil for anything else. With its type byte damaged, a hard state (term, vote, commit) would
    /// look like an entry without data of kind 1 or 2 (kind, term, index). An entry of kind 1 always has data; one of kind 2 that
    /// has none (it leaves a joint configuration) is told apart by its term, which for a hard state would be a member's id.
    init?(decoding bytes: Bytes) {
        let span = bytes.span
        var kind: UInt64 = 0
        var term: UInt64 = 0
        var index: UInt64 = 0
        var data = ByteRange()
        var position = 0
        var previous = 0
        while position < span.byteCount {
            guard let field = ProtobufField.next(in: span, at: &position), field.number > previous else { return nil }
            previous = field.number
            switch (field.number, field.wire) {
            case (1, .varint): kind = field.value
            case (2, .varint): term = field.value
            case (3, .varint): index = field.value
            case (4, .bytes): data = field.range
            default: return nil
            }
        }
        guard term > 0, index > 0, kind <= 2, let entryKind = WALEntryKind(rawValue: UInt8(kind)) else { return nil }
        if data.isEmpty, entryKind == .configurationChange || entryKind == .configurationChangeV2 && term >> 32 != 0 { return nil }
        self.init(
            term: Term(term), index: LogIndex(index), kind: entryKind,
            data: data.isEmpty ? Bytes() : bytes.slice(Int(data.offset), count: data.count))
    }
}
