import Base
import Raft
import Replica

/// What the transport tells its owner, on the loop's thread.
package protocol PeerTransportDelegate: AnyObject {
    /// Raft messages, in the order in which each sender sent them; never of kind snapshot.
    func received(_ messages: [Message])
    /// A snapshot message whose database is durable at `path` (`<hex16 of the index>.snap.db`).
    func received(snapshot message: Message, path: String)
    /// A message for this member was lost, or the link to it was.
    func unreachable(_ id: MemberID)
    /// For each snapshot given to `send`, once.
    func snapshotSent(to id: MemberID, succeeded: Bool)
    /// For each call, once.
    func answered(_ call: UInt64, _ answer: PeerAnswer)
    /// A peer asks; answer with `PeerTransport.answer`, now or later.
    func requested(_ request: PeerRequest)
    /// A peer says that this member was removed from the cluster: it may have been down when that was decided.
    func removedFromCluster(toldBy id: MemberID)
    /// Messages reach the member, or no longer do.
    func activityChanged(of id: MemberID, isActive: Bool)
    /// The first of the two streams that this member reads from the other is up, or the last one is lost.
    func link(_ id: MemberID, isUp: Bool)
    /// Whether a member that says so may have this data directory: nil, or why it is refused.
    func judge(_ id: MemberID, incarnation: UInt64) -> String?
    /// Another member refuses this one for its data directory, and says why.
    func refusedByPeer(_ reason: String)
    /// The body of GET /members, as this member knows them.
    var membersJSON: Bytes { get }
    /// The body of GET /version.
    var versionJSON: Bytes { get }
}

extension PeerTransportDelegate {
    package func activityChanged(of id: MemberID, isActive: Bool) {}
    package func link(_ id: MemberID, isUp: Bool) {}
    package func judge(_ id: MemberID, incarnation: UInt64) -> String? { nil }
    package func refusedByPeer(_ reason: String) {}
}

/// What a peer asks over HTTP and the replica answers.
package struct PeerRequest: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Body: etcdserverpb.LeaseKeepAliveRequest; so the answer's.
        case leaseKeepAlive
        /// Body: leasepb.LeaseInternalRequest.
        case leaseTimeToLive
        /// Body: the member's id in decimal.
        case promote
        /// Body: `{"revision":N}`.
        case hashKV
        case downgradeEnabled
    }

    /// Names the request to `PeerTransport.answer`.
    package var token: UInt64
    package var kind: Kind
    package var body: Bytes

    package init(token: UInt64, kind: Kind, body: Bytes) {
        self.token = token
        self.kind = kind
        self.body = body
    }
}
