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

    /// Keys of the range that exist at `revision`. At the present from the index's counts, else by a walk.
    private func count(_ range: borrowing KeyRange, at revision: Int64, visible: Int64) -> Int {
        if revision == visible { return index.liveCount(range) }
        if range.isSingle { return index.revision(of: range.start, at: revision) == nil ? 0 : 1 }
        var walk = index.walk(range)
        var count = 0
        while let ref = walk.next() { if ref.revision(at: revision) != nil { count += 1 } }
        return count
    }

    /// Rows in key order up to the limit.
    private func appendPlain(
        _ request: Etcdserverpb.RangeRequest.View, _ range: borrowing KeyRange, at revision: Int64, visible: Int64,
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
            if revision == visible {
                total = index.liveCount(range)
            } else {
                while let ref = walk.next() { if ref.revision(at: revision) != nil { total += 1 } }
            }
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
