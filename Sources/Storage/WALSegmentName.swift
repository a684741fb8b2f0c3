import Base

/// The name of a segment file, `hex16(sequence)-hex16(index).wal`: its number in the log, counted from 0, and the index of the
/// first entry it may hold.
package struct WALSegmentName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var sequence: UInt64
    package var index: LogIndex

    package init(sequence: UInt64, index: LogIndex) {
        self.sequence = sequence
        self.index = index
    }

    /// nil when the file is not a segment: such files are left alone.
    package init?(fileName: String) {
        guard let (first, second) = parseHexPair(fileName, suffix: ".wal") else { return nil }
        self.init(sequence: first, index: LogIndex(second))
    }

    package var description: String { hexPair(sequence, index.rawValue) + ".wal" }

    package static func < (a: WALSegmentName, b: WALSegmentName) -> Bool {
        a.sequence != b.sequence ? a.sequence < b.sequence : a.index < b.index
    }
}

/// The name of a raft snapshot file, `hex16(term)-hex16(index).snap`.
package struct SnapName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var term: Term
    package var index: LogIndex

    package init(term: Term, index: LogIndex) {
        self.term = term
        self.index = index
    }

    package init?(fileName: String) {
        guard let (first, second) = parseHexPair(fileName, suffix: ".snap") else { return nil }
        self.init(term: Term(first), index: LogIndex(second))
    }

    package var description: String { hexPair(term.rawValue, index.rawValue) + ".snap" }

    /// Older before newer.
    package static func < (a: SnapName, b: SnapName) -> Bool { a.term != b.term ? a.term < b.term : a.index < b.index }
}

private func hex16(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

private func hexPair(_ a: UInt64, _ b: UInt64) -> String { hex16(a) + "-" + hex16(b) }

private func parseHexPair(_ name: String, suffix: String) -> (UInt64, UInt64)? {
    let text = Array(name.utf8)
    guard text.count == 33 + suffix.utf8.count, text[16] == UInt8(ascii: "-"), text[33...].elementsEqual(suffix.utf8) else { return nil }
    func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
    guard let first = number(text[..<16]), let second = number(text[17..<33]) else { return nil }
    return (first, second)
}
