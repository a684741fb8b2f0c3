import Base
import Raft

/// The body of a snapshot's transfer (formats.md §7.4): the message after its length, then the database to the end.
package enum SnapshotBodyCodec {
    /// What precedes the database.
    package static func encodeHead(_ message: borrowing Message) -> Bytes {
        var out = ByteBuffer(capacity: RaftpbCodec.sizeEstimate(message) + 8)
        MessageStreamCodec.encode(message, into: &out)
        return Bytes(out.freeze())
    }

    /// Gathers the message; the bytes after it are the database's.
    package struct Decoder: ~Copyable {
        private let limits: PeerCodecLimits
        private var buffer = ByteBuffer()

        package init(limits: PeerCodecLimits = PeerCodecLimits()) { self.limits = limits }

        /// Takes from `bytes`, from `position` on, what belongs to the message, and returns it once it is whole.
        package mutating func receive(_ bytes: RawSpan, _ position: inout Int) throws(PeerCodecError) -> Message? {
            take(8, bytes, &position)
            guard buffer.count >= 8 else { return nil }
            let size = buffer.span.loadBigEndian64(at: 0)
            guard size <= UInt64(limits.snapshotMessageBytesMax) else { throw .tooLong(size, max: limits.snapshotMessageBytesMax) }
            take(8 + Int(size), bytes, &position)
            guard buffer.count == 8 + Int(size) else { return nil }
            let block = Bytes(buffer.freeze())
            return try RaftpbCodec.decode(block.slice(8, count: block.count - 8), limits: limits)
        }

        /// Moves bytes until `total` are gathered.
        private mutating func take(_ total: Int, _ bytes: RawSpan, _ position: inout Int) {
            let count = min(total - buffer.count, bytes.byteCount - position)
            guard count > 0 else { return }
            buffer.append(bytes._extracting(unchecked: position, count: count))
            position += count
        }
    }
}
