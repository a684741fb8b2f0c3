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
