import Base
import Storage
import Wire

extension Store {
    /// Writes a RangeResponse. `visible` is the revision that is current for the reader: in a transaction its own changes
    /// count. `count` is the number of keys in the range, whatever limit and filters say.
    func appendRange(
        _ request: Etcdserverpb.RangeRequest.View, in message: RawSpan, visible: Int64, stamp: ResponseStamp?, into out: inout ByteBuffer
    ) throws(StoreError) {
        if request.revision > visible { throw .futureRevision }
        let revision = request.revision <= 0 ? visible : request.revision
        if revision < compactRevision { throw .compacted }

        let start = out.count
        out.appendResponseHeader(stamp, revision: visible)
        let range = KeyRange(message.subscripted(request.key), message.subscripted(request.rangeEnd))
        do {
            if request.countOnly {
                out.appendNumber(0x20, UInt64(count(range, at: revision, visible: visible)))
            } else if !request.isInKeyOrder {
                try appendSorted(request, range, at: revision, into: &out)
            } else if range.isSingle {
                if let found = index.revision(of: range.start, at: revision) {
                    try appendRow(0x12, found, keysOnly: request.keysOnly, into: &out)
                    out.appendNumber(0x20, 1)
                }
            } else {
                try appendPlain(request, range, at: revision, visible: visible, into: &out)
            }
        } catch {
            out.truncate(to: start)
            throw error
        }
    }

    /// Keys of the range that exist at `revision`.
    private func count(_ range: KeyRange, at revision: Int64, visible: Int64) -> Int {
        if revision == visible { return index.liveCount(range) }
        if range.isSingle { return index.revision(of: range.start, at: revision) == nil ? 0 : 1 }
        if let count = countBack(range, to: revision, from: visible) { return count }
        var walk = index.walk(range)
        var count = 0
        while let ref = walk.next() { if ref.revision(at: revision) != nil { count += 1 } }
        return count
    }

    /// A past count from the present one and the changes since; nil if a walk over the range's keys is cheaper. Clients that
    /// page through a large range ask for it with each page, at the revision of the first.
    private func countBack(_ range: KeyRange, to revision: Int64, from visible: Int64) -> Int? {
        let live = index.liveCount(range)
        let changesMax = live / keysPerChange
        guard visible - revision <= changesMax else { return nil }
        var total = live
        var seen = 0
        backend.scanRows(from: Revision(main: revision + 1, sub: 0), through: Revision(main: .max, sub: .max)) { changed, _, row in
            seen += 1
            guard seen <= changesMax, let view = try? Mvccpb.KeyValue.View(decoding: row) else {
                seen = .max
                return false
            }
            let key = row.subscripted(view.key)
            // Each key counts once, at its latest change.
            guard range.contains(key), let ref = index.find(key), ref.latest == changed else { return true }
            total += (ref.revision(at: revision) == nil ? 0 : 1) - (ref.isAlive ? 1 : 0)
            return true
        }
        return seen == .max ? nil : total
    }

    /// Rows in key order up to the limit.
    private func appendPlain(
        _ request: Etcdserverpb.RangeRequest.View, _ range: KeyRange, at revision: Int64, visible: Int64,
        into out: inout ByteBuffer
    ) throws(StoreError) {
        let limit = request.limit > 0 ? Int(request.limit) : Int.max
        var walk = index.walk(range)
        var count = 0
        while count < limit, let ref = walk.next() {
            guard let found = ref.revision(at: revision) else { continue }
            try appendRow(0x12, found, keysOnly: request.keysOnly, into: &out)
            count += 1
        }
        var total = count
        if count == limit {
            total = self.count(range, at: revision, visible: visible)
        }
        if total > count { out.appendNumber(0x18, 1) }
        out.appendNumber(0x20, UInt64(total))
    }
}

extension Etcdserverpb.RangeRequest.View {
    /// Neither filters nor another order than that of the keys.
    @inline(__always)
    var isInKeyOrder: Bool {
        sortTarget.rawValue == 0 && sortOrder.rawValue <= 1 && !hasFilters
    }

    @inline(__always)
    var hasFilters: Bool { (minModRevision | maxModRevision | minCreateRevision | maxCreateRevision) != 0 }
}
