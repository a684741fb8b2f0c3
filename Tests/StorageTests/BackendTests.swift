import Base
import Testing

@testable import Storage

@Suite struct BackendTests {
    @Test(arguments: BackendFixture.Kind.allCases)
    func `a row is read back from the open batch, a sealed one and the engine`(kind: BackendFixture.Kind) throws {
        let fixture = try BackendFixture(kind)
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        backend.append(main: 2, "a")
        expectEqual(backend.text(2), "a")
        let first = try backend.mustSeal()
        backend.append(main: 3, "b")
        backend.append(main: 3, sub: 1, tombstone: true, "c")
        expectEqual(backend.text(2), "a")
        expectEqual(backend.text(3), "b")
        expectEqual(backend.text(3, sub: 1), nil)
        let second = try backend.mustSeal()
        backend.append(main: 4, "d")
        for batch in [first, second] {
            try writer.commit(batch)
            expectEqual(backend.text(2), "a")
            expectEqual(backend.text(3), "b")
            expectEqual(backend.text(4), "d")
            backend.committed(batch.id)
            expectEqual(backend.text(2), "a")
            expectEqual(backend.text(3), "b")
            expectEqual(backend.text(3, sub: 1), nil)
            expectEqual(backend.text(4), "d")
            expectEqual(backend.text(5), nil)
            expectEqual(backend.text(1), nil)
            expectEqual(backend.allRows(), ["2.0 a", "3.0 b", "3.1 t c", "4.0 d"])
        }
        let pending = backend.pendingBatches
        #expect(pending == 0)
        let fault = backend.fault
        #expect(fault == nil)
    }

    @Test(arguments: BackendFixture.Kind.allCases)
    func `a scan of rows honours its bounds and stops when told`(kind: BackendFixture.Kind) throws {
        let fixture = try BackendFixture(kind)
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        for main in 2...31 as ClosedRange<Int64> {
            for sub in 0..<3 as Range<Int64> { backend.append(main: main, sub: sub, "\(main)") }
            if main == 12 { try writer.commit(try backend.mustSeal()) }
            if main == 20 {
                let batch = try backend.mustSeal()
                try writer.commit(batch)
                backend.committed(batch.id)
            }
            if main == 25 { _ = backend.seal() }
        }
        for (low, high) in [(0, 99), (2, 2), (5, 12), (12, 13), (20, 21), (21, 26), (25, 26), (26, 31), (31, 99), (40, 50)] as [(Int64, Int64)] {
            var seen: [Revision] = []
            backend.scanRows(from: Revision(main: low, sub: 1), through: Revision(main: high, sub: 1)) { revision, _, _ in
                seen.append(revision)
                return true
            }
            let expected = (2...31 as ClosedRange<Int64>).flatMap { main in (0..<3 as Range<Int64>).map { Revision(main: main, sub: $0) } }
                .filter { Revision(main: low, sub: 1) <= $0 && $0 <= Revision(main: high, sub: 1) }
            #expect(seen == expected)
        }
        for stop in [1, 30, 33, 34, 60, 75, 90] {
            var count = 0
            backend.scanRows { _, _, _ in
                count += 1
                return count < stop
            }
            #expect(count == stop)
        }
    }

    @Test(arguments: BackendFixture.Kind.allCases)
    func `the newest change of a bucket's key wins, wherever it is`(kind: BackendFixture.Kind) throws {
        let fixture = try BackendFixture(kind)
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        backend.put(.lease, "a", "1")
        backend.put(.lease, "b", "1")
        backend.put(.lease, "d", "1")
        backend.put(.members, "a", "other bucket")
        let first = try backend.mustSeal()
        try writer.commit(first)
        backend.committed(first.id)
        backend.delete(.lease, key: Array("a".utf8).rawSpan)
        backend.put(.lease, "c", "2")
        let second = try backend.mustSeal()
        backend.put(.lease, "d", "3")
        backend.put(.lease, "a0", "3")
        backend.delete(.lease, key: Array("nothing there".utf8).rawSpan)
        expectEqual(backend.contents(.lease), ["a0=3", "b=1", "c=2", "d=3"])
        expectEqual(backend.text(.lease, "a"), nil)
        expectEqual(backend.text(.lease, "b"), "1")
        expectEqual(backend.text(.lease, "d"), "3")
        try writer.commit(second)
        expectEqual(backend.contents(.lease), ["a0=3", "b=1", "c=2", "d=3"])
        backend.committed(second.id)
        expectEqual(backend.contents(.lease), ["a0=3", "b=1", "c=2", "d=3"])
        expectEqual(backend.contents(.members), ["a=other bucket"])
        let third = try backend.mustSeal()
        try writer.commit(third)
        backend.committed(third.id)
        expectEqual(backend.contents(.lease), ["a0=3", "b=1", "c=2", "d=3"])
    }

    /// Release 3.5.12: a deletion was kept from reads until it was committed, where the row's put was still in the buffer of reads.
    @Test(arguments: BackendFixture.Kind.allCases)
    func `etcd 17230: a row that was deleted stays deleted for reads, whichever of put and deletion is committed`(kind: BackendFixture.Kind) throws {
        let fixture = try BackendFixture(kind)
        // In one batch each of: open, sealed, committed.
        for order in 0..<3 {
            var backend = try fixture.open()
            let writer = backend.makeWriter()
            let (foo, foo1) = ("foo\(order)", "foo\(order)1")
            backend.put(.alarm, foo, "bar1")
            backend.put(.alarm, foo1, "bar2")
            var batches: [CommitBatch] = []
            if order > 0 { batches.append(try backend.mustSeal()) }
            if order > 1 { try writer.commit(batches[0]) }
            backend.delete(.alarm, key: Array(foo.utf8).rawSpan)
            func expectDeleted() {
                expectEqual(backend.text(.alarm, foo), nil)
                expectEqual(backend.text(.alarm, foo1), "bar2")
                expectEqual(backend.contents(.alarm).filter { $0.hasPrefix(foo) }, ["\(foo1)=bar2"])
            }
            expectDeleted()
            batches.append(try backend.mustSeal())
            expectDeleted()
            for (position, batch) in batches.enumerated() {
                if order < 2 || position > 0 { try writer.commit(batch) }
                expectDeleted()
                backend.committed(batch.id)
                expectDeleted()
            }
            // Put again, it is there again, and once.
            backend.put(.alarm, foo, "bar3")
            expectEqual(backend.contents(.alarm).filter { $0.hasPrefix(foo) }, ["\(foo)=bar3", "\(foo1)=bar2"])
        }
    }

    @Test(arguments: BackendFixture.Kind.allCases)
    func `after a crash exactly the committed batches are there, with their log position`(kind: BackendFixture.Kind) throws {
        let fixture = try BackendFixture(kind)
        do {
            var backend = try fixture.open()
            let writer = backend.makeWriter()
            for round in 1...5 as ClosedRange<Int64> {
                backend.append(main: round * 2, "x")
                backend.put(.lease, "\(round)", "y")
                backend.setAppliedIndex(LogIndex(UInt64(round) * 10), term: Term(UInt64(round)))
                let batch = try backend.mustSeal()
                if round <= 3 { try writer.commit(batch) }
            }
            backend.append(main: 100, "open")
        }
        let backend = try fixture.open()
        let (index, term) = (backend.appliedIndex, backend.appliedTerm)
        #expect(index == LogIndex(30))
        #expect(term == Term(3))
        expectEqual(backend.allRows(), ["2.0 x", "4.0 x", "6.0 x"])
        expectEqual(backend.contents(.lease), ["1=y", "2=y", "3=y"])
    }

    @Test func `nothing to commit makes no batch, a moved log position alone does`() {
        var backend = Backend.inMemory()
        let nothing = backend.seal()
        #expect(nothing == nil)
        backend.setAppliedIndex(LogIndex(7), term: Term(2))
        let batch = backend.seal()
        #expect(batch?.appliedIndex == LogIndex(7))
        expectEqual(backend.value(.meta, key: MetaKey.consistentIndex.bytes), [0, 0, 0, 0, 0, 0, 0, 7])
        expectEqual(backend.value(.meta, key: MetaKey.term.bytes), [0, 0, 0, 0, 0, 0, 0, 2])
        let again = backend.seal()
        #expect(again == nil)
    }

    @Test func `every row of an uneven batch is found, and nothing else`() throws {
        var random = RandomSource(seed: 12)
        for gap in [1, 2, 50] as [Int64] {
            var backend = Backend.inMemory()
            var expected: Set<Revision> = []
            var main: Int64 = 1
            for transaction in 0..<300 {
                main += Int64.random(in: 1...gap, using: &random)
                let changes = transaction == 150 ? 500 : Int64.random(in: 1...4, using: &random)
                for sub in 0..<changes {
                    backend.append(main: main, sub: sub, "\(main).\(sub)")
                    expected.insert(Revision(main: main, sub: sub))
                }
            }
            for _ in 0..<2 {
                for at in 0...main + 2 {
                    for sub in 0..<6 as Range<Int64> {
                        expectEqual(backend.text(at, sub: sub), expected.contains(Revision(main: at, sub: sub)) ? "\(at).\(sub)" : nil)
                    }
                }
                for revision in expected { expectEqual(backend.text(revision.main, sub: revision.sub), "\(revision.main).\(revision.sub)") }
                _ = backend.seal()
            }
        }
    }

    @Test func `revision keys have etcd's bytes and sort like revisions`() {
        let revision = Revision(main: 0x0102_0304_0506_0708, sub: 0x1112_1314_1516_1718)
        let expected: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 0x5F, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18]
        #expect(RevisionKey(revision).array == expected)
        #expect(RevisionKey(revision, tombstone: true).array == expected + [0x74])
        let decoded = RevisionKey.decode(RevisionKey(revision, tombstone: true).array.rawSpan)
        #expect(decoded?.revision == revision)
        #expect(decoded?.isTombstone == true)
        #expect(RevisionKey.decode([UInt8](repeating: 0x5F, count: 16).rawSpan) == nil)
        #expect(RevisionKey.decode([UInt8](repeating: 0xFF, count: 17).rawSpan) == nil)
        #expect(RevisionKey.decode((expected + [0x75]).rawSpan) == nil)
    }
}
