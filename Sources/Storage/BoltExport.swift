import Base

/// Writes the store into a bbolt file, in slices: a snapshot as official tools and members take it (formats.md §6, without
/// the trailing sha256). Background thread; no compaction may run meanwhile.
///
/// All of it is as of the first slice: the rows up to the last one there was then, the other buckets as copied then. Commits
/// between the slices only add rows behind. Memory: the small buckets, and a page for each level of the tree.
package struct BoltExport: ~Copyable {
    private var file: BoltPageWriter
    private var rows = BoltTreeWriter()
    private var next = Revision.least
    private var last: Revision?
    /// Buckets' values in the root bucket, by raw value, as far as they are written.
    private var roots: [[UInt8]?] = Array(repeating: nil, count: Bucket.allCases.count)
    private var hasStarted = false
    private var isDone = false

    /// Replaces a file at `path`. It is removed again if the export is dropped before it is done.
    package init(to path: String) throws(BackendError) { file = try BoltPageWriter(path) }

    /// The file's size once done.
    package var byteCount: Int64 { file.byteCount }

    /// Revision of the last row in the file; known from the first slice on.
    package var lastRevision: Revision? { last }

    package mutating func step(_ writer: BackendWriter, budgetRows: Int = 2000) throws(BackendError) -> JobProgress {
        precondition(budgetRows > 0 && !isDone)
        guard hasStarted else {
            try start(writer)
            hasStarted = true
            return .more
        }
        if let last, try addRows(writer, through: last, budget: budgetRows) { return .more }
        try finish()
        isDone = true
        return .done
    }

    private mutating func start(_ writer: BackendWriter) throws(BackendError) {
        let copies = try writer.copyBuckets()
        last = copies.lastRow
        for copy in copies.buckets {
            var tree = BoltTreeWriter()
            for (key, value) in copy.contents { try tree.add(key.rawSpan, value.rawSpan, to: &file) }
            roots[Int(copy.bucket.rawValue)] = try Self.complete(&tree, in: &file)
        }
    }

    /// True when rows are left.
    private mutating func addRows(_ writer: BackendWriter, through last: Revision, budget: Int) throws(BackendError) -> Bool {
        // Rows are gathered first: what is read in a transaction is not to wait for the disk.
        var entries: [RowEntry] = []
        var bytes = ByteBuffer()
        var following: Revision?
        _ = try writer.readRows(from: next, before: Revision(main: last.main, sub: last.sub + 1)) { row, isTombstone, value in
            guard entries.count < budget, bytes.count < Self.sliceBytesMax else {
                following = row
                return false
            }
            entries.append(RowEntry(revision: row, offset: bytes.count, length: Int32(value.byteCount), isTombstone: isTombstone))
            bytes.append(value)
            return true
        }
        for entry in entries {
            let key = RevisionKey(entry.revision, tombstone: entry.isTombstone).array
            let value = bytes.span._extracting(unchecked: entry.offset, count: Int(entry.length))
            try rows.add(key.rawSpan, value, to: &file)
        }
        if let following { next = following }
        return following != nil
    }

    private static let sliceBytesMax = 4 << 20

    /// Returns what the root bucket says of the bucket.
    private static func complete(_ tree: inout BoltTreeWriter, in file: inout BoltPageWriter) throws(BackendError) -> [UInt8] {
        if !tree.hasWrittenPages, let value = tree.inlineValue() { return value.array }
        var value = ByteBuffer(capacity: BoltFormat.bucketHeaderBytes)
        value.append(littleEndian: try tree.finish(in: &file))
        value.append(littleEndian: UInt64(0))
        return value.span.array
    }

    private mutating func finish() throws(BackendError) {
        roots[Int(Bucket.key.rawValue)] = try Self.complete(&rows, in: &file)
        var root = BoltTreeWriter()
        for bucket in Bucket.allCases {
            guard let value = roots[Int(bucket.rawValue)] else { preconditionFailure("bucket \(bucket.name) was not written") }
            try root.add(Array(bucket.name.utf8).rawSpan, value.rawSpan, isBucket: true, to: &file)
        }
        try file.finish(root: try root.finish(in: &file))
    }
}
