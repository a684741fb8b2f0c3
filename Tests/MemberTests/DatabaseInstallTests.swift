import Base
import Platform
import Storage
import TestSupport
import Testing

@testable import Member
@testable import Storage

@Suite struct DatabaseInstallTests {
    private static let mapBytes = 64 << 20

    /// A bbolt file with one row of bucket meta, as a leader would send it.
    private func received(_ value: String, in directory: String) throws -> String {
        let path = directory + "/0000000000000007.snap.db"
        let engine = try Engine.open(path: directory + "/source", mapBytes: Self.mapBytes)
        try BackendWriter(engine).put(.meta, key: Array("probe".utf8), value: Array(value.utf8))
        var export = try BoltExport(to: path)
        while try export.step(BackendWriter(engine)) == .more {}
        return path
    }

    private func probe(_ backend: borrowing Backend) -> String? {
        backend.value(.meta, key: Bytes("probe").span).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `the leader's database takes the place of one that is open`() throws {
        let directory = try TemporaryDirectory()
        let file = try received("new", in: directory.path)
        let path = directory.path + "/lmdb"
        let old = try Engine.open(path: path, mapBytes: Self.mapBytes)
        try BackendWriter(old).put(.meta, key: Array("probe".utf8), value: Array("old".utf8))
        let oldBackend = try Backend(old)

        var install = try DatabaseInstall(file, directory: directory.path, mapBytes: Self.mapBytes)
        var found: Engine?
        while found == nil { found = try install.step() }
        let engine = try #require(found)

        let newBackend = try Backend(engine)
        #expect(probe(newBackend) == "new")
        #expect(probe(oldBackend) == "old", "readers of the old database stay with it")
        try BackendWriter(engine).put(.meta, key: Array("more".utf8), value: [1])
        let names = try Files.list(directory.path)
        #expect(names.filter { $0.hasPrefix("tmp-") }.isEmpty, "\(names)")
        #expect(names.contains("0000000000000007.snap.db"), "the received file is kept until a newer snapshot")
    }

    @Test func `an install that was cut short leaves the old database`() throws {
        let directory = try TemporaryDirectory()
        let file = try received("new", in: directory.path)
        let path = directory.path + "/lmdb"
        do {
            let old = try Engine.open(path: path, mapBytes: Self.mapBytes)
            try BackendWriter(old).put(.meta, key: Array("probe".utf8), value: Array("old".utf8))
            var install = try DatabaseInstall(file, directory: directory.path, mapBytes: Self.mapBytes)
            _ = try install.step()
        }
        try SnapFiles(directory.path).removeLeftovers()
        let again = try Engine.open(path: path, mapBytes: Self.mapBytes)
        let backend = try Backend(again)
        #expect(probe(backend) == "old")
    }
}
