import Base

/// The entries that are in memory, in order, in a ring: appending is amortised O(1), forgetting at either end O(number
/// forgotten), and an entry is found by its offset.
@safe
struct EntryRing: ~Copyable {
    /// `capacity` slots; those from `head` on, `count` of them and around the end, are initialised.
    private var slots: UnsafeMutablePointer<Entry>
    /// Invariant: a power of two.
    private var capacity: Int
    private var head = 0
    private(set) var count = 0

    private static let capacityMin = 64

    init() {
        capacity = EntryRing.capacityMin
        unsafe slots = .allocate(capacity: EntryRing.capacityMin)
    }

    deinit {
        for offset in 0..<count { unsafe (slots + ((head &+ offset) & (capacity &- 1))).deinitialize(count: 1) }
        unsafe slots.deallocate()
    }

    private func slot(_ offset: Int) -> UnsafeMutablePointer<Entry> {
        precondition(offset >= 0 && offset < count)
        return unsafe slots + ((head &+ offset) & (capacity &- 1))
    }

    /// The entry at `offset` from the first. A retain of its data.
    subscript(offset: Int) -> Entry { unsafe slot(offset).pointee }

    func term(at offset: Int) -> Term { unsafe slot(offset).pointee.term }
    func kind(at offset: Int) -> EntryKind { unsafe slot(offset).pointee.kind }
    func dataBytes(at offset: Int) -> Int { unsafe slot(offset).pointee.data.count }

    /// The longest run of entries from `offset` that lies in one piece, at most `limit` of them.
    @_lifetime(borrow self)
    func run(from offset: Int, limit: Int) -> Span<Entry> {
        let start = unsafe slot(offset)
        let position = (head &+ offset) & (capacity &- 1)
        let length = Swift.min(limit, count - offset, capacity - position)
        let span = unsafe Span(_unsafeStart: start, count: length)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    mutating func append(_ entry: consuming Entry) {
        if count == capacity { resize(to: capacity * 2) }
        unsafe (slots + ((head &+ count) & (capacity &- 1))).initialize(to: entry)
        count &+= 1
    }

    /// Makes room for `extra` more entries.
    mutating func reserve(_ extra: Int) {
        var target = capacity
        while target - count < extra { target *= 2 }
        if target != capacity { resize(to: target) }
    }

    mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= count)
        for offset in 0..<number { unsafe slot(offset).deinitialize(count: 1) }
        head = (head &+ number) & (capacity &- 1)
        count -= number
        shrink()
    }

    mutating func removeLast(_ number: Int) {
        precondition(number >= 0 && number <= count)
        for offset in (count - number)..<count { unsafe slot(offset).deinitialize(count: 1) }
        count -= number
        shrink()
    }

    /// A ring that was once long gives its memory back, with slack so that it does not resize back and forth.
    private mutating func shrink() {
        guard capacity > 4096, count < capacity / 8 else { return }
        resize(to: capacity / 4)
    }

    private mutating func resize(to target: Int) {
        precondition(target >= count && target & (target - 1) == 0)
        let memory = UnsafeMutablePointer<Entry>.allocate(capacity: target)
        let first = Swift.min(count, capacity - head)
        unsafe memory.moveInitialize(from: slots + head, count: first)
        unsafe (memory + first).moveInitialize(from: slots, count: count - first)
        unsafe slots.deallocate()
        unsafe slots = memory
        capacity = target
        head = 0
    }
}
