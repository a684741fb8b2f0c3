import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Committed entries become state, in log order and the same on every member.
extension Replica {
    mutating func apply(into effects: inout Effects) {
        guard output.hasEntriesToApply else { return }
        #if PLANTED_BUGS
            if PlantedBug.isActive(.indexAheadOfData), output.lastToApply > consistentIndex {
                store.backend.setAppliedIndex(output.lastToApply, term: raft.term)
                sealOpenBatch(into: &effects)
            }
        #endif
        var index = output.firstToApply
        while index <= output.lastToApply {
            let entry = raft.entry(at: index)
            switch entry.kind {
            case .normal: applyNormal(entry, into: &effects)
            case .configurationChange, .configurationChangeV2: applyConfigurationChange(entry, into: &effects)
            }
            applied = index
            appliedTerm = entry.term
            index = index.next
        }
        if applied > consistentIndex { store.backend.setAppliedIndex(applied, term: appliedTerm) }
        raft.applied(through: applied)
    }

    private mutating func applyNormal(_ entry: Entry, into effects: inout Effects) {
        // An entry that the database holds already must not be applied twice (formats.md §4.4).
        guard entry.index > consistentIndex, !entry.data.isEmpty else { return }
        let data = entry.data.span
        let request: Etcdserverpb.InternalRaftRequest.View
        do throws(WireError) { request = try .init(decoding: data) } catch {
            return applyBareRequest(entry)
        }
        var id = request.id
        if id == 0 {
            do throws(WireError) { id = try Etcdserverpb.RequestHeader.View(decoding: data.subscripted(request.header)).id } catch { id = 0 }
        }
        let waiter = pending.take(id)
        let body = data.subscripted(request.bodyBytes)
        if let waiter, waiter.ticket != 0 {
            let responses = effects.responses[Int(waiter.loop)]
            let start = responses.bytes.count
            do throws(CallError) {
                if try applyRequest(request.body, body, waiter: waiter, into: &responses.bytes) {
                    responses.finishMessage(waiter.ticket, from: start)
                }
            } catch {
                responses.bytes.truncate(to: start)
                responses.fail(waiter.ticket, error)
            }
        } else {
            do throws(CallError) {
                var discarded = ByteBuffer()
                _ = try applyRequest(request.body, body, waiter: nil, into: &discarded)
            } catch {}
        }
    }

    /// Applies one request and encodes its answer. False: the answer comes later.
    private mutating func applyRequest(
        _ field: Etcdserverpb.InternalRaftRequest.Body, _ body: RawSpan, waiter: PendingProposals.Waiter?, into out: inout ByteBuffer
    ) throws(CallError) -> Bool {
        if alarms.isRaised(Alarms.corrupt) { try checkAllowedUnderCorruptAlarm(field) }
        switch field {
        case .put: try applyPut(body, &out)
        case .deleteRange: try applyDeleteRange(body, &out)
        case .txn: try applyTxn(body, &out)
        case .compaction: return try applyCompaction(body, waiter, &out)
        case .leaseGrant: try applyLeaseGrant(body, &out)
        case .leaseRevoke: try applyLeaseRevoke(body, &out)
        case .leaseCheckpoint: try applyLeaseCheckpoint(body, &out)
        case .alarm: try applyAlarm(body, &out)
        case .clusterVersionSet: try applyClusterVersion(body)
        case .clusterMemberAttrSet: try applyMemberAttributes(body)
        case .downgradeInfoSet: try applyDowngrade(body, &out)
        default: break
        }
        return true
    }
}

/// The key-value requests.
extension Replica {
    /// Under the corruption alarm no data changes any more. What else the log holds goes on, as on Go members.
    private func checkAllowedUnderCorruptAlarm(_ body: Etcdserverpb.InternalRaftRequest.Body) throws(CallError) {
        switch body {
        case .put, .deleteRange, .txn, .compaction, .leaseGrant, .leaseRevoke: throw .corrupt
        default: return
        }
    }

    private mutating func applyPut(_ body: RawSpan, _ out: inout ByteBuffer) throws(CallError) {
        let put: Etcdserverpb.PutRequest.View
        do throws(WireError) { put = try .init(decoding: body) } catch { throw .malformed(error) }
        let overQuota = try checkSpace(cost: Quota.cost(ofPut: put))
        let stamp = stamp
        #if PLANTED_BUGS
            let status = try? lessor.timeToLive(LeaseID(put.lease), withKeys: false, now: now)
            if PlantedBug.isActive(.applyByLocalClock), status?.ttl == 0 { throw .grpc(.leaseNotFound) }
        #endif
        let leaseExists = put.lease == 0 || lessor.contains(LeaseID(put.lease))
        do throws(StoreError) {
            try store.put(put, in: body, stamp: stamp, leaseExists: { _ in leaseExists }, changes: &changes, into: &out)
        } catch {
            throw CallError(error)
        }
        counted.puts += 1
        attachLeases()
        if overQuota { throw .noSpace }
    }

    private mutating func applyDeleteRange(_ body: RawSpan, _ out: inout ByteBuffer) throws(CallError) {
        let delete: Etcdserverpb.DeleteRangeRequest.View
        do throws(WireError) { delete = try .init(decoding: body) } catch { throw .malformed(error) }
        let stamp = stamp
        do throws(StoreError) {
            try store.deleteRange(delete, in: body, stamp: stamp, changes: &changes, into: &out)
        } catch {
            throw CallError(error)
        }
        counted.deletes += 1
        attachLeases()
    }

    private mutating func applyTxn(_ body: RawSpan, _ out: inout ByteBuffer) throws(CallError) {
        do throws(WireError) { try plan.decode(body) } catch { throw .malformed(error) }
        let cost = Quota.cost(of: plan)
        let overQuota = cost > 0 ? try checkSpace(cost: cost) : false
        var unknown: Set<LeaseID> = []
        for operation in plan.operations {
            guard case .put(let put) = operation, put.lease != 0 else { continue }
            if !lessor.contains(LeaseID(put.lease)) { unknown.insert(LeaseID(put.lease)) }
        }
        let stamp = stamp
        do throws(StoreError) {
            try store.txn(&plan, in: body, stamp: stamp, leaseExists: { !unknown.contains($0) }, changes: &changes, into: &out)
        } catch {
            throw CallError(error)
        }
        counted.transactions += 1
        attachLeases()
        if overQuota { throw .noSpace }
    }

    private mutating func applyCompaction(
        _ body: RawSpan, _ waiter: PendingProposals.Waiter?, _ out: inout ByteBuffer
    ) throws(CallError) -> Bool {
        let request: Etcdserverpb.CompactionRequest.View
        do throws(WireError) { request = try .init(decoding: body) } catch { throw .malformed(error) }
        let stamp = stamp
        do throws(StoreError) { try store.compact(request, stamp: stamp, into: &out) } catch { throw CallError(error) }
        guard request.physical, let waiter else { return true }
        // Answered when the rows have left the database.
        compactionWaiters.append((request.revision, waiter))
        return false
    }

    /// The leader proposes the compaction that `--auto-compaction-mode` asks for.
    mutating func compactByItself() {
        guard let revision = autoCompactor.due(now: now, revision: store.currentRevision, isLeader: raft.isLeader),
            revision > store.compactRevision
        else { return }
        proposeInternally(
            Etcdserverpb.CompactionRequest.with { $0.revision = revision }, field: RequestField.compaction, .compact)
    }

    /// Looks at some more keys for the compaction under way, and hands its part to the background thread when it is known.
    mutating func advanceCompaction(into effects: inout Effects) {
        guard store.needsCompactionTurn, !isInstalling else { return }
        guard let job = store.advanceCompaction(budget: 5_000) else { return }
        sealOpenBatch(into: &effects)
        jobs.start(.compact(job), waiter: nil, into: &effects)
    }

    func decoded<M: WireMessage>(_ type: M.Type, _ span: RawSpan) throws(CallError) -> M {
        do throws(WireError) { return try M(decoding: span) } catch { throw .malformed(error) }
    }

    /// A response header at the current revision.
    func header() -> Etcdserverpb.ResponseHeader {
        var header = Etcdserverpb.ResponseHeader()
        header.clusterID = configuration.clusterID.rawValue
        header.memberID = configuration.memberID.rawValue
        header.revision = store.currentRevision
        header.raftTerm = raft.term.rawValue
        return header
    }

    /// Moves keys between leases as the changes since the last call say.
    private mutating func attachLeases() {
        for change in changes.changes[leasesSeen...] where change.oldLease != change.newLease {
            let key = Bytes(copying: changes.bytes.span.subscripted(change.key))
            // The store has let only existing leases through, so attaching cannot fail.
            if change.oldLease != .zero { lessor.detach(key.span, from: change.oldLease) }
            if change.newLease != .zero { try? lessor.attach(key.span, to: change.newLease) }
        }
        leasesSeen = changes.changes.count
    }
}
