import Base
import Storage
import Testing

@testable import Platform

@Suite struct WALWriterTests {
    let metadata = WALMetadata(memberID: MemberID(0x1234_5678_9ABC), clusterID: ClusterID(77))

    private func entry(_ index: UInt64, term: UInt64 = 1, _ text: String = "x") -> WALEntry {
        WALEntry(term: Term(term), index: LogIndex(index), kind: .normal, data: Bytes(text))
    }

    private func state(_ commit: UInt64, term: UInt64 = 1) -> WALHardState {
        WALHardState(term: Term(term), vote: MemberID(9), commit: LogIndex(commit))
    }

    private func recover(_ directory: TemporaryDirectory, _ limits: WALLimits = WALLimits()) throws -> WALReader.Recovered {
        try WALReader.recover(directory.path + "/wal", snapshots: SnapFiles(directory.path), limits: limits) { _ in }
    }

    @Test func `what was saved is recovered, and the log goes on from there`() throws {
        let directory = try TemporaryDirectory()
        var writer = try WALWriter.create(directory.path + "/wal", metadata: metadata, entries: [entry(1)], state: state(1))
        try writer.save([entry(2, "two"), entry(3, String(repeating: "z", count: 5000))], state(2), sync: true)
        _ = consume writer

        let first = try recover(directory)
        let log = first.log
        #expect(log.metadata == metadata)
        #expect(log.state == state(2))
        #expect(log.entries.map(\.index) == [LogIndex(1), LogIndex(2), LogIndex(3)])
        #expect(log.entries[1].data == Bytes("two"))

        var next = try WALWriter(first)
        try next.save([entry(3, term: 2, "other"), entry(4, term: 2)], state(3, term: 2), sync: true)
        _ = consume next
        let second = try recover(directory).log
        #expect(second.entries.map(\.term) == [1, 1, 2, 2].map { Term($0) })
        #expect(second.entries[2].data == Bytes("other"))
        #expect(second.state == state(3, term: 2))
    }

    @Test func `segments are cut when full, and a snapshot lets the older ones go`() throws {
        let directory = try TemporaryDirectory()
        var limits = WALLimits()
        limits.segmentBytes = 4096
        limits.readWindowBytes = 512
        var writer = try WALWriter.create(directory.path + "/wal", metadata: metadata, limits: limits)
        for index in 1...100 as ClosedRange<UInt64> {
            try writer.save([entry(index, String(repeating: "v", count: Int(index * 7)))], state(index - 1), sync: index % 3 == 0)
            if writer.needsPreparation { try writer.prepareNextSegment() }
        }
        let snapshot = RaftSnapshot(
            index: LogIndex(60), term: Term(1), configuration: ConfigurationState(voters: [9]), data: Bytes("{}"))
        try SnapFiles(directory.path).save(snapshot)
        try writer.save(snapshot.record)
        let names = try Files.list(directory.path + "/wal").compactMap { WALSegmentName(fileName: $0) }
        #expect(names.count > 8)
        #expect(try WALWriter.purge(directory.path + "/wal", kept: 3).isEmpty)
        writer.releaseLocks(before: LogIndex(60))
        let removed = try WALWriter.purge(directory.path + "/wal", kept: 3)
        #expect(!removed.isEmpty)
        _ = consume writer

        let recovered = try recover(directory, limits)
        let (log, found) = (recovered.log, recovered.snapshot)
        #expect(found == snapshot)
        #expect(log.entries.map(\.index.rawValue) == Array(61...100))
        #expect(log.entries[0].data.count == 61 * 7)
        #expect(log.snapshot == snapshot.record)
    }

    @Test func `a log in use is refused to a second reader, and none is made over one`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/wal"
        let writer = try WALWriter.create(path, metadata: metadata)
        #expect(throws: WALFileError.locked(path: "\(path)/0000000000000000-0000000000000000.wal")) { _ = try recover(directory) }
        #expect(throws: WALFileError.exists(path: path)) { _ = try WALWriter.create(path, metadata: metadata) }
        _ = consume writer
        _ = try recover(directory)
    }
}
