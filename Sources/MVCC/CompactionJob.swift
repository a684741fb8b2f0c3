import Base

/// What the background thread has to do for a compaction, once the index is through: delete the dropped rows, and sum up the
/// rows for the compaction's hash (formats.md §5.1) before.
///
/// The hash: over all rows with main ≤ revision, before deletion, in order, except rows with main ≤ previous that are either
/// dropped (unless keepsNothing) or a tombstone with main == previous.
package struct CompactionJob: Sendable {
    /// Compacted to.
    package let revision: Int64
    /// Revision of the compaction before; −1 if there was none.
    package let previous: Int64
    /// Rows to delete; not sorted. All are ≤ revision.
    package let dropped: [Revision]
    /// No key was alive at the revision.
    package let keepsNothing: Bool
    /// Whether the hash is to be remembered: not when the compaction before had not finished.
    package let remembersHash: Bool

    package func sortedDropped() -> [Revision] { dropped.sorted() }
}
