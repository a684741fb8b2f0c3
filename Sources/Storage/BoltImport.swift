import Base
import CSystem
import Glibc

/// Takes etcd's bbolt database (a Go member's `db`, a snapshot file, the database part of a leader's snapshot) over into a
/// new store, in slices. Background thread, or at start.
///
/// The new store gets its name only when it is complete and durable, so an import cut short leaves nothing that could be
/// taken for a store: the next one begins again.
package struct BoltImport: ~Copyable {
    private let reader: BoltReader
    /// nil once complete, and then the new store is closed.
    private var target: Target?
    private var writer: BackendWriter?
    private var buckets: [BoltBucket]
    private var cursor: BoltCursor?
    private var bucket = Bucket.key
    private var nextID: UInt64 = 1
    private var lastRow: Revision?
    package private(set) var entries = 0
    /// Bytes of the entries taken over so far; less than the file has.
    package private(set) var bytesRead = 0

    private enum Target {
        case memory
        case file(path: String, temporary: String, LMDBEnvironment)
    }

    /// The store will be at `path`, replacing one that is there; the process must not have that one open. `bolt` may end in
    /// a snapshot's sha256, which is not checked here.
    package init(_ bolt: String, to path: String, mapBytes: Int) throws(BackendError) {
        let temporary = path + ".importing"
        Self.remove(temporary)
        let environment = try LMDBEnvironment(path: temporary, mapBytes: mapBytes, besideBolt: true)
        environment.setSyncing(false)
        try self.init(
            bolt, .file(path: path, temporary: temporary, environment), BackendWriter(.lmdb(LMDBStore(environment))))
    }

    package init(_ bolt: String, to disk: MemoryDisk) throws(BackendError) {
        try self.init(bolt, .memory, BackendWriter(.memory(disk)))
    }

    private init(_ bolt: String, _ target: Target, _ writer: BackendWriter) throws(BackendError) {
        let opened: (BoltReader, [BoltBucket])
        do throws(BoltError) {
            let reader = try BoltReader(bolt)
            let buckets = try reader.buckets()
            if let other = buckets.first(where: { Bucket(name: $0.name) == nil }) { throw .unknownBucket(path: bolt, name: other.text) }
            guard buckets.contains(where: { Bucket(name: $0.name) == .key }) else { throw .missingBucket(path: bolt, name: "key") }
            opened = (reader, buckets)
        } catch {
            if case .file(_, let temporary, _) = target { Self.remove(temporary) }
            throw .bolt(error)
        }
        (reader, buckets) = opened
        self.target = target
        self.writer = writer
        buckets.reverse()
    }

    deinit {
        if case .file(_, let temporary, _) = target { Self.remove(temporary) }
    }

    /// Commits about `budgetRows` entries, or at the end gives the store its name.
    package mutating func step(budgetRows: Int = 10_000) throws(BackendError) -> JobProgress {
        guard let writer, let target else { return .done }
        precondition(budgetRows > 0)
        let batch: CommitBatch?
        do { batch = try nextBatch(budgetRows) } catch { throw .bolt(error) }
        if let batch {
            try writer.commit(batch)
            return .more
        }
        if case .file(let path, let temporary, let environment) = target { try Self.complete(environment, temporary, path) }
        self.target = nil
        self.writer = nil
        return .done
    }

    private static let batchBytesMax = 16 << 20

    /// nil at the end.
    private mutating func nextBatch(_ budget: Int) throws(BoltError) -> CommitBatch? {
        var rows: [RowEntry] = []
        var bytes = ByteBuffer()
        var changes = BucketChanges.none
        var count = 0
        while count < budget, bytes.count < Self.batchBytesMax {
            guard let entry = cursor else {
                guard let next = buckets.popLast() else { break }
                bucket = Bucket(name: next.name) ?? .key
                cursor = reader.cursor(over: next)
                continue
            }
            guard try entry.next() else {
                cursor = nil
                continue
            }
            count += 1
            bytesRead += entry.key.byteCount + entry.value.byteCount
            guard !entry.isBucket else { throw reader.malformed(entry.page, "bucket \(bucket.name) has a bucket inside") }
            guard bucket == .key else {
                changes[Int(bucket.rawValue)].set(entry.key.array, .put(entry.value.array))
                continue
            }
            guard let (revision, isTombstone) = RevisionKey.decode(entry.key) else {
                throw reader.malformed(entry.page, "a key of bucket key is no revision")
            }
            // The same revision as a live row and as a tombstone would have ascending keys.
            guard (rows.last?.revision ?? lastRow ?? .least) < revision || (rows.isEmpty && lastRow == nil) else {
                throw reader.malformed(entry.page, "revision \(revision.main).\(revision.sub) is there twice")
            }
            let value = entry.value
            rows.append(RowEntry(revision: revision, offset: bytes.count, length: Int32(value.byteCount), isTombstone: isTombstone))
            bytes.append(value)
        }
        guard count > 0 else { return nil }
        lastRow = rows.last?.revision ?? lastRow
        entries += count
        defer { nextID += 1 }
        return CommitBatch(
            id: CommitBatch.ID(rawValue: nextID), appliedIndex: .zero, appliedTerm: .zero, operations: count,
            rows: RowTable(entries: rows, bytes: bytes.freeze()), changes: changes)
    }

    /// Makes the new store durable under its own name.
    private static func complete(_ environment: LMDBEnvironment, _ temporary: String, _ path: String) throws(BackendError) {
        try environment.sync()
        guard unsafe Glibc.rename(temporary, path) == 0 else { throw LMDBFile.failure(path, "renaming") }
        _ = unsafe unlink(temporary + "-lock")
        try LMDBFile.syncDirectory(of: path)
    }

    private static func remove(_ temporary: String) {
        _ = unsafe unlink(temporary)
        _ = unsafe unlink(temporary + "-lock")
    }
}
