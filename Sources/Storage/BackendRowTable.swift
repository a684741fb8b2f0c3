import Base

/// Where one row of bucket `key` lies in its table's bytes.
struct RowEntry: Sendable {
    var revision: Revision
    var offset: Int
    var length: Int32
    var isTombstone: Bool
}

/// Rows of bucket `key` in ascending order, immutable and shared: what was written between two seals.
struct RowTable: Sendable {
    let entries: [RowEntry]
    /// The rows' KeyValue bytes, one after the other.
    let bytes: ByteBlock

    static let empty = RowTable(entries: [], bytes: .empty)

    var first: Revision? { entries.first?.revision }
    var last: Revision? { entries.last?.revision }

    /// The row's KeyValue bytes. Requires an entry of this table.
    @_lifetime(borrow self)
    func span(_ entry: RowEntry) -> RawSpan {
        let span = bytes.span._extracting(unchecked: entry.offset, count: Int(entry.length))
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}

extension Array where Element == RowEntry {
    /// Position of the first entry at or after `revision`.
    func firstIndex(notBefore revision: Revision) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].revision < revision { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Most transactions make one change, so the row of revision `first + n` is usually the nth: that place is tried before
    /// searching.
    func index(of revision: Revision) -> Int? {
        guard let first = self.first else { return nil }
        let guess = revision.main &- first.revision.main
        if guess >= 0, guess < count, self[Int(guess)].revision == revision { return Int(guess) }
        let index = firstIndex(notBefore: revision)
        return index < count && self[index].revision == revision ? index : nil
    }
}
