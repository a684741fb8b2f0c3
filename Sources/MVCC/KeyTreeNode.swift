import Base
import CSystem

/// A node of `KeyTree`, by address.
///
///      0  count     items
///      4  prefix    length of the prefix that all keys of the node's range share (see `KeyTree`)
///      8  next      leaf: the leaf to the right
///     16  live      leaf: keys that are not deleted
///     24  level     0 = leaf
///     32  heads     64 × 4 bytes: of each item's key, what follows the prefix; big endian, padded with zeros
///    288  items     64 × 8: records, or child nodes
///    800  lows      inner: 64 × 8: the separator below each child; none for the first
///   1312  lives     inner: 64 × 8: keys that are not deleted under each child
@safe
struct KeyTreeNode: Equatable {
    let base: UnsafeMutableRawPointer

    static let capacity = 64
    private static let leafBytes = 800
    private static let innerBytes = 1824

    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    @inline(__always) static func == (a: KeyTreeNode, b: KeyTreeNode) -> Bool { unsafe a.base == b.base }

    static func make(level: Int) -> KeyTreeNode {
        guard let memory = unsafe malloc(level == 0 ? leafBytes : innerBytes) else { fatalError("out of memory: could not grow the key tree") }
        unsafe _ = memset(memory, 0, 32)
        unsafe memory.storeBytes(of: UInt32(level), toByteOffset: 24, as: UInt32.self)
        return unsafe KeyTreeNode(memory)
    }

    var count: Int {
        @inline(__always) get { unsafe Int(base.load(as: UInt32.self)) }
        nonmutating set { unsafe base.storeBytes(of: UInt32(newValue), as: UInt32.self) }
    }

    var prefix: Int {
        @inline(__always) get { unsafe Int(base.load(fromByteOffset: 4, as: UInt32.self)) }
        nonmutating set { unsafe base.storeBytes(of: UInt32(newValue), toByteOffset: 4, as: UInt32.self) }
    }

    var next: KeyTreeNode? {
        @inline(__always) get {
            guard let next = unsafe base.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self) else { return nil }
            return unsafe KeyTreeNode(next)
        }
        nonmutating set { unsafe base.storeBytes(of: newValue?.base, toByteOffset: 8, as: UnsafeMutableRawPointer?.self) }
    }

    var leafLive: Int {
        @inline(__always) get { unsafe base.load(fromByteOffset: 16, as: Int.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
    }

    var level: Int { @inline(__always) get { unsafe Int(base.load(fromByteOffset: 24, as: UInt32.self)) } }
    var isLeaf: Bool { @inline(__always) get { level == 0 } }
    var isFull: Bool { count == KeyTreeNode.capacity }

    private var heads: UnsafeMutablePointer<UInt32> { @inline(__always) get { unsafe (base + 32).assumingMemoryBound(to: UInt32.self) } }
    private var items: UnsafeMutablePointer<UnsafeMutableRawPointer> {
        @inline(__always) get { unsafe (base + 288).assumingMemoryBound(to: UnsafeMutableRawPointer.self) }
    }
    private var lows: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        @inline(__always) get { unsafe (base + 800).assumingMemoryBound(to: UnsafeMutableRawPointer?.self) }
    }
    private var lives: UnsafeMutablePointer<Int> { @inline(__always) get { unsafe (base + 1312).assumingMemoryBound(to: Int.self) } }

    // MARK: items

    @inline(__always)
    func record(_ index: Int) -> KeyRef {
        assert(isLeaf && index >= 0 && index < count)
        return unsafe KeyRef(items[index].assumingMemoryBound(to: KeyRecord.self))
    }

    @inline(__always)
    func child(_ index: Int) -> KeyTreeNode {
        assert(!isLeaf && index >= 0 && index < count)
        return unsafe KeyTreeNode(items[index])
    }

    @inline(__always)
    func low(_ index: Int) -> KeySeparator? {
        assert(!isLeaf && index >= 0 && index < count)
        guard let low = unsafe lows[index] else { return nil }
        return unsafe KeySeparator(low)
    }

    @inline(__always)
    func live(_ index: Int) -> Int {
        assert(!isLeaf && index >= 0 && index < count)
        return unsafe lives[index]
    }

    func setLive(_ index: Int, _ value: Int) { unsafe lives[index] = value }

    /// Of the whole subtree.
    var liveTotal: Int {
        if isLeaf { return leafLive }
        var sum = 0
        for index in 0..<count { sum += live(index) }
        return sum
    }

    /// The key that the item at `index` is sorted by. Not for an inner node's first.
    @inline(__always)
    @_lifetime(immortal)
    private func key(_ index: Int) -> RawSpan {
        isLeaf ? record(index).key : unsafe KeySeparator(lows[index].unsafelyUnwrapped).key
    }

    private func open(_ index: Int, _ item: UnsafeMutableRawPointer) {
        let after = count - index
        assert(after >= 0 && !isFull)
        unsafe _ = memmove(heads + index + 1, heads + index, after * 4)
        unsafe _ = memmove(items + index + 1, items + index, after * 8)
        if !isLeaf {
            unsafe _ = memmove(lows + index + 1, lows + index, after * 8)
            unsafe _ = memmove(lives + index + 1, lives + index, after * 8)
        }
        unsafe items[index] = item
        count += 1
    }

    func insert(_ record: KeyRef, at index: Int) {
        unsafe open(index, UnsafeMutableRawPointer(record.record))
        unsafe heads[index] = KeyTreeNode.head(record.key, prefix)
        if record.isAlive { leafLive += 1 }
    }

    func insert(_ child: KeyTreeNode, low: KeySeparator?, live: Int, at index: Int) {
        unsafe open(index, child.base)
        unsafe lows[index] = low?.base
        unsafe lives[index] = live
        unsafe heads[index] = low.map { KeyTreeNode.head($0.key, prefix) } ?? 0
    }

    func remove(at index: Int) {
        let after = count - index - 1
        assert(after >= 0)
        if isLeaf, record(index).isAlive { leafLive -= 1 }
        unsafe _ = memmove(heads + index, heads + index + 1, after * 4)
        unsafe _ = memmove(items + index, items + index + 1, after * 8)
        if !isLeaf {
            unsafe _ = memmove(lows + index, lows + index + 1, after * 8)
            unsafe _ = memmove(lives + index, lives + index + 1, after * 8)
        }
        count -= 1
    }

    /// Appends everything of `right`, whose lowest separator is `low`. Heads are left to `refresh`.
    func absorb(_ right: KeyTreeNode, low: KeySeparator?) {
        let before = count
        assert(before + right.count <= KeyTreeNode.capacity && level == right.level)
        unsafe _ = memcpy(items + before, right.items, right.count * 8)
        if isLeaf {
            next = right.next
            leafLive += right.leafLive
        } else {
            unsafe _ = memcpy(lows + before, right.lows, right.count * 8)
            unsafe _ = memcpy(lives + before, right.lives, right.count * 8)
            if right.count > 0 { unsafe lows[before] = low?.base }
        }
        count += right.count
    }

    /// Moves the items from `start` on into an empty node. Returns the separator that was below the first (inner nodes).
    func split(at start: Int, into right: KeyTreeNode) -> KeySeparator? {
        let moved = count - start
        unsafe _ = memcpy(right.items, items + start, moved * 8)
        var up: KeySeparator?
        if !isLeaf {
            unsafe _ = memcpy(right.lows, lows + start, moved * 8)
            unsafe _ = memcpy(right.lives, lives + start, moved * 8)
            if moved > 0 {
                up = low(start)
                unsafe right.lows[0] = nil
            }
        }
        right.count = moved
        count = start
        if isLeaf {
            right.next = next
            next = right
            recountLive()
            right.recountLive()
        }
        return up
    }

    private func recountLive() {
        var sum = 0
        for index in 0..<count where record(index).isAlive { sum += 1 }
        leafLive = sum
    }

    // MARK: search

    @inline(__always)
    static func head(_ key: RawSpan, _ prefix: Int) -> UInt32 {
        let rest = key.byteCount - prefix
        if rest >= 4 { return unsafe UInt32(bigEndian: key.unsafeLoadUnaligned(fromUncheckedByteOffset: prefix, as: UInt32.self)) }
        var head: UInt32 = 0
        for offset in 0..<4 { head = head << 8 | (offset < rest ? UInt32(key.byte(at: prefix + offset)) : 0) }
        return head
    }

    /// The prefix changed, or `force`: computes all heads anew.
    func refresh(prefix newPrefix: Int, force: Bool) {
        guard force || newPrefix != prefix else { return }
        prefix = newPrefix
        if !isLeaf, count > 0 { unsafe heads[0] = 0 }
        for index in (isLeaf ? 0 : 1)..<max(count, isLeaf ? 0 : 1) { unsafe heads[index] = KeyTreeNode.head(key(index), newPrefix) }
    }

    /// The first item whose key is > `sought` (`after`) or ≥ `sought`.
    @inline(__always)
    func bound(_ sought: RawSpan, after: Bool) -> Int {
        let head = KeyTreeNode.head(sought, prefix)
        var low = isLeaf ? 0 : 1
        var high = max(count, low)
        let end = high
        while low < high {
            let middle = (low &+ high) &>> 1
            if unsafe heads[middle] < head { low = middle &+ 1 } else { high = middle }
        }
        // Equal heads decide nothing: compare the keys.
        high = low
        while high < end, unsafe heads[high] == head { high &+= 1 }
        while low < high {
            let middle = (low &+ high) &>> 1
            let order = key(middle).compare(sought)
            if order < 0 || (after && order == 0) { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The child whose range holds `key`.
    @inline(__always) func childIndex(_ key: RawSpan) -> Int { bound(key, after: true) - 1 }

    func free() { unsafe CSystem.free(base) }
}
