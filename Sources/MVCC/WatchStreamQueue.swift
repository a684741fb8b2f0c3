/// Numbers of streams, first in, first out; memory in proportion to what is in it.
struct WatchStreamQueue {
    private var slots: [UInt32] = []
    private var head = 0

    var isEmpty: Bool { head == slots.count }

    mutating func append(_ slot: UInt32) { slots.append(slot) }

    mutating func popFirst() -> UInt32? {
        guard head < slots.count else { return nil }
        let slot = slots[head]
        head += 1
        if head * 2 > slots.count {
            slots.removeFirst(head)
            head = 0
        }
        return slot
    }
}
