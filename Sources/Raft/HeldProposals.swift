import Base

/// Other members' proposals that came while nobody could take them: no leader is known, or leadership is being handed over.
/// Bounded in number, bytes and time; what is beyond is lost, which its proposers learn from their own deadlines.
struct HeldProposals: Sendable {
    private var messages: [(message: Message, ticks: Int)] = []
    private var bytes = 0

    /// limits.tsv, "proposals held while no leader"
    private static let countMax = 4096
    private static let bytesMax = 64 << 20

    var isEmpty: Bool { messages.isEmpty }

    mutating func add(_ message: borrowing Message, ticks: Int) {
        let size = Self.size(message)
        guard messages.count < Self.countMax, bytes + size <= Self.bytesMax else { return }
        bytes += size
        messages.append((copy message, ticks))
    }

    mutating func takeAll() -> [Message] {
        defer {
            messages = []
            bytes = 0
        }
        return messages.map(\.message)
    }

    mutating func tick() {
        guard !messages.isEmpty else { return }
        for position in messages.indices { messages[position].ticks -= 1 }
        messages.removeAll { $0.ticks <= 0 }
        bytes = messages.reduce(0) { $0 + Self.size($1.message) }
    }

    private static func size(_ message: borrowing Message) -> Int {
        var size = 0
        for entry in message.entries { size += entry.data.count + Entry.overheadBytes }
        return size
    }
}
