import Base
import Raft

/// The append stream, etcd's msgapp v2 (formats.md §7.3): a leader's appends follow each other, so most need only the entries
/// and the commit index. Both ends keep the term and the index of the last entry. Any one thread.
///
/// | first byte | then |
/// | --- | --- |
/// | 0 | nothing: the link is alive |
/// | 1 | BE64 count, count × (BE64 size, raftpb.Entry), BE64 commit |
/// | 2 | BE64 size, raftpb.Message |
package enum AppendStreamCodec {
    package struct Encoder {
        private var term = Term.zero
        private var index = LogIndex.zero

        package init() {}

        /// Whether `message` continues what was sent: type 1.
        package func continues(_ message: borrowing Message) -> Bool {
            message.index == index && message.logTerm == term && message.logTerm == message.term
        }

        package mutating func encode(_ message: borrowing Message, into out: inout ByteBuffer) {
            if continues(message) {
                encodeHead(message, into: &out)
                for index in message.entries.indices {
                    out.append(bigEndian: UInt64(RaftpbCodec.size(message.entries[index])))
                    RaftpbCodec.encode(message.entries[index], into: &out)
                }
                encodeTail(message, into: &out)
            } else {
                out.append(2)
                MessageStreamCodec.encode(message, into: &out)
                term = message.term
                index = message.entries.last?.index ?? message.index
            }
        }

        /// What precedes the entries of a message that continues.
        mutating func encodeHead(_ message: borrowing Message, into out: inout ByteBuffer) {
            out.append(1)
            out.append(bigEndian: UInt64(message.entries.count))
            index = LogIndex(index.rawValue &+ UInt64(message.entries.count))
        }

        /// What follows them.
        func encodeTail(_ message: borrowing Message, into out: inout ByteBuffer) { out.append(bigEndian: message.commit.rawValue) }
    }

    package static func encodeLinkHeartbeat(into out: inout ByteBuffer) { out.append(0) }

    package struct Decoder: ~Copyable {
        private enum Phase {
            case type, count
            case entrySize(left: UInt64)
            case entry(size: Int, left: UInt64)
            case commit, messageSize
            case message(size: Int)
        }

        /// Who sends the appends, and who receives them: not in items of type 1.
        private let from: MemberID
        private let to: MemberID
        private let limits: PeerCodecLimits
        private var frames = FrameBuffer()
        private var phase = Phase.type
        private var term = Term.zero
        private var index = LogIndex.zero

        package init(from: MemberID, to: MemberID, limits: PeerCodecLimits = PeerCodecLimits()) {
            self.from = from
            self.to = to
            self.limits = limits
        }

        /// Adds what `bytes` complete to `decoded`. After an error the stream makes no sense any more.
        package mutating func receive(_ bytes: RawSpan, into decoded: inout DecodedMessages) throws(PeerCodecError) {
            frames.append(bytes)
            var failure: PeerCodecError?
            do throws(PeerCodecError) { while try scan() {} } catch { failure = error }
            if let (block, ends) = frames.take() {
                var start = 0
                for end in ends {
                    try decode(block, start, end, into: &decoded)
                    start = end
                }
            }
            if let failure { throw failure }
        }

        /// Steps over one part of an item. False when it is not all there.
        private mutating func scan() throws(PeerCodecError) -> Bool {
            switch phase {
            case .type:
                guard let type = frames.takeByte() else { return false }
                switch type {
                case 0: frames.endFrame()
                case 1: phase = .count
                case 2: phase = .messageSize
                default: throw .unknownItem(type)
                }
            case .count:
                guard let count = frames.takeNumber() else { return false }
                guard count <= UInt64(limits.entriesMax) else { throw .tooManyEntries(count, max: limits.entriesMax) }
                phase = count > 0 ? .entrySize(left: count) : .commit
            case .entrySize(let left):
                guard let size = frames.takeNumber() else { return false }
                phase = .entry(size: try checked(size), left: left)
            case .entry(let size, let left):
                guard frames.skip(size) else { return false }
                phase = left > 1 ? .entrySize(left: left - 1) : .commit
            case .commit:
                guard frames.takeNumber() != nil else { return false }
                frames.endFrame()
                phase = .type
            case .messageSize:
                guard let size = frames.takeNumber() else { return false }
                phase = .message(size: try checked(size))
            case .message(let size):
                guard frames.skip(size) else { return false }
                frames.endFrame()
                phase = .type
            }
            return true
        }

        private func checked(_ size: UInt64) throws(PeerCodecError) -> Int {
            let room = limits.frameBytesMax - frames.frameBytes
            guard room >= 0, size <= UInt64(room) else { throw .tooLong(size, max: limits.frameBytesMax) }
            return Int(size)
        }

        /// One whole item.
        private mutating func decode(_ block: Bytes, _ start: Int, _ end: Int, into decoded: inout DecodedMessages) throws(PeerCodecError) {
            switch block.span.byte(at: start) {
            case 1: decoded.add(append: try appended(block, start + 1))
            case 2:
                let before = decoded.messages.count
                try decoded.add(block.slice(start + 9, count: end - start - 9), limits)
                guard decoded.messages.count > before, let message = decoded.messages.last else { return }
                term = message.term
                index = message.entries.last?.index ?? message.index
            default: decoded.linkHeartbeats += 1
            }
        }

        private mutating func appended(_ block: Bytes, _ start: Int) throws(PeerCodecError) -> Message {
            var message = Message(.append, from: from, to: to, term: term, logTerm: term, index: index)
            let count = Int(block.span.loadBigEndian64(at: start))
            var position = start + 8
            message.entries.reserveCapacity(count)
            for _ in 0..<count {
                let size = Int(block.span.loadBigEndian64(at: position))
                message.entries.append(try RaftpbCodec.decodeEntry(block, at: position + 8, count: size))
                position += 8 + size
            }
            message.commit = LogIndex(block.span.loadBigEndian64(at: position))
            index = message.entries.last?.index ?? index
            return message
        }
    }
}
