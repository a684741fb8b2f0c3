import Base
import Raft
import Wire

/// raftpb.Message as bytes. Encodes in the dialect up to 3.6, in which every scalar is written, zero or not; decodes that and
/// the later one. Pure functions; any thread.
///
/// An answer to a vote leaves without the index and log term that ours carry: etcd has nothing there, and what a Go member makes
/// of fields that its own peers never set is not ours to find out.
package enum RaftpbCodec {
    // MARK: Encoding

    package static func encode(_ message: borrowing Message, into out: inout ByteBuffer) {
        let isVoteAnswer = message.kind == .voteResponse || message.kind == .preVoteResponse
        out.field(0x08, always: UInt64(message.kind.rawValue))
        out.field(0x10, always: message.to.rawValue)
        out.field(0x18, always: message.from.rawValue)
        out.field(0x20, always: message.term.rawValue)
        out.field(0x28, always: isVoteAnswer ? 0 : message.logTerm.rawValue)
        out.field(0x30, always: isVoteAnswer ? 0 : message.index.rawValue)
        for index in message.entries.indices {
            out.append(0x3A)
            out.append(varint: UInt64(size(message.entries[index])))
            encode(message.entries[index], into: &out)
        }
        out.field(0x40, always: message.commit.rawValue)
        if let snapshot = message.snapshot {
            out.append(0x4A)
            out.append(varint: UInt64(size(snapshot)))
            encode(snapshot, into: &out)
        }
        out.field(0x50, always: message.reject ? 1 : 0)
        out.field(0x58, always: message.rejectHint.rawValue)
        if !message.context.isEmpty { out.field(0x62, always: message.context.span) }
    }

    package static func encode(_ message: borrowing Message) -> Bytes {
        var out = ByteBuffer(capacity: sizeEstimate(message))
        encode(message, into: &out)
        return Bytes(out.freeze())
    }

    /// No less than the encoded size.
    static func sizeEstimate(_ message: borrowing Message) -> Int {
        var size = 112 + message.context.count
        for index in message.entries.indices { size += message.entries[index].data.count + 48 }
        if let snapshot = message.snapshot { size += self.size(snapshot) + 8 }
        return size
    }

    @inline(__always)
    static func size(_ entry: borrowing Entry) -> Int {
        let scalars = 4 &+ varintSize(entry.term.rawValue) &+ varintSize(entry.index.rawValue)
        guard !entry.data.isEmpty else { return scalars }
        return scalars &+ 1 &+ varintSize(UInt64(entry.data.count)) &+ entry.data.count
    }

    @inline(__always)
    static func encode(_ entry: borrowing Entry, into out: inout ByteBuffer) {
        out.append(0x08)
        out.append(entry.kind.rawValue)
        out.append(0x10)
        out.append(varint: entry.term.rawValue)
        out.append(0x18)
        out.append(varint: entry.index.rawValue)
        guard !entry.data.isEmpty else { return }
        out.append(0x22)
        out.append(varint: UInt64(entry.data.count))
        out.append(entry.data.span)
    }

    private static func size(_ snapshot: Snapshot) -> Int {
        let metadata = size(snapshot.metadata)
        return (snapshot.data.isEmpty ? 0 : FieldSize.of(0x0A, byteCount: snapshot.data.count)) + FieldSize.of(0x12, byteCount: metadata)
    }

    private static func encode(_ snapshot: Snapshot, into out: inout ByteBuffer) {
        if !snapshot.data.isEmpty { out.field(0x0A, always: snapshot.data.span) }
        out.append(0x12)
        out.append(varint: UInt64(size(snapshot.metadata)))
        let state = snapshot.metadata.confState
        out.append(0x0A)
        out.append(varint: UInt64(size(state)))
        for id in state.voters { out.field(0x08, always: id.rawValue) }
        for id in state.learners { out.field(0x10, always: id.rawValue) }
        for id in state.votersOutgoing { out.field(0x18, always: id.rawValue) }
        for id in state.learnersNext { out.field(0x20, always: id.rawValue) }
        out.field(0x28, always: state.autoLeave ? 1 : 0)
        out.field(0x10, always: snapshot.metadata.index.rawValue)
        out.field(0x18, always: snapshot.metadata.term.rawValue)
    }

    private static func size(_ metadata: SnapshotMetadata) -> Int {
        FieldSize.of(0x0A, byteCount: size(metadata.confState)) + FieldSize.of(0x10, always: metadata.index.rawValue)
            + FieldSize.of(0x18, always: metadata.term.rawValue)
    }

    private static func size(_ state: ConfState) -> Int {
        let ids = state.voters + state.learners + state.votersOutgoing + state.learnersNext
        return ids.reduce(2) { $0 + 1 + varintSize($1.rawValue) }
    }
}
