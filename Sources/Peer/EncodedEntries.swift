import Base
import Raft

/// Entries as the append stream has them (each after its length), to be shared by all the peers that the same ones go to.
struct EncodedEntries {
    let first: LogPosition
    let last: LogPosition
    let bytes: Bytes

    init(_ entries: [Entry]) {
        first = entries[0].position
        last = entries[entries.count - 1].position
        var capacity = 0
        for index in entries.indices { capacity += RaftpbCodec.size(entries[index]) + 8 }
        var out = ByteBuffer(capacity: capacity)
        for index in entries.indices {
            out.append(bigEndian: UInt64(RaftpbCodec.size(entries[index])))
            RaftpbCodec.encode(entries[index], into: &out)
        }
        bytes = Bytes(out.freeze())
    }

    /// An entry's index and term say what is in it and in all before it (Log Matching, Raft §5.3).
    func holds(_ entries: [Entry]) -> Bool {
        guard let a = entries.first, let b = entries.last else { return false }
        return a.position == first && b.position == last
    }
}

extension Entry {
    var position: LogPosition { LogPosition(index: index, term: term) }
}
