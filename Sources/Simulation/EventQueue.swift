import Base

/// What the world has to do and when, in the order of virtual time; what is due at the same instant comes out in the order in
/// which it was put in, so that a run repeats.
///
/// A binary heap of small plain nodes: what an event carries lies beside, in slots that are used again, so that moving a node
/// costs no reference count.
struct EventQueue {
    /// The part of an event that says what happens; `Payload` says with what.
    enum Kind: UInt8 {
        /// A member's replica takes its inbox and lets go of its effects.
        case turn
        /// A member's replica has asked to be called at this time.
        case wake
        /// The log thread of a member goes on.
        case log
        /// The background thread of a member goes on.
        case background
        /// A message reaches a member.
        case deliver
        /// Anything else: a client, a fault, a checker.
        case action
    }

    struct Event {
        var time: Int64
        var sequence: UInt64
        /// Of the member's process; an event of an earlier process is void.
        var epoch: UInt32
        /// Slot of the payload; `noSlot` without.
        var slot: UInt32
        var node: UInt16
        var kind: Kind

        fileprivate func isBefore(_ other: Event) -> Bool {
            time != other.time ? time < other.time : sequence < other.sequence
        }
    }

    private var heap: [Event] = []
    private var sequence: UInt64 = 0
    private var deliveries: [Delivery?] = []
    private var freeDeliveries: [UInt32] = []
    private var actions: [(() -> Void)?] = []
    private var freeActions: [UInt32] = []
    static let noSlot = UInt32.max

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }
    var nextTime: Instant? { heap.first.map { Instant(nanoseconds: $0.time) } }

    mutating func push(_ kind: Kind, at time: Instant, node: Int, epoch: UInt32) {
        push(Event(time: time.nanoseconds, sequence: sequence, epoch: epoch, slot: Self.noSlot, node: UInt16(node), kind: kind))
    }

    mutating func push(_ delivery: Delivery, at time: Instant, node: Int, epoch: UInt32) {
        let slot: UInt32
        if let free = freeDeliveries.popLast() {
            slot = free
            deliveries[Int(free)] = delivery
        } else {
            slot = UInt32(deliveries.count)
            deliveries.append(delivery)
        }
        push(Event(time: time.nanoseconds, sequence: sequence, epoch: epoch, slot: slot, node: UInt16(node), kind: .deliver))
    }

    mutating func push(at time: Instant, _ action: @escaping () -> Void) {
        let slot: UInt32
        if let free = freeActions.popLast() {
            slot = free
            actions[Int(free)] = action
        } else {
            slot = UInt32(actions.count)
            actions.append(action)
        }
        push(Event(time: time.nanoseconds, sequence: sequence, epoch: 0, slot: slot, node: 0, kind: .action))
    }

    private mutating func push(_ event: Event) {
        sequence += 1
        heap.append(event)
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard event.isBefore(heap[parent]) else { break }
            heap[place] = heap[parent]
            place = parent
        }
        heap[place] = event
    }

    mutating func pop() -> Event? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        var place = 0
        while true {
            var least = 2 * place + 1
            guard least < heap.count else { break }
            if least + 1 < heap.count, heap[least + 1].isBefore(heap[least]) { least += 1 }
            guard heap[least].isBefore(last) else { break }
            heap[place] = heap[least]
            place = least
        }
        heap[place] = last
        return first
    }

    mutating func takeDelivery(_ event: Event) -> Delivery {
        let index = Int(event.slot)
        guard let delivery = deliveries[index].take() else { preconditionFailure("delivered twice") }
        freeDeliveries.append(event.slot)
        return delivery
    }

    mutating func takeAction(_ event: Event) -> () -> Void {
        guard let action = actions[Int(event.slot)].take() else { preconditionFailure("acted twice") }
        freeActions.append(event.slot)
        return action
    }
}
