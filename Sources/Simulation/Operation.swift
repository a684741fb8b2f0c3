import Base
import Wire

/// What a simulated client asks for.
package enum OperationRequest: Sendable, Equatable {
    case range(Etcdserverpb.RangeRequest)
    case put(Etcdserverpb.PutRequest)
    case deleteRange(Etcdserverpb.DeleteRangeRequest)
    case txn(Etcdserverpb.TxnRequest)
    case compact(Etcdserverpb.CompactionRequest)
    case leaseGrant(Etcdserverpb.LeaseGrantRequest)
    case leaseRevoke(Etcdserverpb.LeaseRevokeRequest)
    case leaseKeepAlive(Etcdserverpb.LeaseKeepAliveRequest)
    case leaseTimeToLive(Etcdserverpb.LeaseTimeToLiveRequest)
    case leaseLeases
    case hashKV(Etcdserverpb.HashKVRequest)
    case memberList(Etcdserverpb.MemberListRequest)
}

/// How an operation ended, as far as its client knows.
package enum Outcome: Sendable, Equatable {
    case range(Etcdserverpb.RangeResponse)
    case put(Etcdserverpb.PutResponse)
    case deleteRange(Etcdserverpb.DeleteRangeResponse)
    case txn(Etcdserverpb.TxnResponse)
    case compact(Etcdserverpb.CompactionResponse)
    case leaseGrant(Etcdserverpb.LeaseGrantResponse)
    case leaseRevoke(Etcdserverpb.LeaseRevokeResponse)
    case leaseKeepAlive(Etcdserverpb.LeaseKeepAliveResponse)
    case leaseTimeToLive(Etcdserverpb.LeaseTimeToLiveResponse)
    case leaseLeases(Etcdserverpb.LeaseLeasesResponse)
    case hashKV(Etcdserverpb.HashKVResponse)
    case memberList(Etcdserverpb.MemberListResponse)
    /// An error's text.
    case failure(String)
    /// No answer will come: it has happened once or not at all.
    case unknown
}

/// By what an operation is found again in the log. Workloads see to it that no two operations share one.
package enum OperationTag: Hashable, Sendable {
    case put([UInt8])
    case deleteRange([UInt8])
    case txn([UInt8])
    case compact(Int64)
    case grant(Int64)
    case revoke(Int64)

    /// Bytes of a value that make it unique.
    static let valueBytes = 12

    package init?(_ request: OperationRequest) {
        switch request {
        case .put(let put): self = .put(Array(put.value.prefix(Self.valueBytes)))
        case .deleteRange(let delete): self = .deleteRange(delete.rangeEnd)
        case .txn(let txn):
            guard let marker = txn.compare.first else { return nil }
            self = .txn(marker.key)
        case .compact(let compaction): self = .compact(compaction.revision)
        case .leaseGrant(let grant): self = .grant(grant.id)
        case .leaseRevoke(let revoke): self = .revoke(revoke.id)
        case .range, .leaseKeepAlive, .leaseTimeToLive, .leaseLeases, .hashKV, .memberList: return nil
        }
    }

    package init?(_ entry: Etcdserverpb.InternalRaftRequest) {
        if let put = entry.put {
            self.init(.put(put))
        } else if let delete = entry.deleteRange {
            self.init(.deleteRange(delete))
        } else if let txn = entry.txn {
            self.init(.txn(txn))
        } else if let compaction = entry.compaction {
            self.init(.compact(compaction))
        } else if let grant = entry.leaseGrant {
            self.init(.leaseGrant(grant))
        } else if let revoke = entry.leaseRevoke {
            self.init(.leaseRevoke(revoke))
        } else {
            return nil
        }
    }
}

/// One operation of a history.
package struct Operation: Sendable {
    package var client: Int
    /// The member asked.
    package var slot: Int
    package var request: OperationRequest
    package var invoked: Instant
    /// The log position that everything acknowledged before the invocation had reached.
    package var floor: Int
    package var answered: Instant?
    package var outcome: Outcome?
    /// Where the log has it, and what it comes to there.
    package var position: Int?
    package var reply: Model.Reply?
}

extension Operation: CustomStringConvertible {
    package var description: String {
        let end = answered.map { "\($0.inSeconds)" } ?? "…"
        let place = position.map { " @\($0)" } ?? ""
        return "[\(invoked.inSeconds) – \(end)] client \(client) → member \(slot)\(place): \(request.summary) ⇒ \(outcome?.summary ?? "pending")"
    }
}

extension OperationRequest {
    package var summary: String {
        switch self {
        case .range(let r):
            "range \(readable(r.key))…\(readable(r.rangeEnd))" + (r.revision > 0 ? " at \(r.revision)" : "") + (r.serializable ? " serializable" : "")
        case .put(let r):
            "put \(readable(r.key)) = \(readable(Array(r.value.prefix(OperationTag.valueBytes))))" + (r.lease != 0 ? " lease \(r.lease)" : "")
        case .deleteRange(let r): "delete \(readable(r.key))…\(readable(r.rangeEnd))"
        case .txn(let r): "txn if \(r.compare.count) then \(r.success.map(\.summary)) else \(r.failure.map(\.summary))"
        case .compact(let r): "compact \(r.revision)" + (r.physical ? " physical" : "")
        case .leaseGrant(let r): "grant \(r.id) for \(r.ttl) s"
        case .leaseRevoke(let r): "revoke \(r.id)"
        case .leaseKeepAlive(let r): "keep alive \(r.id)"
        case .leaseTimeToLive(let r): "time to live \(r.id)"
        case .leaseLeases: "leases"
        case .hashKV(let r): "hashkv \(r.revision)"
        case .memberList: "members"
        }
    }
}

extension Etcdserverpb.RequestOp {
    var summary: String {
        switch request {
        case .requestRange(let r): OperationRequest.range(r).summary
        case .requestPut(let r): OperationRequest.put(r).summary
        case .requestDeleteRange(let r): OperationRequest.deleteRange(r).summary
        case .requestTxn(let r): OperationRequest.txn(r).summary
        case nil: "nothing"
        }
    }
}

extension Outcome {
    package var summary: String {
        switch self {
        case .range(let r):
            "\(r.header?.revision ?? 0): \(r.count) keys \(r.kvs.map { "\(readable($0.key))=\(readable(Array($0.value.prefix(12))))@\($0.modRevision)" })"
        case .put(let r): "\(r.header?.revision ?? 0)"
        case .deleteRange(let r): "\(r.header?.revision ?? 0): \(r.deleted) deleted"
        case .txn(let r): "\(r.header?.revision ?? 0): \(r.succeeded)"
        case .compact(let r): "\(r.header?.revision ?? 0)"
        case .leaseGrant(let r): "ttl \(r.ttl)"
        case .leaseRevoke(let r): "\(r.header?.revision ?? 0)"
        case .leaseKeepAlive(let r): "ttl \(r.ttl)"
        case .leaseTimeToLive(let r): "ttl \(r.ttl) of \(r.grantedTTL), \(r.keys.map(readable))"
        case .leaseLeases(let r): "\(r.leases.map(\.id))"
        case .hashKV(let r): "\(r.hash) at \(r.hashRevision), compacted \(r.compactRevision)"
        case .memberList(let r): "\(r.members.count) members"
        case .failure(let text): text
        case .unknown: "unknown"
        }
    }
}
