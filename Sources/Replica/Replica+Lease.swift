import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Leases: grants and revocations through the log, renewals and questions at once on the leader.
extension Replica {
    mutating func applyLeaseGrant(_ body: RawSpan, _ out: inout ByteBuffer) throws(CallError) {
        let request = try decoded(Etcdserverpb.LeaseGrantRequest.self, body)
        let overQuota = try checkSpace(cost: Quota.leaseGrantCost)
        var response = Etcdserverpb.LeaseGrantResponse()
        do throws(LeaseError) {
            let row = try lessor.grant(LeaseID(request.id), ttl: request.ttl, now: now)
            store.backend.put(.lease, key: Bytes(LeaseRow.key(row.id)).span, value: Bytes(row.value).span)
            response.id = row.id.rawValue
            response.ttl = row.ttl
        } catch {
            throw CallError(error)
        }
        counted.leaseGrants += 1
        if overQuota { throw .noSpace }
        response.header = header()
        response.encode(into: &out)
    }

    mutating func applyLeaseRevoke(_ body: RawSpan, _ out: inout ByteBuffer) throws(CallError) {
        let request = try decoded(Etcdserverpb.LeaseRevokeRequest.self, body)
        let keys: [Bytes]
        do throws(LeaseError) { keys = try lessor.revoke(LeaseID(request.id)) } catch { throw CallError(error) }
        // One transaction, keys in order, so that every member numbers the deletions alike.
        do throws(StoreError) { try store.delete(keys: keys, changes: &changes) } catch { throw CallError(error) }
        leasesSeen = changes.changes.count
        counted.leaseRevocations += 1
        store.backend.delete(.lease, key: Bytes(LeaseRow.key(LeaseID(request.id))).span)
        Etcdserverpb.LeaseRevokeResponse.with { $0.header = header() }.encode(into: &out)
    }

    mutating func keepAlive(_ request: Request, _ batch: RequestBatch, _ responses: ResponseBuilder) throws(CallError) {
        let message = try decoded(Etcdserverpb.LeaseKeepAliveRequest.self, batch.block.span.subscripted(request.range))
        var response = Etcdserverpb.LeaseKeepAliveResponse()
        response.id = message.id
        // An unknown lease is answered with TTL 0, and the stream goes on.
        switch lessor.renew(LeaseID(message.id), now: now) {
        case .renewed(let ttl, _):
            counted.leaseRenewals += 1
            response.ttl = ttl
        case .unknown, .expired: response.ttl = 0
        case .notPrimary: throw .noLeader
        }
        response.header = header()
        let start = responses.bytes.count
        response.encode(into: &responses.bytes)
        responses.finishStreamMessage(request.ticket, from: start, shared: nil)
    }

    mutating func timeToLive(_ request: Request, _ batch: RequestBatch, _ responses: ResponseBuilder) throws(CallError) {
        let message = try decoded(Etcdserverpb.LeaseTimeToLiveRequest.self, batch.block.span.subscripted(request.range))
        var response = Etcdserverpb.LeaseTimeToLiveResponse()
        response.header = header()
        response.id = message.id
        do throws(LeaseError) {
            let status = try lessor.timeToLive(LeaseID(message.id), withKeys: message.keys, now: now)
            response.ttl = status.ttl
            response.grantedTTL = status.grantedTTL
            response.keys = status.keys.map(\.array)
        } catch .notPrimary {
            throw .noLeader
        } catch {
            response.ttl = -1
        }
        let start = responses.bytes.count
        response.encode(into: &responses.bytes)
        responses.finishMessage(request.ticket, from: start)
    }

    func listLeases(_ request: Request, _ responses: ResponseBuilder) {
        var response = Etcdserverpb.LeaseLeasesResponse()
        response.header = header()
        response.leases = lessor.list().map { id in
            var status = Etcdserverpb.LeaseStatus()
            status.id = id.rawValue
            return status
        }
        let start = responses.bytes.count
        response.encode(into: &responses.bytes)
        responses.finishMessage(request.ticket, from: start)
    }

    /// The leader proposes to revoke what has run out.
    mutating func expireLeases() {
        guard raft.isLeader, nextExpiry <= now else { return }
        nextExpiry = now + Lessor.expiryRound
        for id in lessor.expired(now: now) {
            var request = Etcdserverpb.LeaseRevokeRequest()
            request.id = id.rawValue
            proposeInternally(request, field: RequestField.leaseRevoke, .leaseRevoke)
        }
    }
}
