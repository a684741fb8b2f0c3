import Base
import Storage
import Wire

extension Store {
    /// Rebuilds the index from the backend's rows, and reports each live key that names a lease, in key order.
    ///
    /// formats.md §4.3: the current revision is the greatest of the rows and of the compactions finished and scheduled, for
    /// the newest rows may have been tombstones that a compaction took away (etcd #17780). A compaction that was begun and
    /// not finished is begun again. `hashSeed` should differ from process to process.
    package init(
        backend: consuming Backend, hashSeed: UInt64 = 0x9E37_79B9_7F4A_7C15, attach: (LeaseID, RawSpan) -> Void = { _, _ in }
    ) throws(StoreError) {
        var restore = IndexRestore(hashSeed: hashSeed)
        backend.scanRows(
            from: Revision(main: 0, sub: 0), through: Revision(main: .max, sub: .max)
        ) { revision, isTombstone, row in restore.add(revision, isTombstone: isTombstone, row) }
        if let damaged = restore.damaged { throw .damaged(damaged) }
        let finished = Store.revision(backend.value(.meta, key: Bytes("finishedCompactRev").span))
        let scheduled = Store.revision(backend.value(.meta, key: Bytes("scheduledCompactRev").span))
        currentRevision = max(restore.greatest, finished ?? 1, scheduled ?? 1)
        compactRevision = finished ?? -1
        index = restore.finish(attach)
        self.backend = backend
        if let scheduled, scheduled > compactRevision { startCompaction(to: scheduled, remembersHash: false) }
    }

    /// The main revision of 17 bytes in the form of formats.md §4.3.
    private static func revision(_ bytes: [UInt8]?) -> Int64? {
        guard let bytes, bytes.count >= 8 else { return nil }
        return unsafe Int64(bitPattern: bytes.span.bytes.loadBigEndian64(at: 0))
    }
}

/// Rows in, index out. Keys are sorted once at the end, which is several times faster than inserting each in its place.
private struct IndexRestore: ~Copyable {
    private(set) var index: KeyIndex
    private(set) var greatest: Int64 = 1
    /// The first row that is no KeyValue.
    private(set) var damaged: Revision?
    /// Leases of records whose latest row names one, by the record's address.
    private var leases: [UInt: Int64] = [:]

    init(hashSeed: UInt64) { index = KeyIndex(hashSeed: hashSeed) }

    /// False to stop.
    mutating func add(_ revision: Revision, isTombstone: Bool, _ row: RawSpan) -> Bool {
        guard let view = try? Mvccpb.KeyValue.View(decoding: row) else {
            damaged = revision
            return false
        }
        greatest = max(greatest, revision.main)
        let ref = index.restore(
            row.subscripted(view.key), revision, isTombstone: isTombstone, create: view.createRevision, version: view.version,
            hasLease: view.lease != 0)
        if view.lease != 0 { leases[ref.address] = view.lease }
        return true
    }

    consuming func finish(_ attach: (LeaseID, RawSpan) -> Void) -> KeyIndex {
        index.finishRestore()
        if !leases.isEmpty {
            var walk = index.walkAll()
            while let ref = walk.next() {
                if ref.isAlive, ref.hasLease, let lease = leases[ref.address] { attach(LeaseID(lease), ref.key) }
            }
        }
        return index
    }
}
