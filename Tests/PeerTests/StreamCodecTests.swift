import Base
import Peer
import Raft
import Testing

/// The two streams' framings and the snapshot's body.
struct StreamCodecTests {
    static let one = MemberID(1)
    static let two = MemberID(2)

    /// What a leader sends one after the other: two terms, commits alone, larger and smaller batches, a step back.
    static let appends: [Message] = {
        var messages: [Message] = []
        var index: UInt64 = 10
        for (term, counts) in [(UInt64(3), [1, 0, 5, 200, 0, 1]), (4, [1, 0, 2])] {
            for count in counts {
                let isFirst = messages.last?.term.rawValue != term
                messages.append(
                    Message(
                        .append, from: one, to: two, term: Term(term), logTerm: Term(isFirst ? term - 1 : term), index: LogIndex(index),
                        entries: CodecTests.entries(from: index + 1, count: count, term: term), commit: LogIndex(index)))
                index += UInt64(count)
            }
        }
        // A probe further back.
        messages.append(
            Message(
                .append, from: one, to: two, term: Term(4), logTerm: Term(3), index: LogIndex(12),
                entries: CodecTests.entries(from: 13, count: 2, term: 3), commit: LogIndex(12)))
        return messages
    }()

    private func pieces(_ bytes: [UInt8], _ seed: UInt64) -> [ArraySlice<UInt8>] {
        var random = RandomSource(seed: seed)
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let largest = random.next() % 3 == 0 ? 4000 : 9
            let end = min(bytes.count, start + 1 + Int(random.next() % UInt64(largest)))
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    @Test(arguments: 1...40) func `appends come back as they were, however the stream is cut`(seed: Int) throws {
        var encoder = AppendStreamCodec.Encoder()
        var out = ByteBuffer()
        for message in StreamCodecTests.appends {
            encoder.encode(message, into: &out)
            AppendStreamCodec.encodeLinkHeartbeat(into: &out)
        }
        var decoder = AppendStreamCodec.Decoder(from: StreamCodecTests.one, to: StreamCodecTests.two)
        var decoded = DecodedMessages()
        for piece in pieces(out.span.array, UInt64(seed)) { unsafe try decoder.receive(piece.span.bytes, into: &decoded) }
        #expect(decoded.messages == StreamCodecTests.appends)
        #expect(decoded.linkHeartbeats == StreamCodecTests.appends.count && decoded.refused == 0)
    }

    @Test(arguments: 1...40) func `messages come back as they were, however the stream is cut`(seed: Int) throws {
        let messages = CodecTests.messages.filter { $0.kind != .snapshot }
        var out = ByteBuffer()
        for message in messages {
            MessageStreamCodec.encode(message, into: &out)
            MessageStreamCodec.encodeLinkHeartbeat(into: &out)
        }
        var decoder = MessageStreamCodec.Decoder()
        var decoded = DecodedMessages()
        for piece in pieces(out.span.array, UInt64(seed)) { unsafe try decoder.receive(piece.span.bytes, into: &decoded) }
        #expect(decoded.messages == messages)
        #expect(decoded.linkHeartbeats == messages.count)
    }

    @Test func `a stream of appends begins with a whole message and goes on with entries alone`() {
        var encoder = AppendStreamCodec.Encoder()
        var types: [UInt8] = []
        for message in StreamCodecTests.appends {
            var out = ByteBuffer()
            encoder.encode(message, into: &out)
            types.append(out.span.byte(at: 0))
        }
        #expect(types == [2, 1, 1, 1, 1, 1, 2, 1, 1, 2])
        var out = ByteBuffer()
        var fresh = AppendStreamCodec.Encoder()
        let message = Message(
            .append, from: MemberID(1), to: MemberID(2), term: Term(1), logTerm: Term(1), index: LogIndex(1),
            entries: [], commit: LogIndex(1))
        fresh.encode(message, into: &out)
        out.removeAll()
        var next = message
        next.entries = [Entry(term: Term(1), index: LogIndex(2), data: Bytes("ab"))]
        fresh.encode(next, into: &out)
        let expected: [UInt8] = [
            1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 10, 0x08, 0, 0x10, 1, 0x18, 2, 0x22, 2, 0x61, 0x62, 0, 0, 0, 0, 0, 0, 0, 1,
        ]
        #expect(out.span.array == expected)
    }

    @Test func `a message of a kind that does not travel is stepped over, the stream goes on`() throws {
        var out = ByteBuffer()
        out.append(bigEndian: UInt64(2))
        out.append([0x08, 0x17])
        MessageStreamCodec.encode(CodecTests.messages[1], into: &out)
        MessageStreamCodec.encode(CodecTests.messages.first { $0.kind == .snapshot }!, into: &out)
        var decoder = MessageStreamCodec.Decoder()
        var decoded = DecodedMessages()
        try decoder.receive(out.span, into: &decoded)
        #expect(decoded.messages == [CodecTests.messages[1]] && decoded.refused == 2)
    }

    @Test func `lengths beyond the bounds end a stream before anything is kept for them`() {
        for length in [UInt64(512 << 20) + 1, .max] {
            var out = ByteBuffer()
            out.append(bigEndian: length)
            var decoded = DecodedMessages()
            var decoder = MessageStreamCodec.Decoder()
            let inMessages = Result { () throws(PeerCodecError) in try decoder.receive(out.span, into: &decoded) }
            #expect(throws: PeerCodecError.tooLong(length, max: 512 << 20)) { try inMessages.get() }
            var item = ByteBuffer()
            item.append(2)
            item.append(out.span)
            var appends = AppendStreamCodec.Decoder(from: MemberID(1), to: MemberID(2))
            let inAppends = Result { () throws(PeerCodecError) in try appends.receive(item.span, into: &decoded) }
            #expect(throws: PeerCodecError.self) { try inAppends.get() }
            var entry = ByteBuffer()
            entry.append(1)
            entry.append(bigEndian: UInt64(1))
            entry.append(out.span)
            var second = AppendStreamCodec.Decoder(from: MemberID(1), to: MemberID(2))
            let inEntries = Result { () throws(PeerCodecError) in try second.receive(entry.span, into: &decoded) }
            #expect(throws: PeerCodecError.self) { try inEntries.get() }
        }
    }

    @Test func `garbage ends a stream without a trap`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
                Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random)
            }
            var decoded = DecodedMessages()
            var messages = MessageStreamCodec.Decoder()
            unsafe _ = try? messages.receive(bytes.span.bytes, into: &decoded)
            var appends = AppendStreamCodec.Decoder(from: MemberID(1), to: MemberID(2))
            unsafe _ = try? appends.receive(bytes.span.bytes, into: &decoded)
            var body = SnapshotBodyCodec.Decoder()
            var position = 0
            unsafe _ = try? body.receive(bytes.span.bytes, &position)
        }
    }

    @Test func `a snapshot's message is told apart from the database behind it`() throws {
        let message = CodecTests.messages.first { $0.kind == .snapshot }!
        let body = SnapshotBodyCodec.encodeHead(message).array + Array("database".utf8)
        for size in [1, 3, 7, 8, 9, 50, body.count] {
            var decoder = SnapshotBodyCodec.Decoder()
            var found: Message?
            var rest: [UInt8] = []
            for start in stride(from: 0, to: body.count, by: size) {
                let piece = Array(body[start..<min(body.count, start + size)])
                var position = 0
                if found == nil { unsafe found = try decoder.receive(piece.span.bytes, &position) }
                if found != nil { rest += piece[position...] }
            }
            #expect(found == message && rest == Array("database".utf8))
        }
        var decoder = SnapshotBodyCodec.Decoder()
        var position = 0
        let long = [UInt8](repeating: 0xFF, count: 8)
        let result = Result { () throws(PeerCodecError) in unsafe try decoder.receive(long.span.bytes, &position) }
        #expect(throws: PeerCodecError.tooLong(.max, max: 64 << 20)) { try result.get() }
    }
}
