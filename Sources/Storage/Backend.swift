import Base

/// The store as the replica thread sees it: what is committed, and over it what is not committed yet.
///
/// Writes go to the *open batch*. `seal` closes it; the sealed batch is handed to the background thread's `BackendWriter`
/// and stays part of the overlay until `committed` reports it. Reads see the newest write at once. etcd commits every
/// 100 ms or 10,000 operations (formats.md §4.4); when to seal is the caller's decision.
///
/// ```
///  revision →   | committed, in the engine | sealed | sealed | open |
///                                          ^ overlayStart    ^ openStart
/// ```
/// A batch that the engine already has but whose commit is not yet reported is read from the overlay: both hold the same.
///
/// Damage on disk met by a read makes that read come back empty, and is kept in `fault`: who loads state by scanning
/// checks it afterwards, and the replica at each seal.
package struct Backend: ~Copyable {
    package let engine: Engine
    var reader: EngineReader
    /// As of the last commit reported.
    private var usage: EngineUsage
    /// Oldest first.
    var sealed: [CommitBatch] = []
    var sealedBytes = 0

    var openRows: [RowEntry] = []
    var openBytes = ByteBuffer()
    var openChanges = BucketChanges.none
    /// Writes since the last seal.
    package private(set) var openOperations = 0

    /// Revision of the first row in the overlay and in the open batch; `.greatest` where there is none.
    var overlayStart = Revision.greatest
    var openStart = Revision.greatest
    /// Revision of the last row ever appended.
    private var lastAppended = Revision.least

    /// The log position that the store, overlay included, reflects.
    package private(set) var appliedIndex: LogIndex
    package private(set) var appliedTerm: Term
    private var sealedIndex: LogIndex
    private var nextID: UInt64 = 1

    package init(_ engine: Engine) throws(BackendError) {
        let reader = try engine.makeReader()
        let index = LogIndex(Self.number(.consistentIndex, in: reader))
        let term = Term(Self.number(.term, in: reader))
        if let fault = reader.fault { throw fault }
        self.init(engine, reader, index, term)
    }

    private init(_ engine: Engine, _ reader: consuming EngineReader, _ index: LogIndex, _ term: Term) {
        self.engine = engine
        usage = reader.usage
        self.reader = reader
        appliedIndex = index
        appliedTerm = term
        sealedIndex = index
    }

    /// An empty store in memory.
    package static func inMemory(_ disk: MemoryDisk = MemoryDisk()) -> Backend {
        do { return try Backend(.memory(disk)) } catch { fatalError("a store in memory can't fail: \(error)") }
    }

    /// Opens the store at `path`, or makes an empty one; see `Engine.open`.
    package static func open(path: String, mapBytes: Int) throws(BackendError) -> Backend {
        try Backend(try Engine.open(path: path, mapBytes: mapBytes))
    }

    /// The writing side; for the background thread.
    package func makeWriter() -> BackendWriter { BackendWriter(engine) }

    /// Damage that a read met, or nil.
    package var fault: BackendError? { reader.fault }

    // MARK: Writes

    /// Adds a row to bucket `key`: `row` is its mvccpb.KeyValue, for a tombstone with the key alone. Requires a revision
    /// above all earlier ones and less than 2 GiB.
    package mutating func append(_ revision: Revision, tombstone: Bool, _ row: RawSpan) {
        precondition(lastAppended < revision && row.byteCount <= Int32.max)
        lastAppended = revision
        if openRows.isEmpty {
            openStart = revision
            if sealed.isEmpty || overlayStart == .greatest { overlayStart = revision }
        }
        openRows.append(
            RowEntry(revision: revision, offset: openBytes.count, length: Int32(truncatingIfNeeded: row.byteCount), isTombstone: tombstone))
        openBytes.append(row)
        openOperations &+= 1
    }

    /// Stores a value. Requires a bucket other than `key` and a key that is not empty.
    package mutating func put(_ bucket: Bucket, key: RawSpan, value: RawSpan) {
        put(bucket, key: key.array, value: value.array)
    }

    package mutating func put(_ bucket: Bucket, key: [UInt8], value: [UInt8]) {
        precondition(bucket != .key && !key.isEmpty)
        openChanges[Int(bucket.rawValue)].set(key, .put(value))
        openOperations &+= 1
    }

    /// Removes a key, if it is there. Requires a bucket other than `key` and a key that is not empty.
    package mutating func delete(_ bucket: Bucket, key: RawSpan) {
        precondition(bucket != .key && key.byteCount > 0)
        openChanges[Int(bucket.rawValue)].set(key.array, .delete)
        openOperations &+= 1
    }

    /// The log position that the writes up to now reflect; committed together with them.
    package mutating func setAppliedIndex(_ index: LogIndex, term: Term) {
        assert(appliedIndex <= index)
        appliedIndex = index
        appliedTerm = term
    }

    /// For a restore, which begins a new log: the position goes back to the end of the founding entries.
    package mutating func setFoundingIndex(_ index: LogIndex, term: Term) {
        appliedIndex = index
        appliedTerm = term
    }

    /// Records that a compaction to `revision` is due, in the batch of the entry that asked for it: should the process end
    /// before it is done, the next start finds it (formats.md §4.5).
    package mutating func scheduleCompaction(to revision: Int64) {
        put(.meta, key: MetaKey.scheduledCompactRevision.bytes, value: RevisionKey(Revision(main: revision, sub: 0)).array)
    }

    // MARK: Batches

    /// Bytes written since the last seal, about.
    package var openByteCount: Int { openBytes.count + openChanges.reduce(0) { $0 + $1.byteCount } }

    /// Batches sealed and not reported as committed.
    package var pendingBatches: Int { sealed.count }

    /// Closes the open batch; nil when nothing was written and the applied index has not moved.
    package mutating func seal() -> CommitBatch? {
        guard openOperations > 0 || appliedIndex != sealedIndex else { return nil }
        let operations = openOperations
        if appliedIndex != sealedIndex {
            put(.meta, key: MetaKey.consistentIndex.bytes, value: Self.bytes(appliedIndex.rawValue))
            put(.meta, key: MetaKey.term.bytes, value: Self.bytes(appliedTerm.rawValue))
            sealedIndex = appliedIndex
        }
        let expected = openRows.count
        let batch = CommitBatch(
            id: CommitBatch.ID(rawValue: nextID), appliedIndex: appliedIndex, appliedTerm: appliedTerm, operations: operations,
            rows: RowTable(entries: openRows, bytes: openBytes.freeze()), changes: openChanges)
        nextID += 1
        openRows = []
        openRows.reserveCapacity(expected)
        openChanges = BucketChanges.none
        openOperations = 0
        openStart = .greatest
        sealed.append(batch)
        sealedBytes += batch.byteCount
        return batch
    }

    /// The batch and all before it are in the engine: drops them from the overlay and sees what is committed now.
    package mutating func committed(_ id: CommitBatch.ID) {
        let done = sealed.prefix { $0.id <= id }
        for batch in done { sealedBytes -= batch.byteCount }
        sealed.removeFirst(done.count)
        overlayStart = sealed.lazy.compactMap { $0.rows.first }.first ?? openStart
        renew()
    }

    /// Sees what is committed now, in the file that a defragmentation has made if there was one. To be called now and then
    /// (every 100 ms) also while the background thread compacts without batches being committed, and when it is done: pages
    /// that this thread's view still holds can't be used again, and the file would grow.
    package mutating func renew() {
        reader.renew()
        usage = reader.usage
    }

    /// Bytes the store takes on disk, and will with what is not committed yet.
    package var sizeBytes: Int64 { usage.size + Int64(sealedBytes + openByteCount) }

    /// The part of it that holds data.
    package var sizeInUseBytes: Int64 { usage.inUse + Int64(sealedBytes + openByteCount) }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }

    private static func number(_ key: MetaKey, in reader: borrowing EngineReader) -> UInt64 {
        let value = reader.value(.meta, key: key.bytes.rawSpan) ?? []
        return value.count == 8 ? value.reduce(0) { $0 << 8 | UInt64($1) } : 0
    }
}
