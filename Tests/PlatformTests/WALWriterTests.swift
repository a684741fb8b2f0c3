import Base
import Glibc
import Storage
import TestSupport
import Testing

@testable import Platform

@Suite struct WALWriterTests {
    private func recover(_ directory: TemporaryDirectory, _ limits: WALLimits = WALLimits()) throws -> WALReader.Recovered {
        try WALReader.recover(directory.path + "/wal", snapshots: SnapFiles(directory.path), limits: limits) { _ in }
    }

    @Test func `what was saved is recovered, and the log goes on from there`() throws {
        let directory = try TemporaryDirectory()
        var writer = try WALWriter.create(directory.path + "/wal", metadata: testMetadata, entries: [logEntry(1)], state: logState(1))
        try writer.save([logEntry(2, "two"), logEntry(3, String(repeating: "z", count: 5000))], logState(2), sync: true)
        _ = consume writer

        let first = try recover(directory)
        let log = first.log
        #expect(log.metadata == testMetadata)
        #expect(log.state == logState(2))
        #expect(log.entries.map(\.index) == [LogIndex(1), LogIndex(2), LogIndex(3)])
        #expect(log.entries[1].data == Bytes("two"))

        var next = try WALWriter(first)
        try next.save([logEntry(3, term: 2, "other"), logEntry(4, term: 2)], logState(3, term: 2), sync: true)
        _ = consume next
        let second = try recover(directory).log
        #expect(second.entries.map(\.term) == [1, 1, 2, 2].map { Term($0) })
        #expect(second.entries[2].data == Bytes("other"))
        #expect(second.state == logState(3, term: 2))
    }

    @Test func `segments are cut when full, and a snapshot lets the older ones go`() throws {
        let directory = try TemporaryDirectory()
        var limits = WALLimits()
        limits.segmentBytes = 4096
        limits.readWindowBytes = 512
        var writer = try WALWriter.create(directory.path + "/wal", metadata: testMetadata, limits: limits)
        for index in 1...100 as ClosedRange<UInt64> {
            try writer.save([logEntry(index, String(repeating: "v", count: Int(index * 7)))], logState(index - 1), sync: index % 3 == 0)
            if writer.needsPreparation { try writer.prepareNextSegment() }
        }
        let snapshot = snapshot(at: 60)
        try SnapFiles(directory.path).save(snapshot)
        try writer.save(snapshot.record)
        let names = try Files.list(directory.path + "/wal").compactMap { WALSegmentName(fileName: $0) }
        #expect(names.count > 8)
        let early = try writer.purge(kept: 3)
        #expect(early.isEmpty)
        writer.releaseLocks(before: LogIndex(60))
        let removed = try writer.purge(kept: 3)
        #expect(!removed.isEmpty)
        _ = consume writer

        let recovered = try recover(directory, limits)
        let (log, found) = (recovered.log, recovered.snapshot)
        #expect(found == snapshot)
        #expect(log.entries.map(\.index.rawValue) == Array(61...100))
        #expect(log.entries[0].data.count == 61 * 7)
        #expect(log.snapshot == snapshot.record)
    }

    /// A member that stopped released its locks before its purge had ended, which took what the next start needed.
    @Test func `etcd 11308: segments that are needed are not purged, even where their locks are gone`() throws {
        let directory = try TemporaryDirectory()
        var limits = WALLimits()
        limits.segmentBytes = 4096
        var writer = try WALWriter.create(directory.path + "/wal", metadata: testMetadata, limits: limits)
        for index in 1...100 as ClosedRange<UInt64> {
            try writer.save([logEntry(index, String(repeating: "v", count: 500))], logState(index), sync: false)
            guard index % 50 == 0 else { continue }
            let snapshot = snapshot(at: index - 10)
            try SnapFiles(directory.path).save(snapshot)
            try writer.save(snapshot.record)
            // The newest snapshot is on record; the segments before it are not let go of yet.
            if index == 50 { writer.releaseLocks(before: LogIndex(40)) }
        }
        for segment in writer.segments { try unlock(segment.file.descriptor) }
        let removed = try writer.purge(kept: 1)
        #expect(!removed.isEmpty)
        _ = consume writer
        // The newest snapshot is damaged: the one before it and what follows that are needed.
        try Files.remove("\(directory.path)/\(snapshot(at: 90).name)")
        let recovered = try recover(directory, limits)
        let (entries, found) = (recovered.log.entries.map(\.index.rawValue), recovered.snapshot?.index)
        #expect(found == LogIndex(40) && entries == Array(41...100))
    }

    private func unlock(_ descriptor: Int32) throws {
        let openFileDescriptionSetLock: Int32 = 37
        var request = flock()
        request.l_type = Int16(F_UNLCK)
        request.l_whence = Int16(SEEK_SET)
        let result = unsafe fcntl(descriptor, openFileDescriptionSetLock, &request)
        try #require(result == 0)
    }

    @Test func `a log in use is refused to a second reader, and none is made over one`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/wal"
        let writer = try WALWriter.create(path, metadata: testMetadata)
        #expect(throws: WALFileError.locked(path: "\(path)/0000000000000000-0000000000000000.wal")) { _ = try recover(directory) }
        #expect(throws: WALFileError.exists(path: path)) { _ = try WALWriter.create(path, metadata: testMetadata) }
        _ = consume writer
        _ = try recover(directory)
    }

    @Test func `what a dead process left half made is no log, and does not hinder a new one`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/wal"
        try Files.makeDirectory(path + ".tmp")
        _ = try FileDescriptor(path + ".tmp/0000000000000000-0000000000000000.wal", [.write, .create])
        #expect(try WALReader.exists(path) == false)
        // An empty directory under the final name is taken over.
        try Files.makeDirectory(path)
        _ = try WALWriter.create(path, metadata: testMetadata, entries: [logEntry(1)], state: logState(1))
        #expect(try Files.list(directory.path) == ["wal"])
        #expect(try FileDescriptor(path + "/0000000000000000-0000000000000000.wal").size() == 64_000_000)

        // A crash between the preparation of a segment and its renaming.
        let leftover = try FileDescriptor(path + "/0.tmp", [.write, .create])
        try leftover.write(Bytes(String(repeating: "old", count: 1000)).span, at: 0)
        var limits = WALLimits()
        limits.segmentBytes = 1024
        var writer = try WALWriter(try recover(directory, limits), limits: limits)
        try writer.save([logEntry(2, String(repeating: "v", count: 2000))], logState(2), sync: true)
        try writer.save([logEntry(3)], sync: true)
        _ = consume writer
        let log = try recover(directory, limits).log
        #expect(log.entries.count == 3)
        #expect(log.tail.segment == WALSegmentName(sequence: 1, index: LogIndex(3)))
        #expect(log.state == logState(2))
    }

    @Test func `an interrupted write is repaired once, and the segment as it was is kept`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/wal"
        var limits = WALLimits()
        limits.segmentBytes = 16384
        var writer = try WALWriter.create(path, metadata: testMetadata, entries: [logEntry(1)], state: logState(1), limits: limits)
        let end = writer.offset
        try writer.save([logEntry(2, String(repeating: "v", count: 3000)), logEntry(3)], sync: true)
        _ = consume writer
        let segment = path + "/0000000000000000-0000000000000000.wal"
        let before: Bytes
        do {
            let file = try FileDescriptor(segment, .write)
            try file.write(Bytes([UInt8](repeating: 0, count: 512)).span, at: 1024)
            before = try Files.read(segment)
        }
        var notices: [String] = []
        let recovered = try WALReader.recover(path, snapshots: SnapFiles(directory.path), limits: limits) { notices.append($0) }
        let log = recovered.log
        #expect(log.entries == [logEntry(1)])
        #expect(log.tail.offset == end)
        #expect(notices.count == 1)
        #expect(notices[0].contains("offset \(end)") && notices[0].contains(".broken"))
        #expect(try Files.read(segment + ".broken") == before)

        var next = try WALWriter(recovered, limits: limits)
        try next.save([logEntry(2, "again")], logState(2), sync: true)
        _ = consume next
        let second = try WALReader.recover(path, snapshots: SnapFiles(directory.path), limits: limits) { notices.append($0) }.log
        #expect(second.entries == [logEntry(1), logEntry(2, "again")])
        #expect(notices.count == 1)
        #expect(try FileDescriptor(segment).size() == limits.segmentBytes)
    }

    @Test func `damage is refused with file, offset and advice, and the log is left as it is`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/wal"
        var writer = try WALWriter.create(path, metadata: testMetadata, entries: [logEntry(1)], state: logState(1))
        let offset = writer.offset
        try writer.save([logEntry(2, "some value")], logState(2), sync: true)
        _ = consume writer
        let segment = path + "/0000000000000000-0000000000000000.wal"
        do {
            let file = try FileDescriptor(segment, .write)
            try file.write(Bytes("S").span, at: offset + 30)
        }
        do {
            _ = try recover(directory)
            Issue.record("the damage went unnoticed")
        } catch {
            let text = "\(error)"
            #expect(text.contains("0000000000000000-0000000000000000.wal, offset \(offset)"))
            #expect(text.contains("crc mismatch"))
            #expect(text.contains("restore the data directory from a backup"))
        }
        #expect(try Files.list(path) == ["0000000000000000-0000000000000000.wal"])
    }

    @Test func `a full disk ends the log with a clear error, once`() throws {
        let directory = try TemporaryDirectory()
        var writer = try WALWriter.create(directory.path + "/wal", metadata: testMetadata, entries: [logEntry(1)], state: logState(1))
        // The kernel's own full disk.
        let full = WALSegmentFile(name: writer.segments[0].name, file: try FileDescriptor("/dev/full", .write))
        writer.segments[0] = full
        var failures: [WALFileError] = []
        for index in 2...3 as ClosedRange<UInt64> {
            do throws(WALFileError) { try writer.save([logEntry(index)], sync: true) } catch { failures.append(error) }
        }
        #expect(failures == [.file(FileError("write to", "/dev/full", code: 28)), .stopped])
        #expect("\(failures[0])" == "could not write to /dev/full: No space left on device. Free space on this file system.")
        let wants = writer.needsPreparation
        #expect(!wants)
        _ = consume writer
        #expect(try recover(directory).log.entries == [logEntry(1)])
    }

    @Test func `what lies behind the last record is zeroed before the log goes on`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/wal"
        var limits = WALLimits()
        limits.segmentBytes = 1 << 20
        let writer = try WALWriter.create(path, metadata: testMetadata, entries: [logEntry(1)], state: logState(1), limits: limits)
        let end = writer.offset
        _ = consume writer
        let segment = path + "/0000000000000000-0000000000000000.wal"
        let file = try FileDescriptor(segment, .write)
        // Later sectors of a write whose first sector was lost.
        for offset in [4096, 300_000, 1 << 20 - 3] { try file.write(Bytes("rest").span, at: offset) }
        try file.truncate(to: 1 << 20)
        _ = try WALWriter(try recover(directory, limits), limits: limits)
        let content = try Files.read(segment)
        #expect(content.count == limits.segmentBytes)
        #expect(content.array[end...].allSatisfy { $0 == 0 })
    }
}
