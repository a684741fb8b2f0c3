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

    func listLeases(_ request: Request, _ responses: ResponseBuilder) {
        var response = Etcdserverpb.LeaseLeasesResponse()
        response.header = header()
        response.leases = lessor.list().map { id in
            var status = Etcdserverpb.LeaseStatus()
            status.id = id.rawValue
            return status
        }
        responses.answer(request.ticket, response)
    }

    mutating func applyLeaseCheckpoint(_ body: RawSpan, _ out: inout ByteBuffer) throws(CallError) {
        let request = try decoded(Etcdserverpb.LeaseCheckpointRequest.self, body)
        // Up to 3.5 what is put on record goes with the process, unless the operator asked otherwise.
        let isStored = configuration.storesLeaseCheckpoints || membership.version.map { $0 >= Version(3, 6) } == true
        for checkpoint in request.checkpoints {
            guard let row = lessor.checkpoint(LeaseID(checkpoint.id), remainingTTL: checkpoint.remainingTTL, now: now), isStored else { continue }
            store.backend.put(.lease, key: Bytes(LeaseRow.key(row.id)).span, value: Bytes(row.value).span)
        }
        Etcdserverpb.LeaseCheckpointResponse.with { $0.header = header() }.encode(into: &out)
    }

    mutating func proposeCheckpoints(_ records: [(id: LeaseID, remainingTTL: Int64)]) {
        guard !records.isEmpty else { return }
        let request = Etcdserverpb.LeaseCheckpointRequest.with { request in
            request.checkpoints = records.map { record in
                .with {
                    $0.id = record.id.rawValue
                    $0.remainingTTL = record.remainingTTL
                }
            }
        }
        proposeInternally(request, field: RequestField.leaseCheckpoint, .leaseKeepAlive, asLeader: true)
    }

    /// The leader proposes to revoke what has run out.
    mutating func expireLeases() {
        guard raft.isLeader, nextExpiry <= now else { return }
        nextExpiry = now + Lessor.expiryRound
        proposeCheckpoints(lessor.dueCheckpoints(now: now))
        for id in lessor.expired(now: now) {
            var request = Etcdserverpb.LeaseRevokeRequest()
            request.id = id.rawValue
            proposeInternally(request, field: RequestField.leaseRevoke, .leaseRevoke, asLeader: true)
        }
    }
}
