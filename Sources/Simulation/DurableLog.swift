import Base
import Raft
import Storage

/// The durable part of a log by terms.
package struct DurableLog {
    package private(set) var base = LogIndex.zero
    private var terms: [Term] = []

    package init() {}

    package var last: LogIndex { LogIndex(base.rawValue + UInt64(terms.count)) }

    package subscript(index: LogIndex) -> Term? {
        guard index > base, index <= last else { return nil }
        return terms[Int(index.rawValue - base.rawValue - 1)]
    }

    package mutating func restart(after base: LogIndex) {
        self.base = base
        terms.removeAll(keepingCapacity: true)
    }

    package mutating func append(_ index: LogIndex, _ term: Term) {
        if index <= base { restart(after: index.previous) }
        if index <= last { terms.removeSubrange(Int(index.rawValue - base.rawValue - 1)...) }
        if terms.isEmpty { base = index.previous }
        terms.append(term)
    }

    /// Nil if what a start has read, `entries` behind `snapshot`, is what it must be: all that was durable, and behind it as much of `unsynced`, in the
    /// order in which it was written, as reached the disk. An entry may have taken the place of one of a later term: the leader
    /// of a term later still had it from an earlier one (Raft, figure 8).
    package func difference(from entries: [WALEntry], behind snapshot: WALSnapshot, unsynced: [(LogIndex, Term)]) -> String? {
        var expected = self
        // A snapshot from the leader has replaced a log that had something else in its place.
        if let term = expected[snapshot.index], term != snapshot.term { expected.restart(after: snapshot.index) }
        guard let first = expected.difference(from: entries, behind: snapshot.index) else { return nil }
        for (index, term) in unsynced {
            expected.append(index, term)
            if expected.difference(from: entries, behind: snapshot.index) == nil { return nil }
        }
        return first
    }

    /// Compares what lies behind both beginnings.
    private func difference(from entries: [WALEntry], behind start: LogIndex) -> String? {
        let end = entries.last?.index ?? start
        guard max(last, start) == end else { return "with a log that ends at \(end); up to \(last) was durable" }
        for entry in entries where entry.index > base {
            guard let term = self[entry.index], term != entry.term else { continue }
            return "without entry \(entry.index) of term \(term): it has one of term \(entry.term)"
        }
        return nil
    }
}
