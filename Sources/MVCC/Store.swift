import Base
import Storage
import Wire

/// The key-value store: keys, revisions and the answers to KV requests. Owned by the replica thread.
///
/// Decides what a request reads and changes, exactly as etcd does. It leaves to others: whether a request may run (quorum,
/// permissions, space), what the backend does with the rows, who watches, and when a compaction's rows leave the backend.
/// Requests come as views over their encoded bytes; responses are written whole into a buffer, rows copied as stored.
package struct Store: ~Copyable {
    package var backend: Backend
    var index: KeyIndex

    /// Main revision of the latest write transaction; an empty store is at 1.
    package internal(set) var currentRevision: Int64
    /// Reads below it are refused; −1 before the first compaction.
    package internal(set) var compactRevision: Int64
    /// Present while the index still holds what the latest compaction dropped.
    var compaction: CompactionWalk?
    /// Compactions through with the index whose rows have not left the backend, oldest first; so many were handed out.
    var jobs: [CompactionJob] = []
    var givenJobs = 0
    var hashes = CompactionHashes()
    /// Counting at a past revision: reading a change costs about as much as walking over so many keys.
    var keysPerChange = 10

    // MARK: single writes

    /// Applies a put and writes its PutResponse.
    package mutating func put(
        _ request: Etcdserverpb.PutRequest.View, in message: RawSpan, stamp: ResponseStamp?, leaseExists: (LeaseID) -> Bool,
        changes: inout ChangeSet, into out: inout ByteBuffer
    ) throws(StoreError) {
        if request.lease != 0, !leaseExists(LeaseID(request.lease)) { throw .leaseNotFound }
        var transaction = Transaction(after: currentRevision)
        try apply(request, in: message, &transaction, stamp: stamp, &changes, into: &out)
        finish(transaction)
    }

    /// Applies a range deletion and writes its DeleteRangeResponse.
    package mutating func deleteRange(
        _ request: Etcdserverpb.DeleteRangeRequest.View, in message: RawSpan, stamp: ResponseStamp?,
        changes: inout ChangeSet, into out: inout ByteBuffer
    ) throws(StoreError) {
        var transaction = Transaction(after: currentRevision)
        try apply(request, in: message, &transaction, stamp: stamp, &changes, into: &out)
        finish(transaction)
    }

    /// Writes the RangeResponse. Requires that the request was validated.
    package func range(
        _ request: Etcdserverpb.RangeRequest.View, in message: RawSpan, stamp: ResponseStamp?, into out: inout ByteBuffer
    ) throws(StoreError) {
        try appendRange(request, in: message, visible: currentRevision, stamp: stamp, into: &out)
    }

    mutating func finish(_ transaction: Transaction) { currentRevision = transaction.visible }

    // MARK: lookups for watches

    /// Revision of the row that a reader at main revision `main` sees for `key`; nil if the key did not exist then. Requires
    /// main ≥ compactRevision for a right answer.
    package func revision(of key: RawSpan, at main: Int64) -> Revision? { index.revision(of: key, at: main) }

    /// Keys alive now.
    package var keyCount: Int { index.liveCount }
}
