import Base
import CSystem

/// A key's revisions before its latest, ascending, in one block of the arena: count, capacity, then 12 bytes for each.
///
/// Appending is amortised O(1) and lookups are binary; blocks grow by half, so that a revision takes at most 18 bytes once
/// there are many.
@safe
struct KeyHistory {
    let base: UnsafeMutableRawPointer

    struct Entry {
        var mainLow: UInt32
        var mainHigh: UInt32
        /// 31 bits of sub revision; the top bit marks a tombstone.
        var bits: UInt32

        init(_ revision: Revision, isTombstone: Bool) {
            mainLow = UInt32(truncatingIfNeeded: revision.main)
            mainHigh = UInt32(truncatingIfNeeded: revision.main >> 32)
            bits = UInt32(truncatingIfNeeded: revision.sub) | (isTombstone ? 1 << 31 : 0)
        }

        var main: Int64 { Int64(mainHigh) << 32 | Int64(mainLow) }
        var isTombstone: Bool { bits >> 31 != 0 }
        var revision: Revision { Revision(main: main, sub: Int64(bits & (1 << 31 - 1))) }
    }

    private static let headerBytes = 8

    init?(of ref: KeyRef) {
        guard let base = unsafe ref.record.pointee.history else { return nil }
        unsafe self.base = base
    }

    private init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    var count: Int { unsafe Int(base.load(as: UInt32.self)) }
    private var capacity: Int { unsafe Int(base.load(fromByteOffset: 4, as: UInt32.self)) }
    private var blockBytes: Int { KeyHistory.headerBytes + 12 * capacity }
    private var entries: UnsafeMutablePointer<Entry> { unsafe (base + KeyHistory.headerBytes).assumingMemoryBound(to: Entry.self) }

    subscript(_ index: Int) -> Entry {
        assert(index >= 0 && index < count)
        return unsafe entries[index]
    }

    /// How many entries have a main revision ≤ `main`.
    func count(through main: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].main <= main { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func revision(at main: Int64) -> Revision? {
        let index = count(through: main) - 1
        guard index >= 0, !self[index].isTombstone else { return nil }
        return self[index].revision
    }

    /// Moves the record's latest revision into its history, because a newer one follows.
    static func push(_ ref: KeyRef, _ arena: inout KeyArena) {
        var history = KeyHistory(of: ref) ?? make(capacity: 1, &arena)
        if history.count == history.capacity {
            let wider = make(capacity: history.capacity < 4 ? history.capacity * 2 : history.capacity * 3 / 2, &arena)
            unsafe wider.fill(from: history.entries, count: history.count)
            history.free(&arena)
            history = wider
        }
        let count = history.count
        unsafe history.entries[count] = Entry(ref.latest, isTombstone: !ref.isAlive)
        history.setCount(count + 1)
        unsafe ref.record.pointee.history = history.base
    }

    /// Forgets the oldest `dropped` entries of the record.
    static func drop(_ dropped: Int, of ref: KeyRef, _ arena: inout KeyArena) {
        guard dropped > 0, let history = KeyHistory(of: ref) else { return }
        let left = history.count - dropped
        assert(left >= 0)
        if left == 0 {
            history.free(&arena)
            unsafe ref.record.pointee.history = nil
        } else if left * 2 > history.capacity || history.capacity <= 4 {
            unsafe _ = memmove(history.entries, history.entries + dropped, left * 12)
            history.setCount(left)
        } else {
            let narrower = make(capacity: left, &arena)
            unsafe narrower.fill(from: history.entries + dropped, count: left)
            history.free(&arena)
            unsafe ref.record.pointee.history = narrower.base
        }
    }

    func free(_ arena: inout KeyArena) { unsafe arena.release(base, blockBytes) }

    /// The arena's own deinitialiser does not know the blocks that came from the system.
    func freeIfLarge() { unsafe KeyArena.freeIfLarge(base, blockBytes) }

    private static func make(capacity: Int, _ arena: inout KeyArena) -> KeyHistory {
        // The arena rounds up to 8 bytes: use what it gives.
        let bytes = (headerBytes + 12 * capacity + 7) & ~7
        let base = unsafe arena.allocate(bytes)
        unsafe base.storeBytes(of: 0, as: UInt32.self)
        unsafe base.storeBytes(of: UInt32((bytes - headerBytes) / 12), toByteOffset: 4, as: UInt32.self)
        return unsafe KeyHistory(base)
    }

    private func fill(from source: UnsafeMutablePointer<Entry>, count: Int) {
        assert(count <= capacity)
        unsafe _ = memcpy(entries, source, count * 12)
        setCount(count)
    }

    private func setCount(_ count: Int) { unsafe base.storeBytes(of: UInt32(count), as: UInt32.self) }
}
