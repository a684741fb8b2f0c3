import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// The clients that wait for their proposals to be applied, by request id.
///
/// Request ids are handed out in sequence (formats.md §9), so a ring indexed by id minus the oldest id finds a waiter
/// without hashing. A proposal that is lost with its leader stays until its deadline, which is the order of the ring too.
struct PendingProposals {
    struct Waiter {
        /// 0 when the replica itself proposed: nobody to answer.
        var ticket: UInt64
        var loop: UInt8
        var method: Method
        var isWaiting: Bool
        var deadline: Instant
    }

    /// Id of the waiter at `head`. Invariant: the ring holds ids `firstID ..< firstID + count`.
    private var firstID: UInt64
    private var ring: [Waiter] = []
    private var head = 0
    private var count = 0

    /// `next` is the id that the first waiter will get.
    init(next: UInt64) { firstID = next }

    /// Those that still wait.
    private(set) var waiting = 0

    var isEmpty: Bool { count == 0 }
    var nextID: UInt64 { firstID &+ UInt64(count) }

    /// Adds a waiter under `nextID`.
    mutating func append(_ waiter: Waiter) {
        if count == ring.count { grow() }
        ring[(head + count) & (ring.count - 1)] = waiter
        count += 1
        waiting += 1
    }

    func isWaiting(_ id: UInt64) -> Bool {
        let position = id &- firstID
        guard position < UInt64(count) else { return false }
        return ring[(head + Int(position)) & (ring.count - 1)].isWaiting
    }

    /// Takes the waiter of `id` out; nil if nobody (any more) waits for it.
    mutating func take(_ id: UInt64) -> Waiter? {
        let position = id &- firstID
        guard position < UInt64(count) else { return nil }
        let slot = (head + Int(position)) & (ring.count - 1)
        let waiter = ring[slot]
        guard waiter.isWaiting else { return nil }
        ring[slot].isWaiting = false
        waiting -= 1
        dropFinished()
        return waiter
    }

    /// Takes out the oldest waiter whose deadline has passed, if there is one.
    mutating func takeExpired(now: Instant) -> Waiter? {
        dropFinished()
        guard count > 0, ring[head].deadline <= now else { return nil }
        let waiter = ring[head]
        ring[head].isWaiting = false
        waiting -= 1
        dropFinished()
        return waiter
    }

    /// The earliest deadline, nil when nobody waits.
    var nextDeadline: Instant? { count == 0 ? nil : ring[head].deadline }

    private mutating func dropFinished() {
        while count > 0, !ring[head].isWaiting {
            head = (head + 1) & (ring.count - 1)
            count -= 1
            firstID &+= 1
        }
    }

    private mutating func grow() {
        let free = Waiter(ticket: 0, loop: 0, method: .put, isWaiting: false, deadline: .distantFuture)
        var larger = [Waiter](repeating: free, count: max(64, ring.count * 2))
        for position in 0..<count { larger[position] = ring[(head + position) & (ring.count - 1)] }
        ring = larger
        head = 0
    }
}
