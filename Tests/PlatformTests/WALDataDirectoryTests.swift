import Base
import Storage
import TestSupport
import Testing

@testable import Platform

@Suite struct WALDataDirectoryTests {
    private func refusal(_ path: String) -> DataDirectoryError? {
        do throws(DataDirectoryError) { _ = try DataDirectory.open(path) } catch { return error }
        return nil
    }

    @Test func `a missing directory is made, with its parents, for its owner alone`() throws {
        let directory = try TemporaryDirectory()
        let opened = try DataDirectory.open(directory.path + "/a/b/")
        #expect(opened.path == directory.path + "/a/b")
        #expect(opened.log == directory.path + "/a/b/member/wal")
        #expect(try Files.list(directory.path + "/a/b/member") == ["incarnation", "layout", "snap"])
        #expect(try Files.permissions(opened.snap) == 0o700)
    }

    /// Other members know a member that lost its data by this number, so that it must be of the directory, not of the process.
    @Test func `a directory keeps its incarnation, and another has another`() throws {
        let directory = try TemporaryDirectory()
        let first = try DataDirectory.open(directory.path + "/a").incarnation
        #expect(try DataDirectory.open(directory.path + "/a").incarnation == first)
        #expect(try DataDirectory.open(directory.path + "/b").incarnation != first)
        try Files.remove(directory.path + "/a/member/incarnation")
        #expect(try DataDirectory.open(directory.path + "/a").incarnation != first)
        try Files.replace(directory.path + "/a/member/incarnation", with: Bytes("12345"))
        #expect(refusal(directory.path + "/a") == .damagedIncarnation(directory.path + "/a/member/incarnation", found: "12345"))
    }

    @Test func `a directory in use is refused, and free again afterwards`() throws {
        let directory = try TemporaryDirectory()
        do {
            let held = try DataDirectory.open(directory.path)
            #expect(refusal(directory.path) == .locked(held.member + "/layout"))
        }
        #expect(refusal(directory.path) == nil)
    }

    @Test func `files, foreign directories, other layouts and lost logs are refused by name`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/file"
        _ = try FileDescriptor(file, [.write, .create])
        #expect(refusal(file) == .notADirectory(file))
        #expect(refusal(directory.path) == .foreign(directory.path, found: "file"))
        guard case .file(let error) = refusal(file + "/below") else {
            Issue.record("a directory below a file was accepted")
            return
        }
        #expect("\(error)".contains("Not a directory"))

        let mount = directory.path + "/mount"
        try Files.makeDirectories(mount + "/lost+found")
        do { _ = try DataDirectory.open(mount) }
        do {
            let layout = try FileDescriptor(mount + "/member/layout", .write)
            try layout.write(Bytes("2\n").span, at: 0)
        }
        #expect(refusal(mount) == .unknownLayout(mount + "/member/layout", found: "2"))

        let lost = directory.path + "/lost"
        let snap = try DataDirectory.open(lost).snap
        try SnapFiles(snap).save(snapshot(at: 5))
        #expect(refusal(lost) == .logMissing(lost + "/member/wal", snapshot: "\(snap)/0000000000000001-0000000000000005.snap"))
    }
}
