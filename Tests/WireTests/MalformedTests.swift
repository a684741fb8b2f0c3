import Base
import Testing
import Wire

@Suite struct MalformedTests {
    typealias Put = Etcdserverpb.PutRequest

    private func error(_ hex: String) -> WireError? {
        let input = Bytes(hexBytes(hex))
        var owned: WireError?
        var view: WireError?
        do throws(WireError) { _ = try Put(decoding: input) } catch { owned = error }
        do throws(WireError) { _ = try Put.View(decoding: input.span) } catch { view = error }
        #expect(owned == view)
        return owned
    }

    @Test func `every kind of malformed input has its error`() {
        #expect(error("0a") == .truncated(at: 1))
        #expect(error("18 80") == .truncated(at: 1))
        #expect(error("98 80") == .truncated(at: 0))
        #expect(error("18 ff ff ff ff ff ff ff ff ff 02") == .varintTooLong(at: 1))
        #expect(error("18 80 80 80 80 80 80 80 80 80 80 01") == .varintTooLong(at: 1))
        #expect(error("00 01") == .badTag(at: 0))
        #expect(error("07") == .badTag(at: 0))
        #expect(error("80 80 80 80 80 01") == .badTag(at: 0))
        #expect(error("08 01") == .badWireType(field: 1, found: 0, at: 1))
        #expect(error("1a 00") == .badWireType(field: 3, found: 2, at: 1))
        #expect(error("1d 00 00 00 00") == .badWireType(field: 3, found: 5, at: 1))
        #expect(error("7e") == .badWireType(field: 15, found: 6, at: 1))
        #expect(error("0a 05 61") == .lengthPastEnd(at: 1))
        #expect(error("0a ff ff ff ff ff ff ff ff ff 01") == .lengthPastEnd(at: 1))
        #expect(error("7a 05 61") == .lengthPastEnd(at: 1))
        #expect(error("79 00 00") == .truncated(at: 1))
        #expect(error("7d 00 00") == .truncated(at: 1))
        #expect(error("7c") == .unmatchedGroupEnd(at: 1))
        #expect(error("1c") == .unmatchedGroupEnd(at: 1))
        #expect(error("7b 74") == .unmatchedGroupEnd(at: 1))
        #expect(error("7b 08 01") == .truncated(at: 3))
    }

    @Test func `a length inside a sub-message may not reach past its end`() {
        #expect(throws: WireError.lengthPastEnd(at: 3)) {
            try Etcdserverpb.PutResponse(decoding: hexBytes("12 02 0a 04 61 61 61 61"))
        }
    }

    @Test func `unknown fields of every wire type are skipped`() throws {
        let put = try Put(
            decoding: hexBytes("78 ff 01 79 0102030405060708 7a 02 aaaa 7b 0a 01 61 7b 08 01 7c 7c 7d 01020304 0a 01 62 f8 ff ff ff 0f 01"))
        #expect(put == .with { $0.key = [0x62] })
    }

    @Test func `errors say what is wrong`() {
        for (error, part) in [
            (WireError.truncated(at: 3), "byte 3"), (.varintTooLong(at: 1), "64 bits"), (.badTag(at: 0), "field number"),
            (.badWireType(field: 9, found: 3, at: 2), "field 9"), (.lengthPastEnd(at: 7), "past the end"),
            (.unmatchedGroupEnd(at: 4), "group"), (.tooDeep(at: 1), "100 deep"), (.tooLong, "4 GiB"),
        ] {
            #expect(error.description.contains(part), "\(error.description)")
        }
    }

    /// `depth` messages inside each other, the outermost with the last of `tags` in turn.
    private func nested(_ depth: Int, tags: [UInt8]) -> [UInt8] {
        var inner: [UInt8] = []
        for level in 0..<depth {
            var buffer = ByteBuffer()
            buffer.append(tags[level % tags.count])
            buffer.append(varint: UInt64(inner.count))
            buffer.append(inner)
            inner = buffer.span.array
        }
        return inner
    }

    @Test func `nesting ends at its limit`() throws {
        // Message.responses; RequestOp.request_txn and TxnRequest.success.
        let responses: [UInt8] = [0x72]
        let transactions: [UInt8] = [0x22, 0x12]
        _ = try Raftpb.Message(decoding: nested(100, tags: responses))
        #expect(throws: WireError.self) { try Raftpb.Message(decoding: nested(101, tags: responses)) }
        #expect(throws: WireError.self) { try Raftpb.Message(decoding: nested(20_000, tags: responses)) }
        _ = try Etcdserverpb.TxnRequest(decoding: nested(100, tags: transactions))
        #expect(throws: WireError.self) { try Etcdserverpb.TxnRequest(decoding: nested(102, tags: transactions)) }
        #expect(throws: WireError.self) { try Etcdserverpb.TxnRequest(decoding: nested(6000, tags: transactions)) }

        let groups = [UInt8](repeating: 0x7B, count: 50_000)
        #expect(throws: WireError.self) { try Put(decoding: groups) }
        let closed = [UInt8](repeating: 0x7B, count: 100) + [UInt8](repeating: 0x7C, count: 100)
        #expect(try Put(decoding: closed) == Put())
    }
}
