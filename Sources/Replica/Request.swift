import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// What a client loop asks of the replica. One byte, so that a request stays plain data.
package enum Method: UInt8, Sendable, CaseIterable {
    // etcdserverpb.KV
    case range, put, deleteRange, txn, compact
    // etcdserverpb.Lease
    case leaseGrant, leaseRevoke, leaseTimeToLive, leaseLeases
    /// One message of a LeaseKeepAlive stream.
    case leaseKeepAlive
    /// One message of a Watch stream.
    case watch
    /// A Watch stream has ended; the request has no bytes.
    case watchClosed
    /// The client loop has sent `Request.range.length` bytes of a Watch stream's responses; the request has no bytes.
    case watchDrained
    // etcdserverpb.Maintenance
    case alarm, status, defragment, hash, hashKV, snapshot, moveLeader
    // etcdserverpb.Cluster
    case memberList, memberAdd, memberRemove, memberUpdate, memberPromote
    case downgrade
    // From other members over HTTP; the answer's bytes are the response's body, a failure's code is an HTTP status.
    /// etcdserverpb.LeaseKeepAliveRequest and its response
    case peerLeaseKeepAlive
    /// leasepb.LeaseInternalRequest and its response
    case peerLeaseTimeToLive
    /// The member's id in decimal; answered with the members as JSON
    case peerPromote
    /// `{"revision":N}`, answered with JSON
    case peerHashKV
    /// Nothing, answered with `true` or `false`
    case peerDowngradeEnabled
    /// `/health` and `/readyz`: a read through the log (linearizable) or without it, answered with an empty message.
    case probeLinearizable, probeSerializable
}

/// One request of a batch: plain data that points into the batch's block.
package struct Request: Sendable {
    /// The stream that waits for the answer, as the client loop numbers them.
    package var ticket: UInt64
    package var method: Method
    /// The request's protobuf bytes in the batch's block.
    package var range: ByteRange

    package init(ticket: UInt64, method: Method, range: ByteRange) {
        self.ticket = ticket
        self.method = method
        self.range = range
    }
}

/// The requests that one client loop gathered in one turn.
package struct RequestBatch: Sendable {
    /// Which client loop: index into `Effects.responses`.
    package var loop: UInt8
    package var block: ByteBlock
    package var requests: [Request]
    /// Bytes of answers that the loop has taken over since it began, and how many its clients have yet to take.
    package var deliveredBytes: Int
    package var queuedBytes: Int

    package init(loop: UInt8, block: ByteBlock, requests: [Request], deliveredBytes: Int = 0, queuedBytes: Int = 0) {
        self.loop = loop
        self.block = block
        self.requests = requests
        self.deliveredBytes = deliveredBytes
        self.queuedBytes = queuedBytes
    }
}
