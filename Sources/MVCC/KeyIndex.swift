import Base
import CSystem

/// All keys with their revision histories, in memory: which row of the backend a reader at a revision must see.
///
/// Decides nothing about requests; `Store` does. Owned by the replica thread. A key costs 40 bytes for its record, about 11
/// in the table, about 18 in the tree; each superseded revision 12 to 18 more until a compaction drops it.
///
/// Deleted keys stay until the compaction of a later revision (etcd 3.5.16: a tombstone exactly at the compacted revision
/// is still seen by watchers that start there).
struct KeyIndex: ~Copyable {
    var arena = KeyArena()
    private var table = KeyTable()
    var tree = KeyTree()
    private let seed: UInt64

    /// Records with a history or a tombstone, by address: what a compaction must look at. Zero where one was.
    /// Invariant: a record is in the list once if its dirty bit is set, else not at all.
    var dirty: [UInt] = []
    private(set) var keyCount = 0
    /// While restoring: records that are not in the tree yet.
    var unordered: [Unordered] = []

    init(hashSeed: UInt64) { seed = hashSeed }

    deinit {
        var position = tree.start
        let end = tree.end
        while position != end {
            let ref = position.ref
            position.advance()
            KeyHistory(of: ref)?.freeIfLarge()
            unsafe KeyArena.freeIfLarge(UnsafeMutableRawPointer(ref.record), ref.blockBytes)
        }
    }

    var liveCount: Int { tree.liveTotal }

    @inline(__always) func hash(_ key: RawSpan) -> UInt64 { keyHash(key, seed: seed) }
    @inline(__always) func find(_ key: RawSpan, _ hash: UInt64) -> KeyRef? { table.find(key, hash) }
    @inline(__always) func find(_ key: RawSpan) -> KeyRef? { table.find(key, hash(key)) }

    /// The revision that a reader at `main` sees.
    @inline(__always)
    func revision(of key: RawSpan, at main: Int64) -> Revision? { find(key)?.revision(at: main) }

    // MARK: changes

    /// Records a put. `found` is what `find` gave for the key. Requires that `revision` is the greatest so far.
    @inline(__always)
    mutating func put(_ found: KeyRef?, _ key: RawSpan, _ hash: UInt64, _ revision: Revision, hasLease: Bool) {
        guard let ref = found else {
            let ref = make(key)
            ref.set(revision, create: revision.main, version: 1, hasLease: hasLease)
            table.insert(ref, hash)
            tree.insert(ref)
            keyCount += 1
            return
        }
        let wasAlive = ref.isAlive
        supersede(ref)
        ref.set(revision, create: wasAlive ? ref.create : revision.main, version: ref.version + 1, hasLease: hasLease)
        if !wasAlive { tree.adjustLive(ref, by: 1) }
    }

    /// Records a deletion. Requires that the key is alive and that `revision` is the greatest so far. The tree's counts are
    /// wrong until `countDeleted`.
    mutating func deleteUncounted(_ ref: KeyRef, _ revision: Revision) {
        precondition(ref.isAlive)
        supersede(ref)
        ref.set(revision, create: ref.create, version: 0, hasLease: false)
    }

    /// `count` keys of the leaf that `ref` is in were deleted.
    mutating func countDeleted(_ count: Int, beside ref: KeyRef) { tree.adjustLive(ref, by: -count) }

    /// The latest revision becomes history.
    mutating func supersede(_ ref: KeyRef) {
        KeyHistory.push(ref, &arena)
        markDirty(ref)
    }

    mutating func markDirty(_ ref: KeyRef) {
        guard !ref.isDirty else { return }
        unsafe ref.record.pointee.bits |= KeyRecord.dirtyBit
        dirty.append(ref.address)
    }

    func clearDirty(_ ref: KeyRef) { unsafe ref.record.pointee.bits &= ~KeyRecord.dirtyBit }

    /// A record that is in no order yet, and whose revision is still to be set.
    mutating func add(_ key: RawSpan, _ hash: UInt64, _ revision: Revision) -> KeyRef {
        let ref = make(key)
        table.insert(ref, hash)
        unordered.append(Unordered(head: 0, address: ref.address))
        keyCount += 1
        return ref
    }

    private mutating func make(_ key: RawSpan) -> KeyRef {
        let memory = unsafe arena.allocate(KeyRecord.headerBytes + key.byteCount)
        let record = unsafe memory.bindMemory(to: KeyRecord.self, capacity: 1)
        unsafe record.initialize(
            to: KeyRecord(create: 0, mod: 0, version: 0, history: nil, bits: 0, keyCount: UInt32(key.byteCount)))
        unsafe key.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { unsafe _ = memcpy(memory + KeyRecord.headerBytes, start, key.byteCount) }
        }
        return unsafe KeyRef(record)
    }

    /// Forgets a key. Requires that it has no history.
    mutating func remove(_ ref: KeyRef) {
        table.remove(ref, hash(ref.key))
        tree.remove(ref)
        keyCount -= 1
        unsafe arena.release(UnsafeMutableRawPointer(ref.record), ref.blockBytes)
    }

    // MARK: ranges

    /// Keys in order from `position` to before `end`. Valid until a key is added or dropped.
    struct Walk {
        var position: KeyTree.Position
        let end: KeyTree.Position

        /// The leaf of the key that comes next.
        var leaf: KeyTreeNode { position.leaf }

        @inline(__always)
        mutating func next() -> KeyRef? {
            guard position != end else { return nil }
            let ref = position.ref
            position.advance()
            return ref
        }
    }

    func walkAll() -> Walk { Walk(position: tree.start, end: tree.end) }

    /// All keys of the range, deleted ones too.
    func walk(_ range: KeyRange) -> Walk {
        let start = tree.position(of: range.start)
        switch range.bound {
        case .unbounded: return Walk(position: start, end: tree.end)
        case .before: return Walk(position: start, end: range.isEmpty ? start : tree.position(of: range.end))
        case .single:
            var end = start
            if start != tree.end, start.ref.key.equals(range.start) { end.advance() }
            return Walk(position: start, end: end)
        }
    }

    /// Keys of the range that are alive now. O(log n).
    func liveCount(_ range: KeyRange) -> Int {
        switch range.bound {
        case .single: return find(range.start).map { $0.isAlive ? 1 : 0 } ?? 0
        case .unbounded: return tree.liveTotal - tree.liveCount(before: range.start)
        case .before: return range.isEmpty ? 0 : tree.liveCount(before: range.end) - tree.liveCount(before: range.start)
        }
    }
}
