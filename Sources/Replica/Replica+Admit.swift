import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Requests come in: each is checked, and answered at once, gathered for a read barrier, or encoded as a proposal.
extension Replica {
    mutating func admit(_ batch: RequestBatch, into effects: inout Effects) {
        let responses = effects.responses[Int(batch.loop)]
        responses.deliveredBytes = batch.deliveredBytes
        responses.queuedBytes = batch.queuedBytes
        let isLearner = membership[configuration.memberID]?.isLearner ?? false
        for request in batch.requests {
            do throws(CallError) {
                if isLearner { try checkLearner(request, batch) }
                switch request.method {
                case .put: try admitPut(request, batch)
                case .range: try admitRange(request, batch, responses)
                case .txn: try admitTxn(request, batch, responses)
                case .deleteRange: try admitDeleteRange(request, batch)
                case .compact: try admitCompact(request, batch)
                case .leaseGrant: try admitLeaseGrant(request, batch)
                case .leaseRevoke: try admitLeaseRevoke(request, batch)
                case .leaseKeepAlive: try keepAlive(request, batch, into: &effects)
                case .leaseTimeToLive: try timeToLive(request, batch, into: &effects)
                case .leaseLeases: listLeases(request, responses)
                case .watch: try watch(request, batch)
                case .watchClosed: hub.closeStream(WatchStreamID(loop: batch.loop, rawValue: request.ticket))
                case .watchDrained: hub.drained(WatchStreamID(loop: batch.loop, rawValue: request.ticket), bytes: request.range.count)
                case .alarm: try admitAlarm(request, batch)
                case .status: statusCall(request, responses)
                case .defragment, .hash, .hashKV, .snapshot, .peerHashKV:
                    guard !isInstalling else {
                        incoming.deferred.append((request, batch.loop, batch.block))
                        continue
                    }
                    try admitJob(request, batch, into: &effects)
                case .moveLeader: try moveLeader(request, batch, responses)
                case .memberList: try memberList(request, batch, responses)
                case .memberAdd: try memberAdd(request, batch)
                case .memberRemove: try memberRemove(request, batch)
                case .memberUpdate: try memberUpdate(request, batch)
                case .memberPromote: try memberPromote(request, batch)
                case .downgrade: try downgrade(request, batch)
                case .peerLeaseKeepAlive: peerKeepAlive(request, batch, into: &effects)
                case .peerLeaseTimeToLive: peerTimeToLive(request, batch, into: &effects)
                case .peerPromote: peerPromote(request, batch, responses)
                case .peerDowngradeEnabled: gather(request, batch)
                case .probeLinearizable: gather(request, batch)
                case .probeSerializable: responses.finishMessage(request.ticket, from: responses.bytes.count)
                }
            } catch {
                responses.fail(request.ticket, request.method, error)
            }
        }
    }

    /// A learner serves what needs no quorum and no vote (etcd's isRPCSupportedForLearner), and what other members ask.
    private func checkLearner(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        switch request.method {
        case .status, .snapshot, .watchClosed, .watchDrained, .probeLinearizable, .probeSerializable, .peerLeaseKeepAlive,
            .peerLeaseTimeToLive, .peerPromote, .peerHashKV, .peerDowngradeEnabled:
            return
        case .range:
            let range: Etcdserverpb.RangeRequest.View
            do throws(WireError) { range = try .init(decoding: batch.block.span.subscripted(request.range)) } catch { throw .malformed(error) }
            if range.serializable { return }
        case .put, .deleteRange, .txn, .compact, .leaseGrant, .leaseRevoke, .leaseTimeToLive, .leaseLeases, .leaseKeepAlive, .watch,
            .alarm, .defragment, .hash, .hashKV, .moveLeader, .memberList, .memberAdd, .memberRemove, .memberUpdate, .memberPromote,
            .downgrade:
            break
        }
        throw .grpc(.notSupportedForLearner)
    }

    /// What the background thread does.
    private mutating func admitJob(_ request: Request, _ batch: RequestBatch, into effects: inout Effects) throws(CallError) {
        switch request.method {
        case .defragment: startJob(.defragment, for: request, batch.loop, into: &effects)
        case .hash: startJob(.hash, for: request, batch.loop, into: &effects)
        case .hashKV: try hashKV(request, batch, into: &effects)
        case .snapshot: startSnapshot(request, batch.loop, into: &effects)
        default: peerHashKV(request, batch, into: &effects)
        }
    }

    private mutating func admitPut(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = batch.block.span.subscripted(request.range)
        let put: Etcdserverpb.PutRequest.View
        do throws(WireError) { put = try .init(decoding: message) } catch { throw .malformed(error) }
        do throws(StoreError) { try RequestValidation.check(put) } catch { throw CallError(error) }
        try checkQuota(cost: Quota.cost(ofPut: put))
        try propose(message, field: RequestField.put, request, loop: batch.loop)
    }

    private mutating func admitDeleteRange(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = batch.block.span.subscripted(request.range)
        let delete: Etcdserverpb.DeleteRangeRequest.View
        do throws(WireError) { delete = try .init(decoding: message) } catch { throw .malformed(error) }
        do throws(StoreError) { try RequestValidation.check(delete) } catch { throw CallError(error) }
        try propose(message, field: RequestField.deleteRange, request, loop: batch.loop)
    }

    private mutating func admitCompact(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = batch.block.span.subscripted(request.range)
        do throws(WireError) { _ = try Etcdserverpb.CompactionRequest.View(decoding: message) } catch { throw .malformed(error) }
        try propose(message, field: RequestField.compaction, request, loop: batch.loop)
    }

    private mutating func admitTxn(_ request: Request, _ batch: RequestBatch, _ responses: ResponseBuilder) throws(CallError) {
        let message = batch.block.span.subscripted(request.range)
        do throws(WireError) { try plan.decode(message) } catch { throw .malformed(error) }
        do throws(StoreError) {
            try RequestValidation.check(plan, in: message, operationsMax: configuration.maxTxnOps)
        } catch { throw CallError(error) }
        if plan.isReadOnly {
            if plan.isSerializable {
                try readTxn(message, request.ticket, responses)
            } else {
                gather(request, batch)
            }
            return
        }
        try checkQuota(cost: Quota.cost(of: plan))
        try propose(message, field: RequestField.txn, request, loop: batch.loop)
    }

    private mutating func admitLeaseGrant(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = batch.block.span.subscripted(request.range)
        var grant: Etcdserverpb.LeaseGrantRequest
        do throws(WireError) { grant = try .init(decoding: message) } catch { throw .malformed(error) }
        try checkQuota(cost: Quota.leaseGrantCost)
        // etcd takes a server-chosen id from the request ids, made positive (formats.md §9).
        while grant.id == 0 { grant.id = Int64(bitPattern: pending.nextID & (UInt64(Int64.max))) }
        var encoded = ByteBuffer(capacity: 32)
        grant.encode(into: &encoded)
        try propose(encoded.span, field: RequestField.leaseGrant, request, loop: batch.loop)
    }

    private mutating func admitLeaseRevoke(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = batch.block.span.subscripted(request.range)
        do throws(WireError) { _ = try Etcdserverpb.LeaseRevokeRequest(decoding: message) } catch { throw .malformed(error) }
        try propose(message, field: RequestField.leaseRevoke, request, loop: batch.loop)
    }

    private mutating func admitAlarm(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = batch.block.span.subscripted(request.range)
        do throws(WireError) { _ = try Etcdserverpb.AlarmRequest(decoding: message) } catch { throw .malformed(error) }
        try propose(message, field: RequestField.alarm, request, loop: batch.loop)
    }
}
