import Base
import Glibc
import Testing

@testable import Storage

@Suite struct BoltExportTests {
    @Test(arguments: BackendFixture.Kind.allCases, [0, 1, 11, 300, 20_000])
    func `an exported file holds what the store held at the first slice`(kind: BackendFixture.Kind, transactions: Int) throws {
        let fixture = try BackendFixture(kind)
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        var model = BackendModel(seed: 21)
        backend.setAppliedIndex(LogIndex(77), term: Term(3))
        for number in 0..<transactions / 4 { backend.put(.lease, "lease \(number)", String(repeating: "l", count: 30)) }
        backend.put(.authUsers, String(repeating: "u", count: 6000), "long name")
        backend.put(.authUsers, "root", "short name")
        backend.put(.alarm, "a", "")
        try commit(model.extend(transactions: transactions, valueBytesMax: transactions > 1000 ? 300 : 9000), &backend)
        if transactions > 0 {
            model.revision += 1
            let large = BackendModel.encode(
                "large", create: model.revision, mod: model.revision, version: 1, value: [UInt8](repeating: 7, count: 1 << 20))
            let row = BackendModel.Row(revision: Revision(main: model.revision, sub: 0), isTombstone: false, key: "large", bytes: large)
            model.rows.append(row)
            try commit([row], &backend)
        }
        let expected = Bucket.allCases.map { $0 == .key ? [] : backend.contents($0) }
        let rows = model.rows
        let revision = model.revision

        let path = fixture.directory.path + "/snapshot"
        var export = try BoltExport(to: path)
        #expect(try export.step(writer, budgetRows: 500) == .more)
        backend.put(.lease, "later", "x")
        try commit(model.extend(transactions: 3), &backend)
        while try export.step(writer, budgetRows: 500) == .more {}
        let byteCount = export.byteCount
        #expect(Int(byteCount) == readFile(path).count)

        let reader = try BoltReader(path)
        let buckets = try reader.buckets()
        #expect(buckets.map(\.text) == Bucket.allCases.map(\.name))
        for bucket in buckets {
            let cursor = reader.cursor(over: bucket)
            if bucket.text == "key" {
                var index = 0
                while try cursor.next() {
                    try #require(index < rows.count)
                    #expect(cursor.key.array == RevisionKey(rows[index].revision, tombstone: rows[index].isTombstone).array)
                    #expect(cursor.value.array == rows[index].bytes)
                    index += 1
                }
                #expect(index == rows.count)
            } else {
                var found: [String] = []
                while try cursor.next() {
                    found.append(String(decoding: cursor.key.array, as: UTF8.self) + "=" + String(decoding: cursor.value.array, as: UTF8.self))
                }
                #expect(found == expected[Int(Bucket(name: bucket.name)!.rawValue)])
            }
        }
        let status = try BoltStatus(of: path)
        #expect(status.revision == (rows.isEmpty ? 0 : revision))
        #expect(status.byteCount == byteCount)

        let imported = try BackendFixture(kind)
        try imported.importBolt(path)
        let copy = try imported.open()
        for bucket in Bucket.allCases where bucket != .key { expectEqual(copy.contents(bucket), expected[Int(bucket.rawValue)]) }
        var hash = HashBuckets(leavingOutLogPosition: false)
        while try hash.step(copy.makeWriter()) == .more {}
        #expect(hash.hash == status.hash)
        #expect(hash.entries == status.entries)
        let index = copy.appliedIndex
        #expect(index == LogIndex(77))
    }

    @Test(arguments: [3, 4000])
    func `official etcdutl takes an exported file and sees the same in it`(transactions: Int) throws {
        guard let reference = ReferenceBinaries.find() else { return }
        let fixture = try BackendFixture(.lmdb)
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        var model = BackendModel(seed: 8)
        backend.setAppliedIndex(LogIndex(5), term: Term(2))
        backend.put(.cluster, "clusterVersion", "3.5.0")
        for number in 0..<transactions { backend.put(.lease, "lease \(number)", String(repeating: "l", count: 30)) }
        try commit(model.extend(transactions: transactions, valueBytesMax: 9000), &backend)
        let path = fixture.directory.path + "/snapshot"
        var export = try BoltExport(to: path)
        while try export.step(writer) == .more {}
        let own = try BoltStatus(of: path)

        // The status of a file without its sha256 is refused only by restore.
        let status = try reference.run("etcdutl", ["snapshot", "status", path, "-w", "json"])
        #expect(status.status == 0, "\(status.output)")
        #expect(status.output.contains("\"hash\":\(own.hash),"), "\(status.output) \(own)")
        #expect(status.output.contains("\"revision\":\(model.revision),"), "\(status.output)")
        #expect(status.output.contains("\"totalKey\":\(own.entries),"), "\(status.output)")
        #expect(status.output.contains("\"totalSize\":\(own.byteCount)"), "\(status.output)")

        let bytes = readFile(path)
        writeFile(path, bytes + SHA256.digest(bytes.rawSpan))
        let target = fixture.directory.path + "/restored"
        let restore = try reference.run("etcdutl", ["snapshot", "restore", path, "--data-dir", target])
        #expect(restore.status == 0, "\(restore.output)")
        // What restore wrote with bbolt itself can be read too.
        let restored = try BackendFixture(.lmdb)
        try restored.importBolt(target + "/member/snap/db")
        let copy = try restored.open()
        var rows = 0
        copy.scanRows { revision, isTombstone, row in
            rows += row.array == model.rows[rows].bytes && revision == model.rows[rows].revision ? 1 : 0
            return rows < model.rows.count
        }
        #expect(rows == model.rows.count)
    }

    @Test func `an export that is dropped leaves no file`() throws {
        let fixture = try BackendFixture(.memory)
        let path = fixture.directory.path + "/snapshot"
        do {
            var export = try BoltExport(to: path)
            let backend = try fixture.open()
            #expect(try export.step(backend.makeWriter()) == .more)
            #expect(unsafe access(path, F_OK) == 0)
        }
        #expect(unsafe access(path, F_OK) != 0)
    }

    private func commit(_ rows: ArraySlice<BackendModel.Row>, _ backend: inout Backend) throws {
        for row in rows { backend.append(row.revision, tombstone: row.isTombstone, row.bytes.rawSpan) }
        guard let batch = backend.seal() else { return }
        try backend.makeWriter().commit(batch)
        backend.committed(batch.id)
    }
}
