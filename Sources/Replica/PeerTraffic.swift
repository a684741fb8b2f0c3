import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// A database on its way to a member that has fallen behind the log.
package struct OutgoingSnapshot: Sendable {
    package var to: MemberID
    /// Of kind snapshot, with metadata and the v2 store's JSON.
    package var message: Message
    /// The state at the message's index.
    package var file: SnapshotFile

    package init(to: MemberID, message: Message, file: SnapshotFile) {
        self.to = to
        self.message = message
        self.file = file
    }
}

/// A question to another member, over HTTP to any of its peer URLs.
package struct PeerCall: Sendable, Equatable {
    package var id: UInt64
    package var to: MemberID
    package var kind: PeerCallKind

    package init(id: UInt64, to: MemberID, kind: PeerCallKind) {
        self.id = id
        self.to = to
        self.kind = kind
    }
}

package enum PeerCallKind: Sendable, Equatable {
    /// GET /version
    case version
    /// POST /leases: etcdserverpb.LeaseKeepAliveRequest
    case leaseKeepAlive(Bytes)
    /// POST /leases/internal: leasepb.LeaseInternalRequest
    case leaseTimeToLive(Bytes)
    /// POST /members/promote/{id}
    case promote(MemberID)
    /// GET /members/hashkv
    case hashKV(revision: Int64)
    /// GET /downgrade/enabled
    case downgradeEnabled
    /// GET /members
    case members
}

package enum PeerAnswer: Sendable, Equatable {
    /// Status 200, and its body.
    case body(Bytes)
    /// Any other HTTP status, and the body's text.
    case status(Int, String)
    /// No answer: refused, lost or too late.
    case unreachable(String)
}

/// Whom to connect to, and whom not to listen to any more.
package struct PeerList: Sendable, Equatable {
    package struct Peer: Sendable, Equatable {
        package var id: MemberID
        package var peerURLs: [String]

        package init(id: MemberID, peerURLs: [String]) {
            self.id = id
            self.peerURLs = peerURLs
        }
    }

    /// The other members, ascending by id.
    package var members: [Peer]
    package var removed: Set<MemberID>

    package init(members: [Peer] = [], removed: Set<MemberID> = []) {
        self.members = members
        self.removed = removed
    }
}
