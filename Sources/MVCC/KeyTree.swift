import Base

/// The keys in order: a B+tree of records.
///
/// A comparison that follows a record costs two cache misses, so nodes hold 4 bytes of every key. Which 4: a node's range is
/// [low, high), given by the separators around it, and everything in the range (also a key that is only sought) begins with
/// the bytes that low and high share. Those are skipped. A node at the edge of the tree has one bound and skips none.
///
/// Separators are copies, so that a key may go while its bytes still part two nodes. A node is merged with a sibling when
/// both are sparse; an empty leaf may stay. Subtree counts of live keys make counting a range O(log n) at the present.
struct KeyTree: ~Copyable {
    private var root = KeyTreeNode.make(level: 0)

    private struct Split {
        var low: KeySeparator
        var right: KeyTreeNode
    }

    deinit { KeyTree.release(root) }

    private static func release(_ node: KeyTreeNode) {
        if !node.isLeaf {
            for index in 0..<node.count {
                node.low(index)?.free()
                release(node.child(index))
            }
        }
        node.free()
    }

    // MARK: building

    /// Replaces an empty tree by one of these records, in this order. Nodes are left a little space.
    mutating func build(_ sorted: [KeyIndex.Unordered]) {
        precondition(root.isLeaf && root.count == 0)
        let fill = KeyTreeNode.capacity * 7 / 8
        var nodes: [Split] = []
        var first = root
        var last = root
        for item in sorted {
            guard let ref = KeyRef(address: item.address) else { continue }
            if last.count == fill {
                let next = KeyTreeNode.make(level: 0)
                nodes.append(Split(low: KeySeparator(between: last.record(fill - 1).key, and: ref.key), right: next))
                last.next = next
                last = next
            }
            last.insert(ref, at: last.count)
        }
        while !nodes.isEmpty { (first, nodes) = KeyTree.level(over: first, nodes, fill) }
        root = first
        KeyTree.refresh(root, nil, nil)
    }

    /// The inner nodes over a row of nodes: the first, and the others with the separators before them.
    private static func level(over first: KeyTreeNode, _ others: [Split], _ fill: Int) -> (KeyTreeNode, [Split]) {
        let top = KeyTreeNode.make(level: first.level + 1)
        var tops: [Split] = []
        var last = top
        top.insert(first, low: nil, live: first.liveTotal, at: 0)
        for other in others {
            if last.count == fill {
                last = KeyTreeNode.make(level: top.level)
                tops.append(Split(low: other.low, right: last))
                last.insert(other.right, low: nil, live: other.right.liveTotal, at: 0)
            } else {
                last.insert(other.right, low: other.low, live: other.right.liveTotal, at: last.count)
            }
        }
        return (top, tops)
    }

    private static func refresh(_ node: KeyTreeNode, _ low: KeySeparator?, _ high: KeySeparator?) {
        node.refresh(prefix: shared(low, high), force: true)
        guard !node.isLeaf else { return }
        for index in 0..<node.count {
            refresh(node.child(index), node.low(index) ?? low, index + 1 < node.count ? node.low(index + 1) : high)
        }
    }

    // MARK: insertion

    /// Requires that the key is not in the tree.
    mutating func insert(_ ref: KeyRef) {
        guard let split = KeyTree.insert(ref, root, nil, nil) else { return }
        let top = KeyTreeNode.make(level: root.level + 1)
        top.insert(root, low: nil, live: root.liveTotal, at: 0)
        top.insert(split.right, low: split.low, live: split.right.liveTotal, at: 1)
        root = top
    }

    private static func insert(_ ref: KeyRef, _ node: KeyTreeNode, _ low: KeySeparator?, _ high: KeySeparator?) -> Split? {
        if node.isLeaf {
            let index = node.bound(ref.key, after: false)
            guard node.isFull else {
                node.insert(ref, at: index)
                return nil
            }
            return split(node, inserting: ref, at: index, low, high)
        }
        let index = node.childIndex(ref.key)
        let child = node.child(index)
        let childHigh = index + 1 < node.count ? node.low(index + 1) : high
        guard let inner = insert(ref, child, node.low(index) ?? low, childHigh) else {
            if ref.isAlive { node.setLive(index, node.live(index) + 1) }
            return nil
        }
        node.setLive(index, child.liveTotal)
        guard node.isFull else {
            node.insert(inner.right, low: inner.low, live: inner.right.liveTotal, at: index + 1)
            return nil
        }
        return split(node, inserting: inner, at: index + 1, low, high)
    }

    /// Halves, except at the end of a node: keys that come in order leave full nodes behind.
    private static func split(_ leaf: KeyTreeNode, inserting ref: KeyRef, at index: Int, _ low: KeySeparator?, _ high: KeySeparator?) -> Split {
        let right = KeyTreeNode.make(level: 0)
        let start = index == leaf.count ? index : leaf.count / 2
        _ = leaf.split(at: start, into: right)
        if index <= start, start < KeyTreeNode.capacity { leaf.insert(ref, at: index) } else { right.insert(ref, at: index - start) }
        let middle = KeySeparator(between: leaf.record(leaf.count - 1).key, and: right.record(0).key)
        leaf.refresh(prefix: shared(low, middle), force: false)
        right.refresh(prefix: shared(middle, high), force: true)
        return Split(low: middle, right: right)
    }

    private static func split(_ node: KeyTreeNode, inserting new: Split, at index: Int, _ low: KeySeparator?, _ high: KeySeparator?) -> Split {
        let right = KeyTreeNode.make(level: node.level)
        let live = new.right.liveTotal
        let middle: KeySeparator
        if index == node.count {
            right.insert(new.right, low: nil, live: live, at: 0)
            middle = new.low
        } else {
            let start = node.count / 2
            guard let up = node.split(at: start, into: right) else { preconditionFailure("an inner node without separators") }
            middle = up
            if index <= start {
                node.insert(new.right, low: new.low, live: live, at: index)
            } else {
                right.insert(new.right, low: new.low, live: live, at: index - start)
            }
        }
        node.refresh(prefix: shared(low, middle), force: false)
        right.refresh(prefix: shared(middle, high), force: true)
        return Split(low: middle, right: right)
    }

    private static func shared(_ low: KeySeparator?, _ high: KeySeparator?) -> Int {
        guard let low, let high else { return 0 }
        return commonPrefix(low.key, high.key)
    }

    // MARK: removal

    /// Requires that the record is in the tree; it may be alive or not.
    mutating func remove(_ ref: KeyRef) {
        KeyTree.remove(ref, root, nil, nil)
        while !root.isLeaf, root.count == 1 {
            let child = root.child(0)
            root.free()
            root = child
        }
    }

    private static func remove(_ ref: KeyRef, _ node: KeyTreeNode, _ low: KeySeparator?, _ high: KeySeparator?) {
        if node.isLeaf {
            let index = node.bound(ref.key, after: false)
            precondition(index < node.count && node.record(index) == ref, "the key tree lost a key")
            return node.remove(at: index)
        }
        let index = node.childIndex(ref.key)
        let child = node.child(index)
        remove(ref, child, node.low(index) ?? low, index + 1 < node.count ? node.low(index + 1) : high)
        if ref.isAlive { node.setLive(index, node.live(index) - 1) }
        guard child.count < KeyTreeNode.capacity / 4 else { return }
        if !merge(node, index, low, high), index > 0 { _ = merge(node, index - 1, low, high) }
    }

    /// Joins the child at `index` with the one to its right, if the result is not too full to be split again soon.
    private static func merge(_ node: KeyTreeNode, _ index: Int, _ low: KeySeparator?, _ high: KeySeparator?) -> Bool {
        guard index + 1 < node.count, let middle = node.low(index + 1) else { return false }
        let left = node.child(index)
        let right = node.child(index + 1)
        guard left.count + right.count <= KeyTreeNode.capacity * 3 / 4 else { return false }
        let end = index + 2 < node.count ? node.low(index + 2) : high
        left.absorb(right, low: middle)
        node.setLive(index, node.live(index) + node.live(index + 1))
        // An inner node keeps the separator as one of its own.
        let isKept = !left.isLeaf && right.count > 0
        left.refresh(prefix: shared(node.low(index) ?? low, end), force: true)
        node.remove(at: index + 1)
        right.free()
        if !isKept { middle.free() }
        return true
    }

    // MARK: live counts

    /// To be called when a key in the tree was deleted (−1) or came to life again (+1).
    mutating func adjustLive(_ ref: KeyRef, by delta: Int) {
        var node = root
        while !node.isLeaf {
            let index = node.childIndex(ref.key)
            node.setLive(index, node.live(index) + delta)
            node = node.child(index)
        }
        node.leafLive += delta
    }

    var liveTotal: Int { root.liveTotal }

    /// Live keys before `key`; all of them for nil.
    func liveCount(before key: RawSpan) -> Int {
        var sum = 0
        var node = root
        while !node.isLeaf {
            let index = node.childIndex(key)
            for left in 0..<index { sum += node.live(left) }
            node = node.child(index)
        }
        let end = node.bound(key, after: false)
        if node.leafLive == node.count { return sum + end }
        for index in 0..<end where node.record(index).isAlive { sum += 1 }
        return sum
    }

    // MARK: iteration

    /// Where a key stands or would stand. Invalid after insertions and removals.
    struct Position: Equatable {
        var leaf: KeyTreeNode
        var index: Int

        /// The same place for the end of a leaf and the start of the next.
        @inline(__always)
        mutating func normalize() {
            while index == leaf.count, let next = leaf.next { self = Position(leaf: next, index: 0) }
        }

        @inline(__always) var ref: KeyRef { leaf.record(index) }

        @inline(__always)
        mutating func advance() {
            index &+= 1
            normalize()
        }
    }

    var start: Position {
        var node = root
        while !node.isLeaf { node = node.child(0) }
        var position = Position(leaf: node, index: 0)
        position.normalize()
        return position
    }

    var end: Position {
        var node = root
        while !node.isLeaf { node = node.child(node.count - 1) }
        return Position(leaf: node, index: node.count)
    }

    /// The first key ≥ `key`.
    func position(of key: RawSpan) -> Position {
        var node = root
        while !node.isLeaf { node = node.child(node.childIndex(key)) }
        var position = Position(leaf: node, index: node.bound(key, after: false))
        position.normalize()
        return position
    }
}
