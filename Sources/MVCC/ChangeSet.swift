import Base

/// What the transactions applied in one drain of the log changed, for watches and leases. Reused from drain to drain.
///
/// Changes are in order of revision; a transaction's are next to each other.
package struct ChangeSet: ~Copyable {
    /// The rows' KeyValue bytes, one after the other, as stored (a tombstone's holds the key alone).
    package var bytes = ByteBuffer()
    package var changes: [Change] = []

    package struct Change {
        package var revision: Revision
        package var isDelete: Bool
        /// The row's KeyValue in `bytes`.
        package var kv: ByteRange
        /// The key in `bytes`.
        package var key: ByteRange
        /// Of the live row that this one replaced.
        package var previous: Revision?
        package var oldLease: LeaseID
        package var newLease: LeaseID

        package init(
            revision: Revision, isDelete: Bool, kv: ByteRange, key: ByteRange, previous: Revision?, oldLease: LeaseID, newLease: LeaseID
        ) {
            self.revision = revision
            self.isDelete = isDelete
            self.kv = kv
            self.key = key
            self.previous = previous
            self.oldLease = oldLease
            self.newLease = newLease
        }
    }

    package init() {}

    package var isEmpty: Bool { changes.isEmpty }

    package mutating func removeAll() {
        bytes.removeAll()
        changes.removeAll(keepingCapacity: true)
    }
}
