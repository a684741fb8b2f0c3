import Base

/// The sum over all buckets, in slices: Maintenance.Hash (formats.md §5.2) or what `etcdutl snapshot status` prints of a
/// snapshot made now (§5.3). Background thread; a commit is to be made before the first slice, and no compaction meanwhile.
///
/// All of it is as of the first slice: the rows up to the last one there was then, the other buckets as copied then.
package struct HashBuckets: Sendable {
    private let leavesOutLogPosition: Bool
    private var phase = Phase.start
    package private(set) var hash: UInt32 = 0
    /// Entries of all buckets.
    package private(set) var entries = 0
    /// Main revision of the last row; 0 without rows.
    package private(set) var revision: Int64 = 0

    private enum Phase: Sendable {
        case start
        case rows(next: Revision, last: Revision, rest: [BucketCopy])
        case done
    }

    /// `leavingOutLogPosition`: as Maintenance.Hash does, so that members at different log positions agree.
    package init(leavingOutLogPosition: Bool) { leavesOutLogPosition = leavingOutLogPosition }

    package mutating func step(_ writer: BackendWriter, budgetRows: Int = 10_000) throws(BackendError) -> JobProgress {
        precondition(budgetRows > 0)
        switch phase {
        case .start:
            let copies = try writer.copyBuckets()
            for copy in copies.buckets where copy.bucket.rawValue < Bucket.key.rawValue { add(copy) }
            hash = CRC32C.checksum(continuing: hash, Array(Bucket.key.name.utf8).rawSpan)
            revision = copies.lastRow?.main ?? 0
            let rest = copies.buckets.filter { $0.bucket.rawValue > Bucket.key.rawValue }
            phase = .rows(next: .least, last: copies.lastRow ?? .least, rest: rest)
            return .more
        case .rows(let next, let last, let rest):
            guard let following = try addRows(writer, from: next, through: last, budget: budgetRows) else {
                for copy in rest { add(copy) }
                phase = .done
                return .done
            }
            phase = .rows(next: following, last: last, rest: rest)
            return .more
        case .done: return .done
        }
    }

    /// Returns where to go on, nil at the end.
    private mutating func addRows(
        _ writer: BackendWriter, from start: Revision, through last: Revision, budget: Int
    ) throws(BackendError) -> Revision? {
        var sum = hash
        var count = 0
        var following: Revision?
        let end = Revision(main: last.main, sub: last.sub + 1)
        _ = try writer.readRows(from: start, before: end) { row, isTombstone, bytes in
            guard count < budget else {
                following = row
                return false
            }
            count += 1
            sum = HashRows.sum(sum, row, isTombstone, bytes)
            return true
        }
        hash = sum
        entries += count
        return following
    }

    private mutating func add(_ copy: BucketCopy) {
        hash = CRC32C.checksum(continuing: hash, Array(copy.bucket.name.utf8).rawSpan)
        for (key, value) in copy.contents where !isLeftOut(copy.bucket, key) {
            hash = CRC32C.checksum(continuing: CRC32C.checksum(continuing: hash, key.rawSpan), value.rawSpan)
            entries += 1
        }
    }

    private func isLeftOut(_ bucket: Bucket, _ key: [UInt8]) -> Bool {
        guard leavesOutLogPosition, bucket == .meta else { return false }
        return key == MetaKey.consistentIndex.bytes || key == MetaKey.term.bytes
    }
}
