import Base
import Raft
import Wire

/// Bytes as raftpb.Message. What is not one, or none that members send each other, is an error; nothing traps.
extension RaftpbCodec {
    /// The parts of the message that are bytes (entries' data, context, snapshot) point into `bytes`' block.
    package static func decode(_ bytes: Bytes, limits: PeerCodecLimits = PeerCodecLimits()) throws(PeerCodecError) -> Message {
        var decoder = Decoder(bytes: bytes, limits: limits)
        do throws(WireError) { try decoder.readMessage() } catch { throw .wire(error) }
        return try decoder.concluded()
    }

    package static func decodeEntry(_ bytes: Bytes) throws(PeerCodecError) -> Entry {
        try decodeEntry(bytes, at: 0, count: bytes.count)
    }

    /// The entry in the `count` bytes from `start` on. Its data points into `bytes`' block.
    static func decodeEntry(_ bytes: Bytes, at start: Int, count: Int) throws(PeerCodecError) -> Entry {
        var problem: PeerCodecError?
        let entry: Entry
        do throws(WireError) {
            let whole = try FieldCursor(bytes.span)
            entry = try decodeEntry(bytes, try whole.nested(ByteRange(offset: start, count: count)), &problem)
        } catch { throw .wire(error) }
        if let problem { throw problem }
        return entry
    }

    private static func decodeEntry(
        _ bytes: Bytes, _ start: FieldCursor, _ problem: inout PeerCodecError?
    ) throws(WireError) -> Entry {
        let span = bytes.span
        var cursor = start
        var kind: UInt64 = 0
        var term: UInt64 = 0
        var index: UInt64 = 0
        var data = ByteRange()
        while !cursor.isAtEnd {
            let tag = try cursor.tag(span)
            switch tag.number {
            case 1: kind = try cursor.number(span, tag)
            case 2: term = try cursor.number(span, tag)
            case 3: index = try cursor.number(span, tag)
            case 4: data = try cursor.range(span, tag)
            default: try cursor.skip(span, tag)
            }
        }
        guard kind <= 2, let known = EntryKind(rawValue: UInt8(kind)) else {
            problem = problem ?? .unknownEntryKind(kind)
            return Entry(term: .zero, index: .zero, data: Bytes())
        }
        let content = data.isEmpty ? Bytes() : bytes.slice(Int(data.offset), count: data.count)
        return Entry(term: Term(term), index: LogIndex(index), kind: known, data: content)
    }

    /// One pass over one message.
    private struct Decoder {
        let bytes: Bytes
        let limits: PeerCodecLimits
        var message = Message(.heartbeat, to: .zero)
        var kind: UInt64 = 0
        /// The first thing that is well-formed but not allowed.
        var problem: PeerCodecError?

        init(bytes: Bytes, limits: PeerCodecLimits) {
            self.bytes = bytes
            self.limits = limits
        }

        mutating func readMessage() throws(WireError) {
            let bytes = self.bytes
            let span = bytes.span
            var cursor = try FieldCursor(span)
            while !cursor.isAtEnd, problem == nil {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: kind = try cursor.number(span, tag)
                case 2: message.to = MemberID(try cursor.number(span, tag))
                case 3: message.from = MemberID(try cursor.number(span, tag))
                case 4: message.term = Term(try cursor.number(span, tag))
                case 5: message.logTerm = Term(try cursor.number(span, tag))
                case 6: message.index = LogIndex(try cursor.number(span, tag))
                case 7:
                    guard message.entries.count < limits.entriesMax else {
                        problem = .tooManyEntries(UInt64(message.entries.count) + 1, max: limits.entriesMax)
                        return
                    }
                    message.entries.append(try RaftpbCodec.decodeEntry(bytes, try cursor.nested(try cursor.range(span, tag)), &problem))
                case 8: message.commit = LogIndex(try cursor.number(span, tag))
                case 9: message.snapshot = try snapshot(try cursor.nested(try cursor.range(span, tag)))
                case 10: message.reject = try cursor.number(span, tag) != 0
                case 11: message.rejectHint = LogIndex(try cursor.number(span, tag))
                case 12: message.context = slice(try cursor.range(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }

        func concluded() throws(PeerCodecError) -> Message {
            if let problem { throw problem }
            guard kind <= UInt64(UInt8.max), let known = MessageKind(rawValue: UInt8(kind)) else { throw .unknownKind(kind) }
            var message = message
            message.kind = known
            // Up to 3.5 every message carries an empty snapshot.
            if known != .snapshot { message.snapshot = nil } else if message.snapshot == nil { throw .snapshotMissing }
            return message
        }

        private func slice(_ range: ByteRange) -> Bytes {
            range.isEmpty ? Bytes() : bytes.slice(Int(range.offset), count: range.count)
        }

        private func snapshot(_ start: FieldCursor) throws(WireError) -> Snapshot {
            let span = bytes.span
            var cursor = start
            var snapshot = Snapshot(metadata: SnapshotMetadata())
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: snapshot.data = slice(try cursor.range(span, tag))
                case 2: snapshot.metadata = try metadata(try cursor.nested(try cursor.range(span, tag)))
                default: try cursor.skip(span, tag)
                }
            }
            return snapshot
        }

        private func metadata(_ start: FieldCursor) throws(WireError) -> SnapshotMetadata {
            let span = bytes.span
            var cursor = start
            var metadata = SnapshotMetadata()
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: metadata.confState = try confState(try cursor.nested(try cursor.range(span, tag)))
                case 2: metadata.index = LogIndex(try cursor.number(span, tag))
                case 3: metadata.term = Term(try cursor.number(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
            return metadata
        }

        private func confState(_ start: FieldCursor) throws(WireError) -> ConfState {
            let span = bytes.span
            var cursor = start
            var state = ConfState()
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.numbers(span, tag) { state.voters.append(MemberID($0)) }
                case 2: try cursor.numbers(span, tag) { state.learners.append(MemberID($0)) }
                case 3: try cursor.numbers(span, tag) { state.votersOutgoing.append(MemberID($0)) }
                case 4: try cursor.numbers(span, tag) { state.learnersNext.append(MemberID($0)) }
                case 5: state.autoLeave = try cursor.number(span, tag) != 0
                default: try cursor.skip(span, tag)
                }
            }
            return state.sorted
        }
    }
}

extension ConfState {
    /// Each list ascending, as the rest of the program has them; Go members write them in any order.
    fileprivate var sorted: ConfState {
        ConfState(
            voters: voters.sorted(), learners: learners.sorted(), votersOutgoing: votersOutgoing.sorted(),
            learnersNext: learnersNext.sorted(), autoLeave: autoLeave)
    }
}
