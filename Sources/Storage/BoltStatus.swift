import Base

/// What `etcdutl snapshot status` tells of a bbolt file (formats.md §5.3).
package struct BoltStatus: Equatable, Sendable {
    /// Over all buckets and entries.
    package var hash: UInt32 = 0
    /// Main revision of the last row; 0 without rows.
    package var revision: Int64 = 0
    /// Entries of all buckets, which is what releases up to 3.5 print as keys.
    package var entries = 0
    /// Bytes of the pages up to the last ever used: without room reserved behind them, and without a snapshot's sha256.
    package var byteCount: Int64 = 0

    /// Reads the whole file.
    package init(of path: String) throws(BoltError) {
        let reader = try BoltReader(path)
        byteCount = reader.usedByteCount
        for bucket in try reader.buckets() {
            hash = CRC32C.checksum(continuing: hash, bucket.name.rawSpan)
            let cursor = reader.cursor(over: bucket)
            while try cursor.next() {
                hash = CRC32C.checksum(continuing: CRC32C.checksum(continuing: hash, cursor.key), cursor.value)
                entries += 1
                guard bucket.text == Bucket.key.name else { continue }
                guard let (revision, _) = RevisionKey.decode(cursor.key) else {
                    throw reader.malformed(cursor.page, "a key of bucket key is no revision")
                }
                self.revision = revision.main
            }
        }
    }
}
