import Base

/// The append messages to one follower that are not yet answered, by the index of their last entry: a ring that grows to its
/// limit only if it must.
struct InflightWindow: Sendable {
    private var ends: [LogIndex] = []
    private var head = 0
    private(set) var count = 0
    let limit: Int

    init(limit: Int) { self.limit = limit }

    var isFull: Bool { count == limit }

    mutating func add(_ end: LogIndex) {
        precondition(count < limit)
        assert(count == 0 || self[count - 1] < end)
        if count == ends.count { grow() }
        ends[(head + count) % ends.count] = end
        count += 1
    }

    private subscript(position: Int) -> LogIndex { ends[(head + position) % ends.count] }

    /// Forgets the messages that an acknowledgement of `index` answers.
    mutating func remove(through index: LogIndex) {
        while count > 0, ends[head] <= index { removeFirst() }
    }

    mutating func removeFirst() {
        guard count > 0 else { return }
        head = (head + 1) % ends.count
        count -= 1
    }

    mutating func removeAll() {
        head = 0
        count = 0
    }

    private mutating func grow() {
        let size = Swift.min(limit, Swift.max(8, ends.count * 2))
        var larger: [LogIndex] = []
        larger.reserveCapacity(size)
        for position in 0..<count { larger.append(self[position]) }
        while larger.count < size { larger.append(.zero) }
        ends = larger
        head = 0
    }
}
