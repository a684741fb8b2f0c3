import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Maintenance.Downgrade: the cluster's version goes down by one minor release, so that members of that release may take the
/// place of this one's. Checked behind a read barrier, enabled and cancelled through the log; `Replica+Version` does the rest.
extension Replica {
    /// Before the barrier: what is wrong with the request itself.
    mutating func downgrade(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = try decoded(Etcdserverpb.DowngradeRequest.self, batch.block.span.subscripted(request.range))
        switch message.action {
        case .validate, .enable:
            do throws(GRPCError) { _ = try DowngradeRules.target(message.version) } catch { throw .grpc(error) }
        case .cancel: break
        default: throw .other("etcdserver: unknown method")
        }
        gather(request, batch)
    }

    mutating func downgradeBehindBarrier(_ read: GatheredRead, _ responses: ResponseBuilder) throws(CallError) {
        let message = try decoded(Etcdserverpb.DowngradeRequest.self, read.block.span.subscripted(read.request.range))
        guard message.action != .cancel else {
            guard membership.downgradeTarget != nil else { throw .grpc(.noInflightDowngrade) }
            return proposeDowngrade(nil, for: read)
        }
        let target: Version
        do throws(GRPCError) {
            target = try DowngradeRules.target(message.version)
            try DowngradeRules.validate(target, cluster: membership.version, underWay: membership.downgradeTarget)
        } catch { throw .grpc(error) }
        if message.action == .enable { return proposeDowngrade(target, for: read) }
        responses.answer(read.request.ticket, downgradeResponse)
    }

    private var downgradeResponse: Etcdserverpb.DowngradeResponse {
        .with {
            $0.header = header()
            $0.version = membership.version?.description ?? ""
        }
    }

    /// Nil: the downgrade is over. Without `read` the leader proposes it for itself.
    mutating func proposeDowngrade(_ target: Version?, for read: GatheredRead? = nil) {
        var request = Membershippb.DowngradeInfoSetRequest()
        request.enabled = target != nil
        request.ver = target?.description ?? ""
        var encoded = ByteBuffer(capacity: request.encodedSize)
        request.encode(into: &encoded)
        guard let read else {
            return proposeInternally(encoded.span, field: RequestField.downgradeInfoSet, .downgrade, asLeader: true)
        }
        // A few bytes, which are never too many.
        try? propose(encoded.span, field: RequestField.downgradeInfoSet, read.request, loop: read.loop)
    }

    mutating func applyDowngrade(_ body: RawSpan, _ out: inout ByteBuffer) throws(CallError) {
        let request = try decoded(Membershippb.DowngradeInfoSetRequest.self, body)
        membership.downgradeTarget = request.enabled ? Version(request.ver)?.minorRelease : nil
        store.backend.put(
            .cluster, key: Bytes("downgrade").span, value: Bytes(DowngradeRules.row(target: membership.downgradeTarget)).span)
        downgradeResponse.encode(into: &out)
    }

    /// GET /downgrade/enabled, behind a read barrier.
    func respondDowngradeEnabled(_ ticket: UInt64, _ responses: ResponseBuilder) {
        responses.answer(ticket, text: membership.downgradeTarget != nil ? "true" : "false")
    }
}
