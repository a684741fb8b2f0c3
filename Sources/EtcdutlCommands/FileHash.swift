import Base
import Storage
import Wire

/// HashKV over a bbolt file (formats.md §5.1): what a member that held exactly this database would answer to HashKV(revision).
///
/// Two passes: the first finds each key's last row up to the revision, the second sums up. Memory: one entry per key.
struct FileHash {
    private(set) var hash = CRC32C.checksum(Bytes(Bucket.key.name).span)
    private(set) var revision: Int64
    /// −1 when nothing was ever compacted.
    private(set) var compactRevision: Int64 = -1

    /// The last row of a key up to the revision; nil if that is a tombstone.
    private var kept: [[UInt8]: Revision?] = [:]
    private var latest: Int64 = 1

    /// `revision` 0: the last one.
    init(of path: String, revision requested: Int64) throws(ToolError) {
        revision = requested == 0 ? .max : requested
        do throws(BoltError) {
            let reader = try BoltReader(path)
            let buckets = try reader.buckets()
            guard let rows = buckets.first(where: { $0.text == Bucket.key.name }) else {
                throw BoltError.missingBucket(path: path, name: Bucket.key.name)
            }
            if let meta = buckets.first(where: { $0.text == Bucket.meta.name }) { try readCompaction(reader.cursor(over: meta)) }
            try findLast(reader.cursor(over: rows), reader)
            latest = max(latest, compactRevision)
            if requested == 0 { revision = latest }
            let isCompacted = requested > 0 && requested < compactRevision
            if requested <= latest, !isCompacted { try sum(reader.cursor(over: rows)) }
        } catch {
            throw ToolError("\(error)")
        }
        if requested > latest { throw ToolError("mvcc: required revision is a future revision") }
        if requested > 0, requested < compactRevision { throw ToolError("mvcc: required revision has been compacted") }
    }

    private mutating func readCompaction(_ cursor: BoltCursor) throws(BoltError) {
        while try cursor.next() {
            guard String(decoding: cursor.key.array, as: UTF8.self) == "finishedCompactRev",
                let (revision, _) = RevisionKey.decode(cursor.value)
            else { continue }
            compactRevision = revision.main
        }
    }

    private mutating func findLast(_ cursor: BoltCursor, _ reader: BoltReader) throws(BoltError) {
        while try cursor.next() {
            guard let (row, isTombstone) = RevisionKey.decode(cursor.key) else { continue }
            latest = max(latest, row.main)
            guard row.main <= revision else { continue }
            let value = cursor.value
            guard let view = try? Mvccpb.KeyValue.View(decoding: value) else { continue }
            kept.updateValue(isTombstone ? nil : row, forKey: value.subscripted(view.key).array)
        }
    }

    private mutating func sum(_ cursor: BoltCursor) throws(BoltError) {
        let keeps = Set(kept.values.compactMap { $0 })
        while try cursor.next() {
            guard let (row, isTombstone) = RevisionKey.decode(cursor.key), row.main <= revision else { continue }
            if row.main <= compactRevision, !keeps.isEmpty, !keeps.contains(row) { continue }
            if isTombstone, row.main == compactRevision { continue }
            hash = CRC32C.checksum(continuing: CRC32C.checksum(continuing: hash, cursor.key), cursor.value)
        }
    }
}
