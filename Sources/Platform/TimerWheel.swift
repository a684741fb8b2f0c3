import Base

/// Told when a timer expires, on the loop's thread.
package protocol TimerHandler: AnyObject {
    func timerFired(_ tag: UInt64, now: Instant)
}

/// Names a scheduled timer. Stale names (of timers that fired or were cancelled) are harmless.
package struct TimerID: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
    package static let none = TimerID(index: -1, generation: 0)
}

/// Timers in a hierarchical wheel: scheduling and cancelling take constant time, which per-call deadlines need. A timer fires
/// never early and up to one tick (1 ms) late. (Varghese and Lauck 1987)
///
/// Level L has 64 slots of 64^L ticks. A timer sits at the level of the highest bit in which its tick differs from `elapsed`,
/// and moves to lower levels as time passes.
struct TimerWheel: ~Copyable {
    private static let levels = 6
    private static let farthestTicks: Int64 = 1 << 36 - 1
    private static let expiredList = 6 * 64

    private struct Node {
        var tick: Int64 = 0
        var handler: (any TimerHandler)?
        var tag: UInt64 = 0
        var next: Int32 = -1
        var previous: Int32 = -1
        /// The list it is in; -1 when free.
        var list: Int32 = -1
        var generation: UInt32 = 0
    }

    private let origin: Instant
    private var elapsed: Int64 = 0
    private var nodes: [Node] = []
    private var free: Int32 = -1
    /// First node of each slot's list, and of the list of timers about to fire.
    private var heads = [Int32](repeating: -1, count: 6 * 64 + 1)
    private var occupied = [UInt64](repeating: 0, count: 6)
    private var expiredTail: Int32 = -1
    private(set) var count = 0

    init(origin: Instant) { self.origin = origin }

    private func tick(atOrBefore instant: Instant) -> Int64 { max(0, (instant - origin).nanoseconds / 1_000_000) }

    mutating func schedule(_ deadline: Instant, _ handler: any TimerHandler, tag: UInt64) -> TimerID {
        let whole = tick(atOrBefore: deadline)
        let due = origin + .milliseconds(whole) < deadline ? whole + 1 : whole
        let index: Int32
        if free >= 0 {
            index = free
            free = nodes[Int(index)].next
        } else {
            index = Int32(nodes.count)
            nodes.append(Node())
        }
        nodes[Int(index)].tick = min(max(due, elapsed + 1), elapsed + TimerWheel.farthestTicks)
        nodes[Int(index)].handler = handler
        nodes[Int(index)].tag = tag
        place(index)
        count += 1
        return TimerID(index: index, generation: nodes[Int(index)].generation)
    }

    mutating func cancel(_ id: TimerID) {
        guard id.index >= 0, nodes[Int(id.index)].generation == id.generation, nodes[Int(id.index)].list >= 0 else { return }
        unlink(id.index)
        release(id.index)
    }

    /// When to call `advance` next; nil without timers. May be earlier than the first timer.
    var nextDeadline: Instant? {
        guard count > 0 else { return nil }
        if heads[TimerWheel.expiredList] >= 0 { return origin + .milliseconds(elapsed) }
        guard let next = nextSlot() else { return nil }
        return origin + .milliseconds(next.tick)
    }

    /// Moves the timers due at `now` to the list from which `popExpired` takes them.
    mutating func advance(to now: Instant) {
        let target = tick(atOrBefore: now)
        while let next = nextSlot(), next.tick <= target {
            elapsed = max(elapsed, next.tick)
            var index = heads[next.slot]
            heads[next.slot] = -1
            occupied[next.slot >> 6] &= ~(1 << UInt64(next.slot & 63))
            while index >= 0 {
                let following = nodes[Int(index)].next
                place(index)
                index = following
            }
        }
        elapsed = max(elapsed, target)
    }

    mutating func popExpired() -> (handler: any TimerHandler, tag: UInt64)? {
        let index = heads[TimerWheel.expiredList]
        guard index >= 0, let handler = nodes[Int(index)].handler else { return nil }
        let tag = nodes[Int(index)].tag
        unlink(index)
        release(index)
        return (handler, tag)
    }

    private func nextSlot() -> (slot: Int, tick: Int64)? {
        for level in 0..<TimerWheel.levels where occupied[level] != 0 {
            let shift = Int64(6 * level)
            let current = (elapsed >> shift) & 63
            let bits = occupied[level]
            let rotated = current == 0 ? bits : (bits >> UInt64(current)) | (bits << UInt64(64 - current))
            let slot = (Int64(rotated.trailingZeroBitCount) + current) & 63
            let span = Int64(1) << (shift + 6)
            var tick = (elapsed & ~(span - 1)) + (slot << shift)
            if tick < elapsed { tick += span }
            return (level * 64 + Int(slot), tick)
        }
        return nil
    }

    /// Puts a node where its tick belongs; a due one to the expired.
    private mutating func place(_ index: Int32) {
        let tick = nodes[Int(index)].tick
        guard tick > elapsed else { return pushExpired(index) }
        let level = min((63 - ((tick ^ elapsed) | 63).leadingZeroBitCount) / 6, TimerWheel.levels - 1)
        let slot = Int((tick >> Int64(6 * level)) & 63)
        occupied[level] |= 1 << UInt64(slot)
        push(index, list: level * 64 + slot)
    }

    /// Expired timers fire in the order of their ticks.
    private mutating func pushExpired(_ index: Int32) {
        guard heads[TimerWheel.expiredList] >= 0 else {
            expiredTail = index
            return push(index, list: TimerWheel.expiredList)
        }
        nodes[Int(index)].list = Int32(TimerWheel.expiredList)
        nodes[Int(index)].next = -1
        nodes[Int(index)].previous = expiredTail
        nodes[Int(expiredTail)].next = index
        expiredTail = index
    }

    private mutating func push(_ index: Int32, list: Int) {
        let head = heads[list]
        nodes[Int(index)].list = Int32(list)
        nodes[Int(index)].previous = -1
        nodes[Int(index)].next = head
        if head >= 0 { nodes[Int(head)].previous = index }
        heads[list] = index
    }

    private mutating func unlink(_ index: Int32) {
        let node = nodes[Int(index)]
        if node.previous >= 0 { nodes[Int(node.previous)].next = node.next } else { heads[Int(node.list)] = node.next }
        if node.next >= 0 { nodes[Int(node.next)].previous = node.previous }
        if index == expiredTail { expiredTail = node.previous }
        if heads[Int(node.list)] < 0, node.list < TimerWheel.expiredList {
            occupied[Int(node.list) >> 6] &= ~(1 << UInt64(node.list & 63))
        }
    }

    private mutating func release(_ index: Int32) {
        nodes[Int(index)].handler = nil
        nodes[Int(index)].list = -1
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = free
        free = index
        count -= 1
    }
}
