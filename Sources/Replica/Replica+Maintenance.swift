import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Jobs that the background thread does for a client or for the replica itself.
struct JobTracking {
    private(set) var waiters: [UInt64: (kind: Kind, waiter: PendingProposals.Waiter?)] = [:]
    private var next: UInt64 = 1
    /// Jobs before it are about a database that is no longer this member's.
    private var firstOfStore: UInt64 = 1

    func isOfStore(_ job: UInt64) -> Bool { job >= firstOfStore }

    mutating func storeReplaced() { firstOfStore = next }

    enum Kind {
        case compact(Int64), hashKV(HashInputs), hash, snapshot, defragment, exportForPeer, install
        /// The own hash of a comparison with the other members.
        case comparison(UInt64, HashInputs)
    }

    @discardableResult
    mutating func start(_ job: BackgroundWork.Job, waiter: PendingProposals.Waiter?, into effects: inout Effects) -> UInt64 {
        let kind: Kind =
            switch job {
            case .compact(let job): .compact(job.revision)
            case .hashKV(let inputs): .hashKV(inputs)
            case .hash: .hash
            case .snapshot: .snapshot
            case .defragment: .defragment
            case .exportForPeer: .exportForPeer
            case .install: .install
            }
        waiters[next] = (kind, waiter)
        effects.background.append(.start(job: next, job))
        defer { next += 1 }
        return next
    }

    /// The own hash of comparison `number`.
    mutating func start(comparison number: UInt64, _ inputs: HashInputs, into effects: inout Effects) {
        let job = start(.hashKV(inputs), waiter: nil, into: &effects)
        waiters[job] = (.comparison(number, inputs), nil)
    }

    mutating func finish(_ job: UInt64) -> (kind: Kind, waiter: PendingProposals.Waiter?)? { waiters.removeValue(forKey: job) }
}

extension Replica {
    /// The last call: what is applied goes to the database, so that the next start has little to do.
    package mutating func close(into effects: inout Effects) {
        guard !isInstalling else { return }
        sealOpenBatch(into: &effects)
    }
}

/// etcdserverpb.Maintenance.
extension Replica {
    func statusCall(_ request: Request, _ responses: ResponseBuilder) {
        var response = Etcdserverpb.StatusResponse()
        response.header = header()
        response.version = configuration.version.description
        response.dbSize = store.backend.sizeBytes
        response.dbSizeInUse = store.backend.sizeInUseBytes
        response.dbSizeQuota = configuration.quotaBytes
        response.leader = raft.leader.rawValue
        response.raftIndex = raft.committed.rawValue
        response.raftTerm = raft.term.rawValue
        response.raftAppliedIndex = applied.rawValue
        response.isLearner = membership[configuration.memberID]?.isLearner ?? false
        var downgrade = Etcdserverpb.DowngradeInfo()
        downgrade.enabled = membership.downgradeTarget != nil
        downgrade.targetVersion = membership.downgradeTarget?.description ?? ""
        response.downgradeInfo = downgrade
        response.storageVersion = reportedStorageVersion?.description ?? ""
        response.errors = alarms.all().map { alarm in
            let name = alarm.kind == Alarms.noSpace ? "NOSPACE" : alarm.kind == Alarms.corrupt ? "CORRUPT" : String(alarm.kind)
            return (alarm.member == .zero ? "" : "memberID:\(alarm.member) ") + "alarm:\(name) "
        }
        if raft.leader == .zero { response.errors.append("etcdserver: no leader") }
        responses.answer(request.ticket, response)
    }

    mutating func startJob(_ job: BackgroundWork.Job, for request: Request, _ loop: UInt8, into effects: inout Effects) {
        // What was written so far must be in the database that the job reads.
        sealOpenBatch(into: &effects)
        let waiter = PendingProposals.Waiter(
            ticket: request.ticket, loop: loop, method: request.method, isWaiting: true, deadline: .distantFuture)
        jobs.start(job, waiter: waiter, into: &effects)
    }

    mutating func startSnapshot(_ request: Request, _ loop: UInt8, into effects: inout Effects) {
        startJob(.snapshot(through: Revision(main: store.currentRevision, sub: .max)), for: request, loop, into: &effects)
    }

    mutating func hashKV(_ request: Request, _ batch: RequestBatch, into effects: inout Effects) throws(CallError) {
        let message = try decoded(Etcdserverpb.HashKVRequest.self, batch.block.span.subscripted(request.range))
        if let remembered = store.rememberedHash(of: message.revision) {
            return effects.responses[Int(batch.loop)].answer(
                request.ticket, hashKVResponse(remembered.hash, revision: remembered.revision, compactRevision: remembered.compactRevision))
        }
        do throws(StoreError) {
            startJob(.hashKV(try store.hashInputs(revision: message.revision)), for: request, batch.loop, into: &effects)
        } catch {
            throw CallError(error)
        }
    }

    private func hashKVResponse(_ hash: UInt32, revision: Int64, compactRevision: Int64) -> Etcdserverpb.HashKVResponse {
        var response = Etcdserverpb.HashKVResponse()
        response.header = header()
        response.hash = hash
        response.compactRevision = compactRevision
        response.hashRevision = revision
        return response
    }

    private mutating func compactionFinished(_ revision: Int64, _ result: JobResult, into effects: inout Effects) {
        if case .compacted(let hash) = result {
            store.compacted(revision, hash: hash)
            noteCompaction(revision)
        }
        answerCompactions(through: revision, into: &effects)
    }

    /// The rows of compactions up to `revision` have left the database.
    mutating func answerCompactions(through revision: Int64, into effects: inout Effects) {
        for (waited, waiter) in compactionWaiters where waited <= revision {
            effects.responses[Int(waiter.loop)].answer(waiter.ticket, Etcdserverpb.CompactionResponse.with { $0.header = header() })
        }
        compactionWaiters.removeAll { $0.revision <= revision }
    }

    mutating func jobFinished(_ job: UInt64, _ result: JobResult, into effects: inout Effects) {
        guard let (kind, waiter) = jobs.finish(job) else { return }
        switch kind {
        case .exportForPeer: return exportFinished(job, result, into: &effects)
        case .install: return installationFinished(job, result, into: &effects)
        case .comparison(let number, let inputs): return ownHashed(number, result, inputs, into: &effects)
        case .compact(let revision):
            // The new database does this compaction itself, if it is not done there.
            guard jobs.isOfStore(job) else { return }
            compactionFinished(revision, result, into: &effects)
        case .hashKV, .hash, .snapshot, .defragment: break
        }
        switch result {
        // A view from before would keep the pages that have become free.
        case .defragmented, .compacted: store.backend.renew()
        case .hash, .snapshot, .installed, .failed: break
        }
        guard let waiter, waiter.ticket != 0 else { return }
        let responses = effects.responses[Int(waiter.loop)]
        switch (result, kind) {
        case (.failed(let reason), _):
            responses.fail(waiter.ticket, waiter.method, .other(reason))
        case (.snapshot(let file), _):
            responses.send(file, to: waiter.ticket)
        case (.compacted, _), (.installed, _):
            break
        case (.defragmented, _):
            // etcd answers without a header.
            responses.answer(waiter.ticket, Etcdserverpb.DefragmentResponse())
        case (.hash(let hash), .hashKV(let inputs)) where waiter.method == .peerHashKV:
            let report = HashReport(
                hash: hash, compactRevision: inputs.compactRevision, revision: inputs.currentRevision, hashRevision: inputs.revision)
            respondHash(report, waiter.ticket, responses)
        case (.hash(let hash), .hashKV(let inputs)):
            responses.answer(waiter.ticket, hashKVResponse(hash, revision: inputs.revision, compactRevision: inputs.compactRevision))
        case (.hash(let hash), _):
            var response = Etcdserverpb.HashResponse()
            response.header = header()
            response.hash = hash
            responses.answer(waiter.ticket, response)
        }
    }
}
