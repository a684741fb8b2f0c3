import Base

/// What happened in a run: always as one number, by which two runs are compared, and on demand as lines for people.
struct Trace {
    struct Line {
        var at: Instant
        /// Of a member; −1: of the world.
        var slot: Int
        var text: String
    }

    /// Over everything that happened, in order.
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private(set) var events = 0
    var isRecording = false
    /// The newest `linesMax`.
    private(set) var lines: [Line] = []
    private static let linesMax = 20_000

    mutating func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x0000_0100_0000_01B3 ^ (hash >> 47) }

    mutating func mix(_ bytes: [UInt8]) {
        mix(UInt64(bytes.count))
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    mutating func event(_ kind: UInt8, _ slot: Int, at time: Instant) {
        events += 1
        mix(UInt64(bitPattern: time.nanoseconds) ^ UInt64(kind) << 56 ^ UInt64(slot) << 48)
    }

    mutating func record(_ slot: Int, _ at: Instant, _ text: String) {
        if lines.count >= Self.linesMax { lines.removeFirst(Self.linesMax / 2) }
        lines.append(Line(at: at, slot: slot, text: text))
    }
}
