import Base

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
