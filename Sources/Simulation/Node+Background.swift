import Base
import Cluster
import MVCC
import Replica
import Storage

/// The background thread of a member, as a value: commits in order, before jobs; one job at a time, in slices.
struct BackgroundState {
    enum Ordered {
        case commit(CommitBatch, isFinal: Bool)
        /// A view that is to be taken between the commits before and after it.
        case export(job: UInt64)
    }

    enum Running {
        case compaction(BackendCompaction, remembersHash: Bool)
        case hashRows(HashRows)
        case hashBuckets(HashBuckets)
        case snapshot
        case defragment
        case install(SnapshotFile, LogIndex, DatabaseLoader)
    }

    var ordered: [Ordered] = []
    var jobs: [(id: UInt64, job: BackgroundWork.Job)] = []
    var current: (id: UInt64, running: Running)?
    var isScheduled = false

    var isIdle: Bool { ordered.isEmpty && jobs.isEmpty && current == nil }
}

extension Node {
    func take(_ work: BackgroundWork) {
        switch work {
        case .commit(let batch, let isFinal): background.ordered.append(.commit(batch, isFinal: isFinal))
        case .start(let id, .exportForPeer): background.ordered.append(.export(job: id))
        case .start(let id, let job): background.jobs.append((id, job))
        }
        scheduleBackground(after: dice.interval(world.profile.commitTime).scaled(by: disk.slowness))
    }

    func scheduleBackground(after delay: Interval) {
        guard condition == .up, !background.isScheduled, !background.isIdle else { return }
        background.isScheduled = true
        world.queue.push(.background, at: world.now + delay, node: slot, epoch: epoch)
    }

    /// To be called when a `background` event comes out.
    func backgroundGoesOn() {
        guard isRunning else { return }
        background.isScheduled = false
        do throws(Stop) {
            if background.ordered.isEmpty { try runSlice() } else { try runOrdered(background.ordered.removeFirst()) }
        } catch { return handle(error) }
        scheduleBackground(after: dice.interval(world.profile.commitTime).scaled(by: disk.slowness))
    }

    private func runOrdered(_ item: BackgroundState.Ordered) throws(Stop) {
        switch item {
        case .commit(let batch, let isFinal):
            try passes(.commitBefore)
            guard !disk.isFull else { throw .failure("the database could not be written: no space left on the device") }
            database.willCommit()
            try asStop { () throws(BackendError) in try database.writer.commit(batch) }
            try passes(.commitAfter)
            if isFinal {
                database.sync()
                try passes(.commitAfterSync)
            }
            post(.committed(batch.id))
        case .export(let job):
            let file = SnapshotFile(content: database.disk.copy(), bytes: 0, version: configuration.version.description)
            note("exports its database for a peer")
            post(.finished(job: job, .snapshot(file)))
        }
    }

    private func runSlice() throws(Stop) {
        if background.current == nil, !background.jobs.isEmpty {
            let (id, job) = background.jobs.removeFirst()
            background.current = (id, start(job))
        }
        guard let (id, running) = background.current else { return }
        try passes(.jobSlice)
        var next = running
        guard let result = try step(&next) else {
            background.current = (id, next)
            return
        }
        background.current = nil
        try passes(.jobAfterLastSlice)
        post(.finished(job: id, result))
    }

    private func start(_ job: BackgroundWork.Job) -> BackgroundState.Running {
        switch job {
        case .compact(let job):
            note("compacts to \(job.revision)")
            let compaction = BackendCompaction(
                revision: job.revision, previous: job.previous, dropped: job.sortedDropped(), keepsNothing: job.keepsNothing)
            return .compaction(compaction, remembersHash: job.remembersHash)
        case .hashKV(let inputs): return .hashRows(HashRows(revision: inputs.revision, skipped: inputs.sortedSkipped()))
        case .hash: return .hashBuckets(HashBuckets(leavingOutLogPosition: true))
        case .snapshot, .exportForPeer: return .snapshot
        case .defragment: return .defragment
        case .install(let file, let index, let loader): return .install(file, index, loader)
        }
    }

    /// One slice; the result when it was the last.
    private func step(_ running: inout BackgroundState.Running) throws(Stop) -> JobResult? {
        let writer = database.writer
        let rows = max(1, configuration.commitOperations / 4)
        switch running {
        case .compaction(var compaction, let remembersHash):
            database.willCommit()
            let progress = try asStop { () throws(BackendError) in try compaction.step(writer, budgetRows: rows) }
            running = .compaction(compaction, remembersHash: remembersHash)
            return progress == .done ? .compacted(hash: remembersHash ? compaction.hash : nil) : nil
        case .hashRows(var sum):
            let progress = try asStop { () throws(BackendError) in try sum.step(writer) }
            running = .hashRows(sum)
            return progress == .done ? .hash(sum.hash) : nil
        case .hashBuckets(var sum):
            let progress = try asStop { () throws(BackendError) in try sum.step(writer) }
            running = .hashBuckets(sum)
            return progress == .done ? .hash(sum.hash) : nil
        case .snapshot:
            return .snapshot(SnapshotFile(content: database.disk.copy(), bytes: 0, version: configuration.version.description))
        case .defragment:
            return .defragmented
        case .install(let file, let index, let loader):
            return try install(file, index, loader)
        }
    }

    private func install(_ file: SnapshotFile, _ index: LogIndex, _ loader: DatabaseLoader) throws(Stop) -> JobResult {
        guard let content = file.content as? MemoryDisk else { return .failed("not a database of this simulation") }
        try passes(.installBefore)
        let fresh = content.copy()
        try passes(.installAfterImport)
        database.install(fresh)
        note("installs the database of \(index)")
        try passes(.installAfterSwap)
        let installed: InstalledDatabase
        do throws(RecoveryError) { installed = try loader.load(.memory(fresh)) } catch { throw .failure(error.description) }
        installing = index
        return .installed(installed)
    }

    private func asStop<Value>(_ body: () throws(BackendError) -> Value) throws(Stop) -> Value {
        do throws(BackendError) { return try body() } catch { throw .failure("the database could not be written: \(error)") }
    }
}
