import Base
import HTTP
import Platform
import Wire

/// What is known of a lease.
public struct LeaseInformation: Sendable {
    package let message: Etcdserverpb.LeaseTimeToLiveResponse
    /// The cluster, the member that answered and the store's revision.
    public var header: ResponseHeader { ResponseHeader(message.header) }
    /// As it was granted. For people it is written in hexadecimal.
    public var id: Int64 { message.id }
    /// Seconds left; −1: there is no such lease.
    public var timeToLive: Int64 { message.ttl }
    /// Seconds that it was granted for.
    public var grantedTimeToLive: Int64 { message.grantedTTL }
    /// The keys that end with it, in no order, if they were asked for.
    public var keys: [[UInt8]] { message.keys }
}

extension EtcdClient {
    /// Makes a lease and returns its id. It lives for so many seconds after it was made or renewed last; below the server's least, some
    /// seconds, it gets that, and more than 9,000,000,000 are refused (`outOfRange`, code 11). An id of 0: the server chooses; one that
    /// is taken is refused (`failedPrecondition`, code 9).
    public func grantLease(seconds: Int64, id: Int64 = 0) throws(ClientError) -> Int64 { try leaseGrant(seconds, id).id }

    package func leaseGrant(_ seconds: Int64, _ id: Int64 = 0) throws(ClientError) -> Etcdserverpb.LeaseGrantResponse {
        let request = Etcdserverpb.LeaseGrantRequest.with {
            $0.ttl = seconds
            $0.id = id
        }
        return try call(.leaseGrant, request)
    }

    /// Ends a lease and deletes the keys attached to it. Fails with `isLeaseNotFound` when there is none.
    public func revokeLease(_ id: Int64) throws(ClientError) { _ = try leaseRevoke(id) }

    package func leaseRevoke(_ id: Int64) throws(ClientError) -> Etcdserverpb.LeaseRevokeResponse {
        try call(.leaseRevoke, Etcdserverpb.LeaseRevokeRequest.with { $0.id = id })
    }

    /// What is known of a lease, with its keys if wanted. No error when there is no such lease: its time to live is −1 then.
    public func lease(_ id: Int64, keys: Bool = false) throws(ClientError) -> LeaseInformation {
        let request = Etcdserverpb.LeaseTimeToLiveRequest.with {
            $0.id = id
            $0.keys = keys
        }
        return LeaseInformation(message: try call(.leaseTimeToLive, request))
    }

    /// The ids of all leases.
    public func leases() throws(ClientError) -> [Int64] { try leaseLeases().leases.map(\.id) }

    package func leaseLeases() throws(ClientError) -> Etcdserverpb.LeaseLeasesResponse {
        try call(.leaseLeases, Etcdserverpb.LeaseLeasesRequest())
    }

    /// Renews a lease once and returns its seconds to live. Waits for a server as long as `timeout` says. Fails with `isLeaseNotFound`
    /// when the lease is gone.
    @discardableResult
    public func keepAliveOnce(_ id: Int64) throws(ClientError) -> Int64 { try leaseKeepAliveOnce(id).ttl }

    package func leaseKeepAliveOnce(_ id: Int64) throws(ClientError) -> Etcdserverpb.LeaseKeepAliveResponse {
        let limit = deadline
        while true {
            let exchange = SingleExchange(channel, .leaseKeepAlive, Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = id }.encoded(), limit)
            while exchange.outcome == nil { loop.turn() }
            switch exchange.outcome! {
            case .success(let bytes):
                guard let response = try? Etcdserverpb.LeaseKeepAliveResponse(decoding: bytes) else {
                    throw ClientError(code: GRPCCode.internal, message: "malformed answer")
                }
                guard response.ttl > 0 else { throw ClientError(GRPCError.leaseNotFound) }
                return response
            case .failure(let status):
                let mayPass = status.code == GRPCCode.unavailable || channel.isRefusedByLearner(status, exchange.connection)
                guard mayPass, Clock.now < limit else { throw ClientError(status) }
                loop.turn(until: Clock.now + .milliseconds(50))
            }
        }
    }

    /// Keeps a lease alive from now on, see `LeaseKeepAlive`. Cancel it, or close the client, to let the lease end.
    public func keepAlive(_ id: Int64) -> LeaseKeepAlive { LeaseKeepAlive(self, id) }

    /// Keeps a lease alive from now on, whenever the client's loop turns. `report` hears of every renewal, and once of the end.
    package func keepAlive(_ id: Int64, _ report: @escaping (LeaseKeeper.Outcome) -> Void) -> LeaseKeeper {
        LeaseKeeper(channel, lease: id, report)
    }
}

/// One request and one answer over a streaming method.
final class SingleExchange: GRPCClientCallHandler {
    private(set) var outcome: Result<Bytes, GRPCStatus>?
    private(set) var connection: GRPCClientConnection?

    init(_ channel: Channel, _ method: Method, _ request: Bytes, _ deadline: Instant) {
        channel.pick(deadline: deadline) { [self] picked in
            switch picked {
            case .failure(let status): outcome = .failure(status)
            case .success(let connection):
                self.connection = connection
                let call = connection.unary(method.path, request, metadata: channel.metadata, deadline: deadline, self)
                if call == nil { outcome = .failure(GRPCStatus(code: GRPCCode.unavailable, message: "no connection", mayHaveRun: false)) }
            }
        }
    }

    func received(_ message: Bytes, on call: GRPCClientCall) {
        guard outcome == nil else { return }
        outcome = .success(message)
        call.cancel()
    }

    func ended(_ status: GRPCStatus, on call: GRPCClientCall) {
        if outcome == nil {
            outcome = .failure(status.isOK ? GRPCStatus(code: GRPCCode.unavailable, message: "the stream ended without an answer") : status)
        }
    }
}
