import Base
import Storage
import TestSupport
import Testing

@testable import Platform

@Suite struct WALSnapFilesTests {
    @Test func `a snapshot file is written whole under its name and read again`() throws {
        let directory = try TemporaryDirectory()
        let files = SnapFiles(directory.path)
        try files.save(snapshot(at: 31, term: 2))
        #expect(try Files.list(directory.path) == ["0000000000000002-000000000000001f.snap"])
        #expect(try files.load(SnapName(term: Term(2), index: LogIndex(31))) == .success(snapshot(at: 31, term: 2)))
    }

    /// A crash between the snapshot file and the log's record of it left a pair that did not match.
    @Test func `etcd 11888: a damaged snapshot file is put aside for the next older, and one the log does not confirm is passed over`() throws {
        let directory = try TemporaryDirectory()
        let (path, files) = (directory.path + "/wal", SnapFiles(directory.path))
        var writer = try WALWriter.create(path, metadata: testMetadata, entries: [logEntry(1)], state: logState(1))
        try writer.save([logEntry(2), logEntry(3), logEntry(4), logEntry(5)], logState(5), sync: true)
        for index in [2, 3, 4] as [UInt64] {
            try files.save(snapshot(at: index))
            // The process died after the file of 4 and before its record.
            if index != 4 { try writer.save(snapshot(at: index).record) }
        }
        _ = consume writer
        let damaged = "\(directory.path)/\(snapshot(at: 3).name)"
        do {
            let file = try FileDescriptor(damaged, .write)
            try file.write(Bytes("!").span, at: 9)
        }
        var notices: [String] = []
        let recovered = try WALReader.recover(path, snapshots: files) { notices.append($0) }
        let (log, found) = (recovered.log, recovered.snapshot)
        #expect(found == snapshot(at: 2))
        #expect(log.entries.map(\.index.rawValue) == [3, 4, 5])
        #expect(notices.count == 2)
        #expect(notices[0].contains("snapshot not found"))
        #expect(notices[1].contains("snap: crc mismatch"))
        #expect(try Files.list(directory.path).contains("0000000000000001-0000000000000003.snap.broken"))
    }

    @Test(arguments: ["", "\u{8}", "garbage", "\u{8}\u{1}\u{12}\u{0}"])
    func `what is no snapshot file is told apart`(content: String) throws {
        let directory = try TemporaryDirectory()
        let name = snapshot(at: 1).name
        let file = try FileDescriptor("\(directory.path)/\(name)", [.write, .create])
        try file.write(Bytes(content).span, at: 0)
        guard case .failure = try SnapFiles(directory.path).load(name) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func `the oldest files beyond the number kept are purged, with databases of older snapshots`() throws {
        let directory = try TemporaryDirectory()
        let files = SnapFiles(directory.path)
        for index in 1...7 as ClosedRange<UInt64> { try files.save(snapshot(at: index)) }
        for name in ["0000000000000003.snap.db", "0000000000000009.snap.db", "tmp123", "db.tmp.4", "db"] {
            _ = try FileDescriptor("\(directory.path)/\(name)", [.write, .create])
        }
        #expect(try files.purge(kept: 5).count == 3)
        #expect(try files.names().map(\.index.rawValue) == [3, 4, 5, 6, 7])
        #expect(try files.purge(kept: 0).isEmpty)
        try files.removeLeftovers()
        let others = try Files.list(directory.path).filter { !$0.hasSuffix(".snap") }
        #expect(others == ["0000000000000009.snap.db", "db"])
    }
}
