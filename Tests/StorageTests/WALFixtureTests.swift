import Base
import Testing

@testable import Storage

/// Against files that a real etcd wrote.
@Suite struct WALFixtureTests {
    let segment = bytes(hex: WALFixture.segment)

    @Test func `a real log is read whole and written again with the same bytes`() throws {
        let input = Bytes(segment)
        var decoder = WALDecoder(fileSize: segment.count, continuing: 0, recordBytesMax: 1 << 20)
        var encoder = WALEncoder()
        var output = ByteBuffer()
        var counts: [WALRecordType: Int] = [:]
        reading: while true {
            switch try decoder.next(in: input.span, startingAt: 0) {
            case .record(let type, let range):
                counts[type, default: 0] += 1
                let data = input.slice(Int(range.offset), count: range.count)
                switch type {
                case .checksum: encoder.appendChecksum(to: &output)
                case .metadata:
                    let ids = ProtobufField.scalars(in: data.span, fields: 2)
                    let metadata = WALMetadata(memberID: MemberID(try #require(ids).0), clusterID: ClusterID(try #require(ids).1))
                    encoder.append(.metadata, data: WALEncoder.message(metadata).span, to: &output)
                case .entry:
                    let entry = WALEntry(decoding: data)
                    encoder.append([try #require(entry)], to: &output)
                case .state:
                    let state = WALHardState(decoding: data.span)
                    encoder.append(try #require(state), to: &output)
                case .snapshot:
                    let snapshot = WALSnapshot(decoding: data.span)
                    encoder.append(try #require(snapshot), to: &output)
                }
            case .end: break reading
            case .needs, .torn: Issue.record("the log ends at \(decoder.offset)")
            }
        }
        let written = output.span.array
        #expect(written == segment)
        #expect(encoder.sum == decoder.sum)
        #expect(counts[.checksum] == 1)
        #expect(counts[.metadata] == 1)
        #expect(counts[.snapshot, default: 0] >= 2)
        #expect(counts[.entry, default: 0] > 16)
    }

    @Test func `a real snapshot file is read, and written again with the same bytes`() throws {
        let name = try #require(SnapName(fileName: WALFixture.snapName))
        let file = bytes(hex: WALFixture.snap)
        let snapshot = try SnapCodec.decode(Bytes(file), named: name)
        #expect(snapshot.configuration.voters.count == 1)
        #expect(snapshot.data.string.hasPrefix("{\"Root\":"))
        #expect(Bytes(SnapCodec.encode(snapshot)).array == file)
    }

    @Test(arguments: [16, 100, 1 << 20]) func `a real log is read from its snapshot on, whatever the window`(window: Int) throws {
        let name = try #require(SnapName(fileName: WALFixture.snapName))
        let snapshot = try SnapCodec.decode(Bytes(bytes(hex: WALFixture.snap)), named: name)
        var memory = WALMemory()
        memory.limits.readWindowBytes = window
        memory.segments = [(try #require(WALSegmentName(fileName: WALFixture.segmentName)), segment + [UInt8](repeating: 0, count: 10_000))]
        let all = try memory.log()
        #expect(all.entries.first?.index == LogIndex(1))
        #expect(all.entries.last?.index == all.state.commit)
        #expect(all.entries[0].kind == .configurationChange)
        #expect(all.tail.offset == segment.count)

        let log = try memory.log(from: WALSnapshot(index: snapshot.index, term: snapshot.term))
        #expect(log.snapshot.configuration == snapshot.configuration)
        #expect(log.metadata.memberID.rawValue == snapshot.configuration.voters[0])
        #expect(log.entries == all.entries.filter { $0.index > snapshot.index })
        #expect(!log.entries.isEmpty)
        #expect(log.state == all.state)
    }
}
