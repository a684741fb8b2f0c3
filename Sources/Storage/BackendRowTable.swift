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

    /// Most transactions make one change, so the row of revision `first + n` is usually the nth: that place is tried first.
    /// Otherwise the search begins where the row would be if all transactions were of the same size, and widens from there.
    func index(of revision: Revision) -> Int? {
        guard let first = self.first, let last = self.last, first.revision <= revision, revision <= last.revision else { return nil }
        let distance = Int(revision.main &- first.revision.main)
        if distance < count, self[distance].revision == revision { return distance }
        let span = last.revision.main &- first.revision.main &+ 1
        let (product, isTooLarge) = distance.multipliedReportingOverflow(by: count)
        let start = isTooLarge || span <= 0 ? count / 2 : Swift.min(product / Int(span), count - 1)
        let index = firstIndex(notBefore: revision, near: start)
        return index < count && self[index].revision == revision ? index : nil
    }

    /// As `firstIndex(notBefore:)`; cheap when the result is close to `start`.
    private func firstIndex(notBefore revision: Revision, near start: Int) -> Int {
        var low = 0
        var high = count
        var step = 1
        if self[start].revision < revision {
            low = start + 1
            while low + step < high, self[low + step].revision < revision {
                low += step + 1
                step *= 2
            }
            high = Swift.min(high, low + step)
        } else {
            high = start
            while high - step >= low, self[high - step].revision >= revision {
                high -= step
                step *= 2
            }
            low = Swift.max(low, high - step)
        }
        while low < high {
            let middle = (low + high) / 2
            if self[middle].revision < revision { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
