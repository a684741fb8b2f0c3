import Base
import Peer
import Raft
import Testing

/// Messages as bytes and back, and bytes that are none.
struct CodecTests {
    /// One of each kind, with every field that the kind has.
    static let messages: [Message] = MessageKind.allCases.map { kind in
        var message = Message(
            kind, from: MemberID(0x8e9e_05c5_2164_694d), to: MemberID(2), term: Term(300), logTerm: Term(299), index: LogIndex(70_000),
            commit: LogIndex(69_999), reject: kind == .appendResponse, rejectHint: LogIndex(5), context: Bytes("ctx"))
        switch kind {
        case .append, .proposal: message.entries = CodecTests.entries(from: 70_001, count: 3, term: 300)
        case .voteResponse, .preVoteResponse:
            // These two are not sent.
            message.index = .zero
            message.logTerm = .zero
        case .snapshot:
            let state = ConfState(
                voters: [MemberID(1), MemberID(2)], learners: [MemberID(3)], votersOutgoing: [MemberID(1), MemberID(4)],
                learnersNext: [MemberID(4)], autoLeave: true)
            let metadata = SnapshotMetadata(index: LogIndex(70_000), term: Term(299), confState: state)
            message.snapshot = Snapshot(metadata: metadata, data: Bytes("{}"))
        default: break
        }
        return message
    }

    static func entries(from first: UInt64, count: Int, term: UInt64) -> [Entry] {
        (0..<count).map { offset in
            Entry(
                term: Term(term), index: LogIndex(first + UInt64(offset)), kind: offset == 1 ? .configurationChange : .normal,
                data: offset == 2 ? Bytes() : Bytes("entry \(first + UInt64(offset))"))
        }
    }

    @Test func `every kind of message comes back as it was`() throws {
        for message in CodecTests.messages {
            #expect(try RaftpbCodec.decode(RaftpbCodec.encode(message)) == message)
        }
    }

    @Test func `a message is written as etcd up to 3.6 writes it: every scalar, zero or not`() throws {
        let message = Message(
            .append, from: MemberID(1), to: MemberID(2), term: Term(3), logTerm: Term(3), index: LogIndex(4),
            entries: [Entry(term: Term(3), index: LogIndex(5), data: Bytes("x"))], commit: LogIndex(4))
        let expected: [UInt8] = [
            0x08, 3, 0x10, 2, 0x18, 1, 0x20, 3, 0x28, 3, 0x30, 4, 0x3A, 9, 0x08, 0, 0x10, 3, 0x18, 5, 0x22, 1, 0x78, 0x40, 4, 0x50, 0,
            0x58, 0,
        ]
        #expect(RaftpbCodec.encode(message).array == expected)
    }

    @Test func `both dialects are read, and fields that are not known are stepped over`() throws {
        // 3.5: an empty snapshot in every message. 3.6: a vote (13). Later: zero fields left out.
        let full: [UInt8] = [
            0x08, 8, 0x10, 2, 0x18, 1, 0x20, 3, 0x28, 0, 0x30, 0, 0x40, 4, 0x4A, 10, 0x12, 8, 0x0A, 2, 0x28, 0, 0x10, 0, 0x18, 0, 0x50,
            0, 0x58, 0, 0x68, 0,
        ]
        let short: [UInt8] = [0x08, 8, 0x10, 2, 0x18, 1, 0x20, 3, 0x40, 4]
        let message = Message(.heartbeat, from: MemberID(1), to: MemberID(2), term: Term(3), commit: LogIndex(4))
        #expect(try RaftpbCodec.decode(Bytes(full)) == message)
        #expect(try RaftpbCodec.decode(Bytes(short)) == message)
    }

    @Test func `an answer to a vote carries nothing that etcd's does not`() throws {
        let ours = Message(.voteResponse, from: MemberID(1), to: MemberID(2), term: Term(3), logTerm: Term(2), index: LogIndex(9))
        let sent = try RaftpbCodec.decode(RaftpbCodec.encode(ours))
        #expect(sent.index == .zero && sent.logTerm == .zero && sent.term == Term(3))
    }

    @Test func `kinds that stay inside one process are refused`() {
        for kind in UInt8.min...UInt8.max where MessageKind(rawValue: kind) == nil {
            #expect(throws: PeerCodecError.unknownKind(UInt64(kind))) {
                try RaftpbCodec.decode(Bytes(kind < 128 ? [0x08, kind] : [0x08, kind, 1]))
            }
        }
        #expect(throws: PeerCodecError.unknownKind(0)) { try RaftpbCodec.decode(Bytes()) }
        #expect(throws: PeerCodecError.snapshotMissing) { try RaftpbCodec.decode(Bytes([0x08, 7])) }
        #expect(throws: PeerCodecError.unknownEntryKind(3)) { try RaftpbCodec.decode(Bytes([0x08, 3, 0x3A, 2, 0x08, 3])) }
    }

    @Test func `an entry's bytes are a slice of what was received`() throws {
        let entry = Entry(term: Term(1), index: LogIndex(1), data: Bytes([UInt8](repeating: 7, count: 1000)))
        let bytes = RaftpbCodec.encode(Message(.append, from: MemberID(1), to: MemberID(2), term: Term(1), entries: [entry]))
        let decoded = try RaftpbCodec.decode(bytes)
        #expect(decoded.entries.count == 1 && decoded.entries[0].data.block === bytes.block)
    }

    @Test func `damaged messages are errors or other messages, never a trap`() {
        var random = SystemRandomNumberGenerator()
        for message in CodecTests.messages {
            let whole = RaftpbCodec.encode(message).array
            for length in 0..<whole.count { _ = try? RaftpbCodec.decode(Bytes(Array(whole[..<length]))) }
            for _ in 0..<400 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                _ = try? RaftpbCodec.decode(Bytes(bytes))
            }
        }
    }

    @Test func `more entries than one message may have are refused`() {
        var limits = PeerCodecLimits()
        limits.entriesMax = 10
        let entries = CodecTests.entries(from: 1, count: 11, term: 1)
        let bytes = RaftpbCodec.encode(Message(.append, from: MemberID(1), to: MemberID(2), term: Term(1), entries: entries))
        #expect(throws: PeerCodecError.tooManyEntries(11, max: 10)) { try RaftpbCodec.decode(bytes, limits: limits) }
    }
}
