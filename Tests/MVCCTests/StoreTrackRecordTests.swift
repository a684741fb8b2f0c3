import Base
import Storage
import Testing
import Wire

@testable import MVCC

/// Defects that etcd's own store had, by issue number. Run: swift test --filter StoreTrackRecordTests
@Suite struct StoreTrackRecordTests {
    private func bytes(_ message: some WireMessage) -> Bytes {
        var buffer = ByteBuffer()
        message.encode(into: &buffer)
        return Bytes(buffer.freeze())
    }

    @discardableResult
    private func txn(_ store: inout Store, _ request: PB.TxnRequest) throws -> PB.TxnResponse {
        let message = bytes(request)
        var plan = TxnPlan()
        var changes = ChangeSet()
        var out = ByteBuffer()
        try plan.decode(message.span)
        try store.txn(&plan, in: message.span, stamp: nil, leaseExists: { _ in false }, changes: &changes, into: &out)
        return try PB.TxnResponse(decoding: out.span)
    }

    private func put(_ key: String, _ value: String = "") -> PB.RequestOp {
        .with {
            $0.request = .requestPut(
                .with {
                    $0.key = Array(key.utf8); $0.value = Array(value.utf8)
                })
        }
    }

    private func delete(_ key: String, _ end: String = "") -> PB.RequestOp {
        .with {
            $0.request = .requestDeleteRange(
                .with {
                    $0.key = Array(key.utf8); $0.rangeEnd = Array(end.utf8)
                })
        }
    }

    private func range(_ key: String, revision: Int64) -> PB.RequestOp {
        .with {
            $0.request = .requestRange(
                .with {
                    $0.key = Array(key.utf8); $0.revision = revision
                })
        }
    }

    private func apply(_ store: inout Store, _ operations: PB.RequestOp...) throws -> PB.TxnResponse {
        try txn(&store, .with { $0.success = operations })
    }

    /// The store again, from what a machine would find on its disk: everything sealed is committed.
    private func restart(_ store: consuming Store, _ disk: MemoryDisk) throws -> Store {
        while let batch = store.backend.seal() { try store.backend.makeWriter().commit(batch) }
        return try Store(backend: Backend.inMemory(disk))
    }

    /// Members had the range's revision compacted or not, depending on the progress of each one's compaction; one applied
    /// the put, the other panicked half way.
    @Test func `etcd 18667, 21432: a transaction with a range at a compacted revision applies none of its puts`() throws {
        var store = try Store(backend: Backend.inMemory())
        for value in 0..<5 { _ = try apply(&store, put("a", "\(value)")) }
        try store.compact(to: 4)
        let before = store.currentRevision
        #expect(throws: StoreError.compacted) { try apply(&store, put("b"), range("a", revision: 3)) }
        #expect(throws: StoreError.futureRevision) { try apply(&store, put("b"), range("a", revision: before + 1)) }
        let (after, count) = (store.currentRevision, store.keyCount)
        #expect(after == before && count == 1)
        let response = try apply(&store, put("b"), range("a", revision: 4))
        #expect(response.header?.revision == before + 1)
    }

    /// The newest revisions were tombstones; a compaction at the newest deleted them, and the process ended before it had
    /// recorded that it was finished: after the restart the revision was that of the newest row left.
    @Test func `etcd 17780: the revision does not go back when a compaction took the newest rows away`() throws {
        let disk = MemoryDisk()
        var store = try Store(backend: Backend.inMemory(disk))
        _ = try apply(&store, put("a"), put("b"), put("c"))
        _ = try apply(&store, delete("a"))
        _ = try apply(&store, delete("b"))
        _ = try apply(&store, delete("x", "z"), put("d"))
        _ = try apply(&store, delete("c"))
        _ = try apply(&store, delete("d"))
        let current = store.currentRevision
        try store.compact(to: current)
        while store.needsCompactionTurn { _ = store.advanceCompaction(budget: 1) }
        var again = try restart(store, disk)
        let (revision, compacted) = (again.currentRevision, again.compactRevision)
        #expect(revision == current && compacted == current)
        // The compaction is run again: all rows but the last tombstone go.
        var job: CompactionJob?
        while again.needsCompactionTurn { job = again.advanceCompaction(budget: 100) ?? job }
        #expect(job?.dropped.contains { $0.main == current } == false && job?.remembersHash == false)
        #expect(throws: StoreError.compacted) { try again.compact(to: current) }
    }

    /// Go's store reads one row's revision from the key's first generation, and dropped the put's row (not ours to copy).
    @Test func `a key deleted and put again by one transaction survives the compaction of that revision`() throws {
        var store = try Store(backend: Backend.inMemory())
        _ = try apply(&store, put("a", "1"))
        _ = try apply(&store, delete("a", "\0"), put("a", "2"))
        let revision = store.currentRevision
        try store.compact(to: revision)
        let job = store.advanceCompaction(budget: 100)
        #expect(job?.sortedDropped() == [Revision(main: 2, sub: 0), Revision(main: 3, sub: 0)])
        let found = store.revision(of: Bytes("a").span, at: revision)
        #expect(found == Revision(main: 3, sub: 1))
    }

    @Test func `deep nesting and many operations are answered in place`() throws {
        var store = try Store(backend: Backend.inMemory())
        var request = PB.TxnRequest.with { $0.success = [put("leaf", "x")] }
        for level in 0..<30 {
            let inner = request
            request = .with { $0.success = [put("k\(level)"), .with { $0.request = .requestTxn(inner) }, delete("none")] }
        }
        var response = try txn(&store, request)
        #expect(response.header?.revision == 2)
        var depth = 0
        while case .responseTxn(let inner)? = response.responses.dropFirst().first?.response {
            #expect(inner.header == PB.ResponseHeader() && inner.succeeded)
            response = inner
            depth += 1
        }
        let count = store.keyCount
        #expect(depth == 30 && count == 31)
    }
}
