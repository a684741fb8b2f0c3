import Base
import Glibc
import Testing

@testable import Storage

/// A place for a store, to be opened again and again as after a crash.
final class BackendFixture {
    enum Kind: CaseIterable {
        case memory, lmdb
    }

    private let kind: Kind
    private let disk = MemoryDisk()
    let directory = TemporaryDirectory()

    init(_ kind: Kind) throws { self.kind = kind }

    var path: String { directory.path + "/lmdb" }

    func open(mapBytes: Int = 1 << 30) throws -> Backend {
        switch kind {
        case .memory: try Backend(.memory(disk))
        case .lmdb: try Backend.open(path: path, mapBytes: mapBytes)
        }
    }

    /// Nothing may be open.
    func importBolt(_ bolt: String) throws {
        var job =
            switch kind {
            case .memory: try BoltImport(bolt, to: disk)
            case .lmdb: try BoltImport(bolt, to: path, mapBytes: 1 << 30)
            }
        while try job.step(budgetRows: 1000) == .more {}
    }
}

/// A directory that goes with this object.
final class TemporaryDirectory {
    let path: String

    init() {
        var template = Array("/tmp/etcd-storage-XXXXXX".utf8CString)
        path = unsafe template.withUnsafeMutableBufferPointer { unsafe String(cString: mkdtemp($0.baseAddress!)) }
    }

    deinit { remove(path) }

    private func remove(_ path: String) {
        if let directory = unsafe opendir(path) {
            while let entry = unsafe readdir(directory) {
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                    unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            unsafe closedir(directory)
        }
        _ = unsafe Glibc.remove(path)
    }
}

/// `#expect` can't look into an expression that borrows a `Backend`; this compares its results.
func expectEqual<T: Equatable>(_ found: T, _ expected: T, at location: SourceLocation = #_sourceLocation) {
    #expect(found == expected, sourceLocation: location)
}

extension Backend {
    mutating func mustSeal(at location: SourceLocation = #_sourceLocation) throws -> CommitBatch {
        let batch = seal()
        return try #require(batch, sourceLocation: location)
    }

    mutating func append(main: Int64, sub: Int64 = 0, tombstone: Bool = false, _ text: String) {
        append(Revision(main: main, sub: sub), tombstone: tombstone, Array(text.utf8).rawSpan)
    }

    mutating func put(_ bucket: Bucket, _ key: String, _ value: String) { put(bucket, key: Array(key.utf8), value: Array(value.utf8)) }

    func text(_ main: Int64, sub: Int64 = 0) -> String? {
        guard let row = row(at: Revision(main: main, sub: sub)) else { return nil }
        return String(decoding: row.array, as: UTF8.self)
    }

    func text(_ bucket: Bucket, _ key: String) -> String? {
        value(bucket, key: Array(key.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    func allRows() -> [String] {
        var rows: [String] = []
        scanRows { revision, isTombstone, row in
            rows.append("\(revision.main).\(revision.sub) \(isTombstone ? "t " : "")\(String(decoding: row.array, as: UTF8.self))")
            return true
        }
        return rows
    }

    func contents(_ bucket: Bucket) -> [String] {
        var pairs: [String] = []
        scan(bucket) { key, value in
            pairs.append(String(decoding: key.array, as: UTF8.self) + "=" + String(decoding: value.array, as: UTF8.self))
            return true
        }
        return pairs
    }
}
