import Base
import Testing
import Wire

@Suite struct RoundTripTests {
    @Test func `messages that Python encoded decode and encode to the same bytes`() throws {
        #expect(Fixture.all.count > 500)
        for fixture in Fixture.all {
            #expect(try fixture.type.reencoded(fixture.bytes) == fixture.bytes, "\(fixture.type.name)")
            #expect(try fixture.type.encodedSize(fixture.bytes) == fixture.bytes.count, "\(fixture.type.name)")
        }
    }

    @Test func `JSON is what Python writes and reads back to the same message`() throws {
        for fixture in Fixture.all {
            #expect(text(try fixture.type.json(fixture.bytes)) == fixture.json, "\(fixture.type.name)")
            let back = try fixture.type.encodedFromJSON(Array(fixture.json.utf8))
            #expect(back == fixture.bytes, "\(fixture.type.name)")
        }
    }

    @Test func `a message cut anywhere is refused or is the one made of the fields before the cut`() throws {
        for fixture in Fixture.all {
            for count in 0..<fixture.bytes.count {
                let head = Array(fixture.bytes[..<count])
                guard let again = try? fixture.type.reencoded(head) else { continue }
                // What proto2 always writes is added after the cut.
                #expect(again.starts(with: head), "\(fixture.type.name)")
            }
        }
    }

    @Test func `garbage of any kind is decoded or refused and what was decoded encodes to a fixed point`() throws {
        var random = RandomSource(seed: 7)
        for type in MessageType.all {
            for round in 0..<300 {
                let size = Int.random(in: 0..<40, using: &random)
                var garbage = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                // Likely tags, so that decoding gets further than the first byte.
                if round % 2 == 0, !garbage.isEmpty { garbage[0] = UInt8.random(in: 1...7, using: &random) << 3 | (round % 4 == 0 ? 2 : 0) }
                guard let once = try? type.reencoded(garbage) else { continue }
                #expect(try type.reencoded(once) == once, "\(type.name)")
            }
        }
    }

    @Test func `a valid message with one byte changed never traps`() {
        var random = RandomSource(seed: 8)
        for fixture in Fixture.all where !fixture.bytes.isEmpty {
            for _ in 0..<40 {
                var damaged = fixture.bytes
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
                _ = try? fixture.type.reencoded(damaged)
                _ = try? fixture.type.json(damaged)
            }
        }
    }

    @Test func `proto2 messages of the log write what releases up to 3 6 write even when it is zero`() {
        #expect(Raftpb.Entry().encoded().array == hexBytes("08 00 10 00 18 00"))
        #expect(Raftpb.Entry.with { $0.data = [] }.encoded().array == hexBytes("08 00 10 00 18 00 22 00"))
        #expect(Raftpb.HardState.with { $0.term = 1 }.encoded().array == hexBytes("08 01 10 00 18 00"))
        #expect(Walpb.Record.with { $0.type = 4 }.encoded().array == hexBytes("08 04 10 00"))
        #expect(Raftpb.Snapshot().encoded().array == hexBytes("12 08 0a 02 28 00 10 00 18 00"))
        #expect(Etcdserverpb.Metadata().encoded().array == hexBytes("08 00 10 00"))
        #expect(Raftpb.Entry.with { $0.data = [] } != Raftpb.Entry())
    }

    @Test func `an enumeration value without a name survives`() throws {
        let event = try Mvccpb.Event(decoding: hexBytes("08 4d"))
        #expect(event.type.rawValue == 77)
        #expect(event.encoded().array == hexBytes("08 4d"))
        #expect(text(event.json()) == #"{"type":77}"#)
    }

    @Test func `repeated occurrences take the last scalar and merge sub-messages`() throws {
        let put = try Etcdserverpb.PutRequest(decoding: hexBytes("0a 01 61 18 05 0a 01 62 18 07"))
        #expect(put.key == [0x62] && put.lease == 7)
        let response = try Etcdserverpb.PutResponse(decoding: hexBytes("0a 02 08 01 0a 02 18 09 0a 02 08 03"))
        #expect(response.header?.clusterID == 3 && response.header?.revision == 9)
        let operation = try Etcdserverpb.RequestOp(decoding: hexBytes("12 03 0a 01 61 12 02 18 05"))
        #expect(
            operation.request
                == .requestPut(
                    .with {
                        $0.key = [0x61]; $0.lease = 5
                    }))
        let replaced = try Etcdserverpb.RequestOp(decoding: hexBytes("12 03 0a 01 61 0a 03 0a 01 62"))
        #expect(replaced.request == .requestRange(.with { $0.key = [0x62] }))
    }

    @Test func `packed and single numbers are both read`() throws {
        let filters = [Etcdserverpb.WatchCreateRequest.FilterType.noput, .nodelete]
        #expect(try Etcdserverpb.WatchCreateRequest(decoding: hexBytes("2a 02 00 01")).filters == filters)
        #expect(try Etcdserverpb.WatchCreateRequest(decoding: hexBytes("28 00 28 01")).filters == filters)
        #expect(try Raftpb.ConfState(decoding: hexBytes("0a 03 01 ac 02 08 05")).voters == [1, 300, 5])
    }

    @Test func `invalid UTF-8 in a string is repaired`() throws {
        #expect(try Etcdserverpb.AuthUserGetRequest(decoding: hexBytes("0a 02 61 ff")).name == "a\u{FFFD}")
    }
}
