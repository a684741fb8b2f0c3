import Base
import Testing

@testable import Storage

@Suite struct BackendJobsTests {
    @Test(arguments: BackendFixture.Kind.allCases, [1, 7, 1000])
    func `a compaction deletes what is dropped and hashes what it meets`(kind: BackendFixture.Kind, budget: Int) throws {
        let fixture = try BackendFixture(kind)
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        var model = BackendModel(seed: 11)
        var previous: Int64 = -1
        for round in 0..<6 {
            try commit(model.extend(transactions: 40), &backend)
            let revision = model.revision - Int64(round)
            let keep = model.rows.kept(at: revision, withTombstoneAt: revision)
            let expected = model.rows.hash(revision: revision, compacted: previous, keep: keep)
            let dropped = model.rows.filter { $0.revision.main <= revision && !keep.contains($0.revision) }.map(\.revision)
            var job = BackendCompaction(revision: revision, previous: previous, dropped: dropped, keepsNothing: keep.isEmpty)
            while try job.step(writer, budgetRows: budget) == .more {
                #expect(try writer.value(.meta, key: MetaKey.scheduledCompactRevision.bytes) == RevisionKey(Revision(main: revision, sub: 0)).array)
            }
            #expect(job.hash == expected)
            #expect(job.deletedRows == dropped.count)
            #expect(try writer.value(.meta, key: MetaKey.finishedCompactRevision.bytes) == RevisionKey(Revision(main: revision, sub: 0)).array)
            model.rows.removeAll { $0.revision.main <= revision && !keep.contains($0.revision) }
            previous = revision
            try commit(model.extend(transactions: 1), &backend)
            expectEqual(rows(backend), model.rows.map { "\($0.revision) \($0.isTombstone)" })
            for at in [revision, revision + 1, model.revision] where at >= revision {
                var hash = HashRows(revision: at, skipped: model.rows.skipped(at: at, compacted: previous))
                while try hash.step(writer, budgetRows: budget) == .more {}
                #expect(hash.hash == model.rows.hash(revision: at, compacted: previous, keep: model.rows.kept(at: at)))
            }
        }
    }

    @Test(arguments: BackendFixture.Kind.allCases)
    func `a compaction cut short is done by running it again`(kind: BackendFixture.Kind) throws {
        let fixture = try BackendFixture(kind)
        var model = BackendModel(seed: 3)
        let revision: Int64 = 50
        var keep: Set<Revision> = []
        do {
            var backend = try fixture.open()
            try commit(model.extend(transactions: 60), &backend)
            keep = model.rows.kept(at: revision, withTombstoneAt: revision)
            let dropped = model.rows.filter { $0.revision.main <= revision && !keep.contains($0.revision) }.map(\.revision)
            var job = BackendCompaction(revision: revision, previous: -1, dropped: dropped, keepsNothing: keep.isEmpty)
            #expect(try job.step(backend.makeWriter(), budgetRows: 30) == .more)
        }
        var backend = try fixture.open()
        expectEqual(backend.value(.meta, key: MetaKey.scheduledCompactRevision.bytes), RevisionKey(Revision(main: revision, sub: 0)).array)
        expectEqual(backend.value(.meta, key: MetaKey.finishedCompactRevision.bytes), nil)
        let dropped = model.rows.filter { $0.revision.main <= revision && !keep.contains($0.revision) }.map(\.revision)
        var job = BackendCompaction(revision: revision, previous: -1, dropped: dropped, keepsNothing: keep.isEmpty)
        while try job.step(backend.makeWriter(), budgetRows: 30) == .more {}
        model.rows.removeAll { $0.revision.main <= revision && !keep.contains($0.revision) }
        try commit(model.extend(transactions: 1), &backend)
        expectEqual(rows(backend), model.rows.map { "\($0.revision) \($0.isTombstone)" })
    }

    @Test func `the hash of no rows is the one etcd gives`() throws {
        let backend = Backend.inMemory()
        var hash = HashRows(revision: 1, skipped: [])
        #expect(try hash.step(backend.makeWriter()) == .done)
        #expect(hash.hash == 1_084_519_789)
    }

    @Test(arguments: BackendFixture.Kind.allCases)
    func `the sum over all buckets is as of its first slice`(kind: BackendFixture.Kind) throws {
        let fixture = try BackendFixture(kind)
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        var model = BackendModel(seed: 5)
        backend.put(.lease, "l", "1")
        backend.put(.authUsers, "root", "u")
        backend.setAppliedIndex(LogIndex(9), term: Term(2))
        try commit(model.extend(transactions: 30), &backend)
        var expected: [UInt32] = []
        for leavesOut in [false, true] {
            var sum: UInt32 = 0
            func add(_ bytes: [UInt8]) { sum = CRC32C.checksum(continuing: sum, bytes.rawSpan) }
            for bucket in Bucket.allCases {
                add(Array(bucket.name.utf8))
                if bucket == .key {
                    for row in model.rows {
                        add(RevisionKey(row.revision, tombstone: row.isTombstone).array)
                        add(row.bytes)
                    }
                } else if bucket != .meta || !leavesOut {
                    backend.scan(bucket) { key, value in
                        add(key.array)
                        add(value.array)
                        return true
                    }
                }
            }
            expected.append(sum)
        }
        var status = HashBuckets(leavingOutLogPosition: false)
        var plain = HashBuckets(leavingOutLogPosition: true)
        #expect(try status.step(writer) == .more)
        #expect(try plain.step(writer) == .more)
        let count = model.rows.count
        let revision = model.revision
        backend.put(.lease, "later", "1")
        try commit(model.extend(transactions: 5), &backend)
        while try status.step(writer, budgetRows: 10) == .more {}
        while try plain.step(writer, budgetRows: 10) == .more {}
        #expect(status.hash == expected[0])
        #expect(plain.hash == expected[1])
        #expect(status.entries == count + 4)
        #expect(status.revision == revision)
    }

    private func commit(_ rows: ArraySlice<BackendModel.Row>, _ backend: inout Backend) throws {
        for row in rows { backend.append(row.revision, tombstone: row.isTombstone, row.bytes.rawSpan) }
        let batch = try backend.mustSeal()
        try backend.makeWriter().commit(batch)
        backend.committed(batch.id)
    }

    private func rows(_ backend: borrowing Backend) -> [String] {
        var rows: [String] = []
        backend.scanRows { revision, isTombstone, _ in
            rows.append("\(revision) \(isTombstone)")
            return true
        }
        return rows
    }
}
