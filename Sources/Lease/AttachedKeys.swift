import Base

/// Which keys are attached to which lease: a list per lease, and a hash table over (lease, key) so that one key among a
/// hundred thousand of a lease is found and removed in O(1).
///
/// An attachment costs the key's bytes (rounded up to 16), a 28-byte node and on average 6 bytes of table. A lease is named by
/// its slot number. Order within a list is that of attaching, newest first.
struct AttachedKeys: ~Copyable {
    static let none = UInt32.max

    private struct Node {
        var key: ByteArena.Handle
        var slot: UInt32
        var hash: UInt32
        var next: UInt32
        var previous: UInt32
    }

    private var arena = ByteArena()
    private var nodes: [Node] = []
    /// Unused nodes, linked through `next`.
    private var freeNode = AttachedKeys.none
    /// Open addressing, linear probing; node numbers. The count is a power of two, at most ⅔ full.
    private var table: [UInt32] = []
    private(set) var count = 0

    init() {}

    /// Adds the key to the list that begins at `head`. False: it was there.
    mutating func insert(_ key: RawSpan, slot: UInt32, head: inout UInt32) -> Bool {
        if (count + 1) * 3 > table.count * 2 { growTable() }
        let hash = Self.hash(key, slot)
        let place = find(key, slot, hash)
        guard table[place] == Self.none else { return false }
        let node = Node(key: arena.insert(key), slot: slot, hash: hash, next: head, previous: Self.none)
        let number: UInt32
        if freeNode != Self.none {
            number = freeNode
            freeNode = nodes[Int(number)].next
            nodes[Int(number)] = node
        } else {
            number = UInt32(nodes.count)
            nodes.append(node)
        }
        if head != Self.none { nodes[Int(head)].previous = number }
        head = number
        table[place] = number
        count += 1
        return true
    }

    /// False: it was not there.
    mutating func remove(_ key: RawSpan, slot: UInt32, head: inout UInt32) -> Bool {
        guard count > 0 else { return false }
        let place = find(key, slot, Self.hash(key, slot))
        guard table[place] != Self.none else { return false }
        removeNode(at: place, head: &head)
        return true
    }

    mutating func removeAll(head: inout UInt32) {
        while head != Self.none {
            let mask = table.count - 1
            var place = Int(nodes[Int(head)].hash) & mask
            while table[place] != head { place = (place + 1) & mask }
            removeNode(at: place, head: &head)
        }
    }

    /// The keys of a list, sorted, as parts of one block.
    func sortedKeys(head: UInt32) -> [Bytes] {
        var buffer = ByteBuffer()
        var lengths: [Int] = []
        var number = head
        while number != Self.none {
            buffer.append(arena.span(nodes[Int(number)].key))
            lengths.append(nodes[Int(number)].key.count)
            number = nodes[Int(number)].next
        }
        let block = buffer.freeze()
        var keys: [Bytes] = []
        keys.reserveCapacity(lengths.count)
        var offset = 0
        for length in lengths {
            keys.append(Bytes(block, offset: offset, count: length))
            offset += length
        }
        keys.sort()
        return keys
    }

    private mutating func removeNode(at place: Int, head: inout UInt32) {
        let number = table[place]
        let node = nodes[Int(number)]
        if node.previous == Self.none { head = node.next } else { nodes[Int(node.previous)].next = node.next }
        if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
        arena.remove(node.key)
        nodes[Int(number)].next = freeNode
        freeNode = number
        closeGap(place)
        count -= 1
        if count == 0 { releaseMemory() }
    }

    /// Backward-shift deletion: later entries of the probe run move up, so no tombstones are needed.
    private mutating func closeGap(_ start: Int) {
        let mask = table.count - 1
        var gap = start
        var place = (start + 1) & mask
        while table[place] != Self.none {
            let home = Int(nodes[Int(table[place])].hash) & mask
            if (place &- home) & mask >= (place &- gap) & mask {
                table[gap] = table[place]
                gap = place
            }
            place = (place + 1) & mask
        }
        table[gap] = Self.none
    }

    /// The key's place in the table, or the free place where it would go.
    private func find(_ key: RawSpan, _ slot: UInt32, _ hash: UInt32) -> Int {
        let mask = table.count - 1
        var place = Int(hash) & mask
        while table[place] != Self.none {
            let node = nodes[Int(table[place])]
            if node.hash == hash, node.slot == slot, arena.span(node.key).equals(key) { return place }
            place = (place + 1) & mask
        }
        return place
    }

    private mutating func growTable() {
        let size = Swift.max(16, table.count * 2)
        let old = table
        table = [UInt32](repeating: Self.none, count: size)
        for number in old where number != Self.none {
            var place = Int(nodes[Int(number)].hash) & (size - 1)
            while table[place] != Self.none { place = (place + 1) & (size - 1) }
            table[place] = number
        }
    }

    private mutating func releaseMemory() {
        guard nodes.count > 1024 else { return }
        nodes = []
        freeNode = Self.none
        table = []
    }

    /// Seeded per process: keys come from users, who must not be able to choose collisions. The table's order is never seen
    /// outside, so runs still repeat.
    private static func hash(_ key: RawSpan, _ slot: UInt32) -> UInt32 {
        var hasher = Hasher()
        hasher.combine(slot)
        unsafe key.withUnsafeBytes { bytes in unsafe hasher.combine(bytes: bytes) }
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }
}
