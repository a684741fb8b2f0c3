import Base

/// The distinct keys and ranges that are watched, and which of them a key matches.
///
/// Watchers of the same key or range share one selector, so that ten thousand of them cost one lookup. Single keys are in a
/// hash table. Ranges are in a treap, ordered by start and then end, whose nodes know the greatest end below them:
///
/// ```
///            [c, f)  ≤ m             a key k can only be matched in a subtree whose greatest end is above k,
///           /      \                 and to the right of a node only if the node's start is not above k:
///     [a, m) ≤ m   [d, e) ≤ ∞        O(log n + matches) for ranges that rarely overlap
///                       \
///                      [k, ∞) ≤ ∞
/// ```
struct WatchSelectors: ~Copyable {
    static let none = UInt32.max

    var records: [Record] = []
    private var freeRecords: [UInt32] = []
    private var arena = ByteArena()
    /// Open addressing, linear probing. An entry: 32 bits of hash, the selector's number; `emptyEntry` where there is none. The
    /// count is a power of two, at most half full.
    private var table: [UInt64] = []
    private(set) var keyCount = 0
    private(set) var rangeCount = 0
    private var root = WatchSelectors.none
    /// Of the priorities; chosen at random, so that nobody can choose ranges that make a deep tree.
    private var random: RandomSource
    private static let emptyEntry = UInt64.max

    struct Record {
        var key: ByteArena.Handle
        /// Of a bounded range.
        var end: ByteArena.Handle
        var kind: Kind
        var users: UInt32 = 0
        /// Its live watchers.
        var firstLive = WatchSelectors.none
        /// Its watchers in the present catch-up slice.
        var firstInSlice = WatchSelectors.none
        /// What it matched in the present delivery: a list in `WatchHub.matches`.
        var firstMatch = WatchSelectors.none
        var lastMatch = WatchSelectors.none
        // The treap's node.
        var left = WatchSelectors.none
        var right = WatchSelectors.none
        var priority: UInt32 = 0
        /// The greatest end in this subtree: that of some selector in it.
        var maxEnd: End

        var ownEnd: End { End(bytes: end, isUnbounded: kind == .unbounded) }
    }

    struct End {
        var bytes: ByteArena.Handle
        var isUnbounded: Bool
    }

    enum Kind: UInt8 {
        case key
        case range
        /// From the key on.
        case unbounded
    }

    init(seed: UInt64) { random = RandomSource(seed: seed) }

    var isEmpty: Bool { keyCount + rangeCount == 0 }

    @_lifetime(borrow self)
    func key(_ selector: UInt32) -> RawSpan { arena.span(records[Int(selector)].key) }

    /// The selector of these bounds, made if it isn't there, with one more user.
    mutating func acquire(_ key: RawSpan, end: RawSpan, kind: Kind) -> UInt32 {
        let selector = kind == .key ? acquireKey(key) : acquireRange(key, end, kind)
        records[Int(selector)].users += 1
        return selector
    }

    /// One user less; the last one's going removes it.
    mutating func release(_ selector: UInt32) {
        records[Int(selector)].users -= 1
        guard records[Int(selector)].users == 0 else { return }
        if records[Int(selector)].kind == .key { removeKey(selector) } else { removeRange(selector) }
        arena.remove(records[Int(selector)].key)
        arena.remove(records[Int(selector)].end)
        freeRecords.append(selector)
        if keyCount + rangeCount == 0 {
            records = []
            freeRecords = []
            table = []
        }
    }

    /// Appends the selectors that `key` matches.
    func match(_ key: RawSpan, into found: inout [UInt32]) {
        if keyCount > 0 {
            let place = find(key, Self.hash(key))
            if table[place] != Self.emptyEntry { found.append(UInt32(truncatingIfNeeded: table[place])) }
        }
        if root != Self.none { stab(root, key, &found) }
    }

    private mutating func make(_ key: RawSpan, _ end: RawSpan, _ kind: Kind) -> UInt32 {
        let end = arena.insert(end)
        let record = Record(
            key: arena.insert(key), end: end, kind: kind, maxEnd: End(bytes: end, isUnbounded: kind == .unbounded))
        if let free = freeRecords.popLast() {
            records[Int(free)] = record
            return free
        }
        records.append(record)
        return UInt32(records.count - 1)
    }

    // MARK: - Single keys

    private static func hash(_ key: RawSpan) -> UInt64 {
        var hasher = Hasher()
        unsafe key.withUnsafeBytes { bytes in unsafe hasher.combine(bytes: bytes) }
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    /// The key's place, or the empty one where it would go. Requires a table.
    private func find(_ key: RawSpan, _ hash: UInt64) -> Int {
        let mask = table.count &- 1
        var place = Int(truncatingIfNeeded: hash >> 32) & mask
        while table[place] != Self.emptyEntry {
            if table[place] >> 32 == hash >> 32, arena.span(records[Int(table[place] & 0xFFFF_FFFF)].key).equals(key) { return place }
            place = (place &+ 1) & mask
        }
        return place
    }

    private mutating func acquireKey(_ key: RawSpan) -> UInt32 {
        if (keyCount + 1) * 2 > table.count { growTable() }
        let hash = Self.hash(key)
        let place = find(key, hash)
        if table[place] != Self.emptyEntry { return UInt32(truncatingIfNeeded: table[place]) }
        let selector = make(key, RawSpan(), .key)
        table[place] = (hash >> 32) << 32 | UInt64(selector)
        keyCount += 1
        return selector
    }

    private func place(of selector: UInt32) -> Int {
        let key = arena.span(records[Int(selector)].key)
        return find(key, Self.hash(key))
    }

    private mutating func removeKey(_ selector: UInt32) {
        var gap = place(of: selector)
        let mask = table.count - 1
        var place = (gap + 1) & mask
        while table[place] != Self.emptyEntry {
            let home = Int(table[place] >> 32) & mask
            if (place &- home) & mask >= (place &- gap) & mask {
                table[gap] = table[place]
                gap = place
            }
            place = (place + 1) & mask
        }
        table[gap] = Self.emptyEntry
        keyCount -= 1
    }

    private mutating func growTable() {
        let old = table
        table = [UInt64](repeating: Self.emptyEntry, count: Swift.max(16, old.count * 2))
        let mask = table.count - 1
        for entry in old where entry != Self.emptyEntry {
            var place = Int(entry >> 32) & mask
            while table[place] != Self.emptyEntry { place = (place + 1) & mask }
            table[place] = entry
        }
    }

    // MARK: - Ranges

    private func stab(_ node: UInt32, _ key: RawSpan, _ found: inout [UInt32]) {
        var node = node
        while node != Self.none {
            guard isAbove(records[Int(node)].maxEnd, key) else { return }
            if records[Int(node)].left != Self.none { stab(records[Int(node)].left, key, &found) }
            guard arena.span(records[Int(node)].key).compare(key) <= 0 else { return }
            if isAbove(records[Int(node)].ownEnd, key) { found.append(node) }
            node = records[Int(node)].right
        }
    }

    private func isAbove(_ end: End, _ key: RawSpan) -> Bool { end.isUnbounded || arena.span(end.bytes).compare(key) > 0 }

    private mutating func acquireRange(_ key: RawSpan, _ end: RawSpan, _ kind: Kind) -> UInt32 {
        var node = root
        while node != Self.none {
            let order = compare(key, end, kind, with: node)
            if order == 0 { return node }
            node = order < 0 ? records[Int(node)].left : records[Int(node)].right
        }
        let selector = make(key, end, kind)
        records[Int(selector)].priority = UInt32(truncatingIfNeeded: random.next())
        root = insert(selector, into: root)
        rangeCount += 1
        return selector
    }

    private mutating func removeRange(_ selector: UInt32) {
        root = remove(selector, from: root)
        rangeCount -= 1
    }

    /// How these bounds sort against those of a node.
    private func compare(_ key: RawSpan, _ end: RawSpan, _ kind: Kind, with node: UInt32) -> Int {
        let record = records[Int(node)]
        let order = key.compare(arena.span(record.key))
        if order != 0 { return order }
        if kind != record.kind { return kind == .unbounded ? 1 : -1 }
        return end.compare(arena.span(record.end))
    }

    private func compare(_ selector: UInt32, with node: UInt32) -> Int {
        let record = records[Int(selector)]
        return compare(arena.span(record.key), arena.span(record.end), record.kind, with: node)
    }

    private mutating func insert(_ selector: UInt32, into node: UInt32) -> UInt32 {
        guard node != Self.none else { return selector }
        if compare(selector, with: node) < 0 {
            let left = insert(selector, into: records[Int(node)].left)
            records[Int(node)].left = left
            if records[Int(left)].priority > records[Int(node)].priority { return rotateRight(node) }
        } else {
            let right = insert(selector, into: records[Int(node)].right)
            records[Int(node)].right = right
            if records[Int(right)].priority > records[Int(node)].priority { return rotateLeft(node) }
        }
        updateMaxEnd(node)
        return node
    }

    private mutating func remove(_ selector: UInt32, from node: UInt32) -> UInt32 {
        guard node != selector else { return join(records[Int(node)].left, records[Int(node)].right) }
        if compare(selector, with: node) < 0 {
            records[Int(node)].left = remove(selector, from: records[Int(node)].left)
        } else {
            records[Int(node)].right = remove(selector, from: records[Int(node)].right)
        }
        updateMaxEnd(node)
        return node
    }

    /// One tree of two, all of `left` before all of `right`.
    private mutating func join(_ left: UInt32, _ right: UInt32) -> UInt32 {
        guard left != Self.none else { return right }
        guard right != Self.none else { return left }
        if records[Int(left)].priority > records[Int(right)].priority {
            records[Int(left)].right = join(records[Int(left)].right, right)
            updateMaxEnd(left)
            return left
        }
        records[Int(right)].left = join(left, records[Int(right)].left)
        updateMaxEnd(right)
        return right
    }

    private mutating func rotateRight(_ node: UInt32) -> UInt32 {
        let top = records[Int(node)].left
        records[Int(node)].left = records[Int(top)].right
        records[Int(top)].right = node
        updateMaxEnd(node)
        updateMaxEnd(top)
        return top
    }

    private mutating func rotateLeft(_ node: UInt32) -> UInt32 {
        let top = records[Int(node)].right
        records[Int(node)].right = records[Int(top)].left
        records[Int(top)].left = node
        updateMaxEnd(node)
        updateMaxEnd(top)
        return top
    }

    private mutating func updateMaxEnd(_ node: UInt32) {
        let record = records[Int(node)]
        records[Int(node)].maxEnd = greater(greater(record.ownEnd, below: record.left), below: record.right)
    }

    /// `end`, or the greatest end in the subtree of `child` if that is greater.
    private func greater(_ end: End, below child: UInt32) -> End {
        guard child != Self.none, !end.isUnbounded else { return end }
        let other = records[Int(child)].maxEnd
        return other.isUnbounded || arena.span(end.bytes).compare(arena.span(other.bytes)) < 0 ? other : end
    }
}
