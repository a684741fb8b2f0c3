import Base

/// Deletes the rows that a compaction drops, and forms the compaction's hash on the way (formats.md §4.5 and §5.1), in
/// slices. Background thread.
///
/// What is dropped is the index's decision. The batch of the entry that asked for the compaction must be committed before
/// the first slice. After a restart an unfinished compaction is run again from its beginning: rows already deleted are
/// simply not met.
package struct BackendCompaction: Sendable {
    package let revision: Int64
    /// Of the compaction before, −1 if there was none.
    private let previous: Int64
    private let dropped: [Revision]
    private let keepsNothing: Bool

    /// First row of the next slice.
    private var next = Revision.least
    /// First of `dropped` at or after `next`.
    private var nextDropped = 0
    private var isScheduled = false
    /// The sum over the rows met. Complete when done, and only if no earlier run of this compaction had deleted rows.
    package private(set) var hash = HashRows.seed
    package private(set) var deletedRows = 0

    /// `dropped` ascends, all ≤ revision. `keepsNothing`: no key was alive at `revision`.
    package init(revision: Int64, previous: Int64, dropped: [Revision], keepsNothing: Bool) {
        precondition(previous < revision)
        assert(zip(dropped, dropped.dropFirst()).allSatisfy { $0 < $1 } && (dropped.last?.main ?? 0) <= revision)
        self.revision = revision
        self.previous = previous
        self.dropped = dropped
        self.keepsNothing = keepsNothing
    }

    /// Goes over about `budgetRows` rows (etcd: 1000) and commits once if there was anything to delete. After an error the
    /// slice may be repeated.
    package mutating func step(_ writer: BackendWriter, budgetRows: Int = 1000) throws(BackendError) -> JobProgress {
        precondition(budgetRows > 0)
        try schedule(writer)
        var slice = self
        var doomed: [EngineDeletion] = []
        var rest = budgetRows
        let isLast = try writer.readRows(from: next, before: Revision(main: revision + 1, sub: 0)) { row, isTombstone, bytes in
            guard rest > 0 else {
                slice.next = row
                return false
            }
            rest -= 1
            if slice.visit(row, isTombstone, bytes) { doomed.append(EngineDeletion(revision: row, isTombstone: isTombstone)) }
            return true
        }
        if !doomed.isEmpty || isLast { try writer.write(deleting: doomed, finished: isLast ? revision : nil) }
        self = slice
        deletedRows += doomed.count
        return isLast ? .done : .more
    }

    /// Adds the row to the hash; true when it is to be deleted.
    private mutating func visit(_ row: Revision, _ isTombstone: Bool, _ bytes: RawSpan) -> Bool {
        while nextDropped < dropped.count, dropped[nextDropped] < row { nextDropped += 1 }
        let isDropped = nextDropped < dropped.count && dropped[nextDropped] == row
        let isLeftOut = row.main <= previous && ((isDropped && !keepsNothing) || (isTombstone && row.main == previous))
        if !isLeftOut { hash = HashRows.sum(hash, row, isTombstone, bytes) }
        return isDropped
    }

    /// Whoever asked for the compaction has recorded it (`Backend.scheduleCompaction`); this is for the compaction that a
    /// caller runs without.
    private mutating func schedule(_ writer: BackendWriter) throws(BackendError) {
        guard !isScheduled else { return }
        let stored = try writer.value(.meta, key: MetaKey.scheduledCompactRevision.bytes).flatMap { RevisionKey.decode($0.rawSpan)?.revision }
        if (stored?.main ?? 0) < revision {
            try writer.put(.meta, key: MetaKey.scheduledCompactRevision.bytes, value: RevisionKey(Revision(main: revision, sub: 0)).array)
        }
        isScheduled = true
    }
}
