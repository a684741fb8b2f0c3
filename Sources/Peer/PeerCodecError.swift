import Base
import Wire

/// Why bytes of a peer are not what the protocol has there.
package enum PeerCodecError: Error, Equatable, Sendable, CustomStringConvertible {
    case wire(WireError)
    /// A message type that never travels between members, or none that we know.
    case unknownKind(UInt64)
    case unknownEntryKind(UInt64)
    /// A snapshot message without its snapshot.
    case snapshotMissing
    /// A length beyond its bound.
    case tooLong(UInt64, max: Int)
    case tooManyEntries(UInt64, max: Int)
    /// No item of the append stream begins with this byte.
    case unknownItem(UInt8)

    package var description: String {
        switch self {
        case .wire(let error): error.description
        case .unknownKind(let kind): "raft message of type \(kind), which members do not send each other"
        case .unknownEntryKind(let kind): "raft entry of unknown type \(kind)"
        case .snapshotMissing: "raft message of type 7 (MsgSnap) without a snapshot"
        case .tooLong(let length, let max): "length \(length) is above the limit of \(max) bytes"
        case .tooManyEntries(let count, let max): "\(count) entries in one message are above the limit of \(max)"
        case .unknownItem(let byte): "unknown item type \(byte) in the append stream"
        }
    }
}

/// Bounds of what a peer may send in one piece.
package struct PeerCodecLimits: Sendable {
    /// limits.tsv, "message stream frame".
    package var frameBytesMax = 512 << 20
    /// A leader puts at most 1 MiB of entries, or one larger, into a message; an entry takes at least six bytes.
    package var entriesMax = 1 << 20
    /// limits.tsv, "snapshot message (without db)".
    package var snapshotMessageBytesMax = 64 << 20

    package init() {}
}
