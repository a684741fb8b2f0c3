import Base

extension KeyIndex {
    /// Records a row of the backend; rows come in ascending order. Only `finishRestore` makes ranges work.
    mutating func restore(
        _ key: RawSpan, _ revision: Revision, isTombstone: Bool, create: Int64, version: Int64, hasLease: Bool
    ) -> KeyRef {
        let hash = hash(key)
        let ref: KeyRef
        if let found = find(key, hash) {
            supersede(found)
            ref = found
        } else {
            // A tombstone may be all that a compaction left (etcd #19179).
            ref = add(key, hash, revision)
            if isTombstone { markDirty(ref) }
        }
        // A live row with version 0 cannot be; it would read as a tombstone.
        ref.set(revision, create: create, version: isTombstone ? 0 : max(version, 1), hasLease: hasLease)
        return ref
    }

    /// Puts all restored keys in order.
    mutating func finishRestore() {
        var sorted = unordered
        unordered = []
        guard let first = sorted.first, let sample = KeyRef(address: first.address) else { return }
        // Most keys share a prefix; what follows it decides nearly all comparisons.
        var prefix = sample.key.byteCount
        for item in sorted {
            guard let ref = KeyRef(address: item.address) else { continue }
            if prefix > 0 { prefix = min(prefix, commonPrefix(sample.key, ref.key)) }
        }
        for place in sorted.indices {
            guard let ref = KeyRef(address: sorted[place].address) else { continue }
            sorted[place].head = KeyIndex.head(ref.key, prefix)
        }
        sorted.sort { a, b in
            if a.head != b.head { return a.head < b.head }
            guard let a = KeyRef(address: a.address), let b = KeyRef(address: b.address) else { return false }
            return a.key.compare(b.key) < 0
        }
        tree.build(sorted)
    }

    private static func head(_ key: RawSpan, _ prefix: Int) -> UInt64 {
        UInt64(KeyTreeNode.head(key, prefix)) << 32 | UInt64(key.byteCount > prefix + 4 ? KeyTreeNode.head(key, prefix + 4) : 0)
    }

    /// A record to be sorted.
    struct Unordered {
        var head: UInt64
        var address: UInt
    }
}
