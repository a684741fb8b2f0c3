import Base

extension KeyIndex {
    func startCompaction(to revision: Int64, previous: Int64, remembersHash: Bool) -> CompactionWalk {
        CompactionWalk(revision: revision, previous: previous, remembersHash: remembersHash, end: dirty.count)
    }

    /// Visits up to `budget` records. True when the walk is through; the records' dropped revisions are in `walk` then.
    ///
    /// Of each key stays what a reader at the compacted revision sees, and everything later; of a deletion nothing, unless
    /// it happened at that very revision.
    mutating func advance(_ walk: inout CompactionWalk, budget: Int) -> Bool {
        let stop = walk.read + min(budget, walk.end - walk.read)
        while walk.read < stop {
            guard let ref = KeyRef(address: dirty[walk.read]) else { preconditionFailure("an empty place in the dirty list") }
            // Others may read the list between two slices, and the record may be gone then.
            dirty[walk.read] = 0
            walk.read += 1
            if compact(ref, &walk) {
                dirty[walk.write] = ref.address
                walk.write += 1
            }
        }
        guard walk.read == walk.end else { return false }
        dirty.removeSubrange(walk.write..<walk.end)
        return true
    }

    /// False if the record needs no further visits: it is gone, or has but its latest revision, alive.
    private mutating func compact(_ ref: KeyRef, _ walk: inout CompactionWalk) -> Bool {
        if let history = KeyHistory(of: ref) {
            var dropCount = history.count(through: walk.revision)
            // The last of them is what a reader at the revision sees, unless the latest is that already.
            if ref.mod > walk.revision, dropCount > 0, !isForgotten(history[dropCount - 1], walk.revision) { dropCount -= 1 }
            for index in 0..<dropCount { walk.dropped.append(history[index].revision) }
            KeyHistory.drop(dropCount, of: ref, &arena)
        }
        #if PLANTED_BUGS
            if PlantedBug.isActive(.tombstoneLost), !ref.isAlive, ref.mod == walk.revision {
                walk.dropped.append(ref.latest)
                remove(ref)
                return false
            }
        #endif
        if !ref.isAlive, ref.mod < walk.revision {
            walk.dropped.append(ref.latest)
            remove(ref)
            return false
        }
        guard ref.isAlive, KeyHistory(of: ref) == nil else { return true }
        clearDirty(ref)
        return false
    }

    private func isForgotten(_ entry: KeyHistory.Entry, _ revision: Int64) -> Bool { entry.isTombstone && entry.main < revision }

    /// No key was alive or deleted at the revision.
    func keepsNothing(at revision: Int64) -> Bool {
        var walk = walkAll()
        while let ref = walk.next() {
            if ref.revision(at: revision) != nil || (!ref.isAlive && ref.mod == revision) { return false }
            if let history = KeyHistory(of: ref) {
                let count = history.count(through: revision)
                if ref.mod > revision, count > 0, history[count - 1].main == revision { return false }
            }
        }
        return true
    }

    /// The rows ≤ `compacted` that the index still has but HashKV(`revision`) leaves out: those that were overwritten or
    /// deleted by then, and tombstones. Unsorted. If no key was alive at the revision, only tombstones at the
    /// compacted revision are left out (formats.md §5.1).
    func skipped(at revision: Int64, compacted: Int64) -> [Revision] {
        #if PLANTED_BUGS
            if PlantedBug.isActive(.hashDiffers) { return [] }
        #endif
        let keepsNothing = !hasLive(at: revision)
        var skipped: [Revision] = []
        for address in dirty {
            guard let ref = KeyRef(address: address) else { continue }
            if ref.mod <= compacted, !ref.isAlive { skipped.append(ref.latest) }
            guard let history = KeyHistory(of: ref) else { continue }
            let kept = ref.revision(at: revision)
            let count = history.count(through: compacted)
            for index in 0..<count {
                let entry = history[index]
                // Dropped by the compaction, though it may not have come to this key yet.
                let isSuperseded = index < count - 1 || ref.mod <= compacted
                if isSuperseded || entry.isTombstone || (!keepsNothing && entry.revision != kept) { skipped.append(entry.revision) }
            }
        }
        return skipped
    }

    func hasLive(at revision: Int64) -> Bool {
        var walk = walkAll()
        while let ref = walk.next() { if ref.revision(at: revision) != nil { return true } }
        return false
    }
}
