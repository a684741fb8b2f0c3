import Base
import Storage
import Wire

extension Store {
    /// Begins a compaction and writes the CompactionResponse. It counts at once for readers; `advanceCompaction` then cleans
    /// the index in slices and gives the background thread its part.
    package mutating func compact(
        _ request: Etcdserverpb.CompactionRequest.View, stamp: ResponseStamp?, into out: inout ByteBuffer
    ) throws(StoreError) {
        try compact(to: request.revision)
        out.appendResponseHeader(stamp, revision: currentRevision)
    }

    package mutating func compact(to revision: Int64) throws(StoreError) {
        if revision <= compactRevision { throw .compacted }
        if revision > currentRevision { throw .futureRevision }
        startCompaction(to: revision, remembersHash: !isCompacting)
        backend.scheduleCompaction(to: revision)
    }

    mutating func startCompaction(to revision: Int64, remembersHash: Bool) {
        finishWalk(budget: .max)
        compaction = index.startCompaction(to: revision, previous: compactRevision, remembersHash: remembersHash)
        compactRevision = revision
    }

    /// A compaction has begun whose rows have not all left the backend.
    package var isCompacting: Bool { compaction != nil || !jobs.isEmpty }

    /// Continues the compaction of the index, looking at no more than `budget` keys (about 0.1 µs each). Gives each
    /// compaction's job once; to be called until `needsCompactionTurn` is false, and again after the next compaction began.
    package mutating func advanceCompaction(budget: Int) -> CompactionJob? {
        finishWalk(budget: budget)
        guard givenJobs < jobs.count else { return nil }
        givenJobs += 1
        return jobs[givenJobs - 1]
    }

    package var needsCompactionTurn: Bool { compaction != nil || givenJobs < jobs.count }

    private mutating func finishWalk(budget: Int) {
        guard var walk = compaction else { return }
        // Not copied while it grows.
        compaction = nil
        guard index.advance(&walk, budget: budget) else {
            compaction = walk
            return
        }
        jobs.append(
            CompactionJob(
                revision: walk.revision, previous: walk.previous, dropped: walk.dropped, keepsNothing: index.keepsNothing(at: walk.revision),
                remembersHash: walk.remembersHash))
    }

    /// The job's rows have left the backend. `hash` is the compaction's hash, if it was formed.
    package mutating func compacted(_ revision: Int64, hash: UInt32?) {
        guard let place = jobs.firstIndex(where: { $0.revision == revision }) else { return }
        let job = jobs.remove(at: place)
        if place < givenJobs { givenJobs -= 1 }
        guard let hash, job.remembersHash else { return }
        hashes.insert(KeyValueHash(hash: hash, compactRevision: job.previous, revision: job.revision))
    }
}
