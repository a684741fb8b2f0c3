import Base
import Storage
import Testing
import Wire

@testable import MVCC

/// What goes on beside the requests: commits, compactions, hashes, restarts.
extension ModelRun {
    /// A compaction has made the model's rows out of `before`.
    mutating func expectJob(_ revision: Int64, previous: Int64, before: Set<Revision>) {
        let kept = Set(model.rows.map(\.revision))
        expectedJobs.append(
            ExpectedJob(
                revision: revision, previous: previous, dropped: before.subtracting(kept).sorted(),
                keep: kept.filter { $0.main <= revision }))
    }

    mutating func commitAll() throws {
        let writer = store.backend.makeWriter()
        while let batch = store.backend.seal() {
            try writer.commit(batch)
            store.backend.committed(batch.id)
            lastCommit = batch.id
        }
    }

    /// A slice of the compaction of the index; each job must come once and drop what the model dropped.
    mutating func stepBackground() {
        guard let job = store.advanceCompaction(budget: pick(6)) else { return }
        #expect(!expectedJobs.isEmpty)
        guard !expectedJobs.isEmpty else { return }
        let expected = expectedJobs.removeFirst()
        #expect(job.revision == expected.revision && job.previous == expected.previous)
        #expect(job.sortedDropped() == expected.dropped)
        #expect(job.keepsNothing == expected.keep.isEmpty)
        waitingJobs.append((job, expected))
    }

    /// The oldest job's rows leave the backend.
    mutating func runJob() throws {
        guard !waitingJobs.isEmpty else { return }
        try commitAll()
        let (job, expected) = waitingJobs.removeFirst()
        let writer = store.backend.makeWriter()
        var compaction = BackendCompaction(
            revision: job.revision, previous: job.previous, dropped: job.sortedDropped(), keepsNothing: job.keepsNothing)
        while try compaction.step(writer, budgetRows: 1 + pick(20)) == .more {}
        // Sees what the job has left.
        if let lastCommit { store.backend.committed(lastCommit) }

        // formats.md §5.1, the compaction's hash.
        let hash = sum(
            stored.filter { row in
                if row.revision.main > job.revision { return false }
                if row.revision.main <= job.previous, !expected.keep.isEmpty, !expected.keep.contains(row.revision) { return false }
                return !(row.isTombstone && row.revision.main == job.previous)
            })
        #expect(compaction.hash == hash)
        let dropped = Set(expected.dropped)
        stored.removeAll { dropped.contains($0.revision) }
        finishedCompaction = job.revision
        store.compacted(job.revision, hash: compaction.hash)
        let remembered = store.rememberedHash(of: job.revision)
        #expect(!job.remembersHash || job.revision == 0 || remembered?.compactRevision == job.previous)
        try checkRows()
    }

    private func checkRows() throws {
        var rows: [Revision] = []
        store.backend.scanRows(from: Revision(main: 0, sub: 0), through: Revision(main: .max, sub: .max)) { revision, _, _ in
            rows.append(revision)
            return true
        }
        #expect(rows == stored.map(\.revision))
    }

    private func sum(_ rows: [NaiveStore.Row]) -> UInt32 {
        var hash = CRC32C.checksum(Bytes("key").span)
        for row in rows {
            hash = CRC32C.checksum(continuing: hash, Bytes(RevisionKey(row.revision, tombstone: row.isTombstone).array).span)
            hash = CRC32C.checksum(continuing: hash, bytes(row.kv).span)
        }
        return hash
    }

    /// HashKV by formats.md §5.1, word for word, over the rows that no compaction has dropped.
    mutating func checkHash() throws {
        let revision = Int64(pick(Int(model.currentRevision) + 1))
        let expected: StoreError? = revision > 0 && revision < model.compactRevision ? .compacted : nil
        let inputs: HashInputs
        do { inputs = try store.hashInputs(revision: revision) } catch {
            #expect(error == expected)
            return
        }
        let hashed = revision == 0 ? model.currentRevision : revision
        let compacted = model.compactRevision
        let keep = Set(model.live([0], [0], at: hashed).map(\.revision))
        let rows = model.rows.filter { row in
            if row.revision.main > hashed { return false }
            if row.revision.main <= compacted, !keep.isEmpty, !keep.contains(row.revision) { return false }
            return !(row.isTombstone && row.revision.main == compacted)
        }
        let skipped = inputs.sortedSkipped()
        #expect(inputs.revision == hashed && inputs.compactRevision == compacted && skipped.allSatisfy { $0.main <= compacted })
        try commitAll()
        var hash = HashRows(revision: inputs.revision, skipped: skipped)
        while try hash.step(store.backend.makeWriter(), budgetRows: 7) == .more {}
        #expect(hash.hash == sum(rows))
    }

    /// A new store over the same disk. A compaction that had not finished begins again.
    mutating func restart() throws {
        try commitAll()
        var attached: [[UInt8]: Int64] = [:]
        store = try Store(backend: Backend.inMemory(disk), hashSeed: random.next()) { lease, key in attached[key.array] = lease.rawValue }
        store.keysPerChange = 1
        let leased = model.live([0], [0], at: model.currentRevision).filter { $0.kv.lease != 0 }
        #expect(attached == Dictionary(uniqueKeysWithValues: leased.map { ($0.kv.key, $0.kv.lease) }))
        lastCommit = nil
        waitingJobs = []
        expectedJobs = []
        if model.compactRevision > finishedCompaction {
            expectJob(model.compactRevision, previous: finishedCompaction, before: Set(stored.map(\.revision)))
        }
    }
}
