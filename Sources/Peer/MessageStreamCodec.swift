import Base
import Raft

/// What came in on a stream: messages to step, and how many were of a kind that members do not send each other.
package struct DecodedMessages {
    package var messages: [Message] = []
    package var refused = 0
    package var linkHeartbeats = 0
    /// Why the last refused one was.
    package var refusal: PeerCodecError?

    package init() {}

    mutating func add(_ bytes: Bytes, _ limits: PeerCodecLimits) throws(PeerCodecError) {
        do throws(PeerCodecError) {
            add(try RaftpbCodec.decode(bytes, limits: limits))
        } catch {
            // The frame is intact, so the stream can go on; etcd steps over such messages too.
            guard case .unknownKind = error else { throw error }
            refused += 1
            refusal = error
        }
    }

    private mutating func add(_ message: Message) {
        if message.kind == .heartbeat, message.from == .zero, message.to == .zero {
            linkHeartbeats += 1
        } else if message.kind == .snapshot {
            // Its database does not travel on a stream (formats.md §7.3).
            refused += 1
            refusal = .unknownKind(UInt64(MessageKind.snapshot.rawValue))
        } else {
            messages.append(message)
        }
    }

    mutating func add(append message: consuming Message) { messages.append(message) }
}

/// The message stream (formats.md §7.3): each message after its length. Any one thread.
package enum MessageStreamCodec {
    package static func encode(_ message: borrowing Message, into out: inout ByteBuffer) {
        let start = out.count
        out.append(bigEndian: UInt64(0))
        RaftpbCodec.encode(message, into: &out)
        let size = UInt64(out.count - start - 8)
        out.overwrite(bigEndian: UInt32(truncatingIfNeeded: size >> 32), at: start)
        out.overwrite(bigEndian: UInt32(truncatingIfNeeded: size), at: start + 4)
    }

    /// A heartbeat from nobody to nobody: the link is alive.
    package static func encodeLinkHeartbeat(into out: inout ByteBuffer) { encode(Message(.heartbeat, to: .zero), into: &out) }

    package struct Decoder: ~Copyable {
        private let limits: PeerCodecLimits
        private var frames = FrameBuffer()
        /// Of the message whose length was read.
        private var size: Int?

        package init(limits: PeerCodecLimits = PeerCodecLimits()) { self.limits = limits }

        /// Adds what `bytes` complete to `decoded`. After an error the stream makes no sense any more.
        package mutating func receive(_ bytes: RawSpan, into decoded: inout DecodedMessages) throws(PeerCodecError) {
            frames.append(bytes)
            var failure: PeerCodecError?
            do throws(PeerCodecError) { while try scan() { frames.endFrame() } } catch { failure = error }
            if let (block, ends) = frames.take() {
                var start = 0
                for end in ends {
                    try decoded.add(block.slice(start + 8, count: end - start - 8), limits)
                    start = end
                }
            }
            if let failure { throw failure }
        }

        private mutating func scan() throws(PeerCodecError) -> Bool {
            if size == nil {
                guard let length = frames.takeNumber() else { return false }
                guard length <= UInt64(limits.frameBytesMax) else { throw .tooLong(length, max: limits.frameBytesMax) }
                size = Int(length)
            }
            guard let size, frames.skip(size) else { return false }
            self.size = nil
            return true
        }
    }
}
