import Base

/// HashKV (formats.md §5.1) in slices: the sum over all rows with main ≤ revision except those the index says to skip. No
/// compaction may run meanwhile. Background thread; what is hashed must be committed before the first slice.
package struct HashRows: Sendable {
    private let revision: Int64
    private let skipped: [Revision]
    private var next = Revision.least
    private var nextSkipped = 0
    /// Complete when done.
    package private(set) var hash = HashRows.seed

    /// The sum over the bucket's name.
    static let seed = CRC32C.checksum(Array(Bucket.key.name.utf8).rawSpan)

    /// `skipped` ascends.
    package init(revision: Int64, skipped: [Revision]) {
        assert(zip(skipped, skipped.dropFirst()).allSatisfy { $0 <= $1 })
        self.revision = revision
        self.skipped = skipped
    }

    package mutating func step(_ writer: BackendWriter, budgetRows: Int = 10_000) throws(BackendError) -> JobProgress {
        precondition(budgetRows > 0)
        var slice = self
        var rest = budgetRows
        let end = revision == .max ? Revision.greatest : Revision(main: revision + 1, sub: 0)
        let isLast = try writer.readRows(from: next, before: end) { row, isTombstone, bytes in
            guard rest > 0 else {
                slice.next = row
                return false
            }
            rest -= 1
            while slice.nextSkipped < slice.skipped.count, slice.skipped[slice.nextSkipped] < row { slice.nextSkipped += 1 }
            let isSkipped = slice.nextSkipped < slice.skipped.count && slice.skipped[slice.nextSkipped] == row
            if !isSkipped { slice.hash = HashRows.sum(slice.hash, row, isTombstone, bytes) }
            return true
        }
        self = slice
        return isLast ? .done : .more
    }

    static func sum(_ hash: UInt32, _ row: Revision, _ isTombstone: Bool, _ bytes: RawSpan) -> UInt32 {
        var key = RevisionKey(row, tombstone: isTombstone)
        let withKey = key.withSpan { CRC32C.checksum(continuing: hash, $0) }
        return CRC32C.checksum(continuing: withKey, bytes)
    }
}
