import Base
import Storage
import Wire

extension Store {
    /// A row to be returned, by what it is sorted by. Equal ones stay in key order.
    private struct Item {
        var revision: Revision
        /// Version, create or mod revision.
        var number: Int64
        /// Sorting by value: where it stands in the scratch buffer.
        var value: ByteRange
    }

    /// Rows under filters or in another order than that of the keys.
    ///
    /// The limit is applied last, except that without filters and with a sort target but no order only the first limit + 1
    /// keys are considered (etcd: apply_common.go; the order is then ascending).
    func appendSorted(
        _ request: Etcdserverpb.RangeRequest.View, _ range: KeyRange, at revision: Int64, into out: inout ByteBuffer
    ) throws(StoreError) {
        let isUnordered = request.sortOrder == .none && !request.hasFilters
        let window = isUnordered && request.limit > 0 ? Int(saturatingSum(request.limit, 1)) : Int.max
        var items: [Item] = []
        var values = ByteBuffer()
        var seen = 0
        var walk = index.walk(range)
        while let ref = walk.next() {
            guard let found = ref.revision(at: revision) else { continue }
            seen += 1
            guard seen <= window, let item = try item(request, ref, found, &values) else { continue }
            items.append(item)
        }
        sort(&items, request, values.span)
        let shown = request.limit > 0 ? min(items.count, Int(request.limit)) : items.count
        for item in items[..<shown] { try appendRow(0x12, item.revision, keysOnly: request.keysOnly, into: &out) }
        if shown < items.count { out.appendNumber(0x18, 1) }
        out.appendNumber(0x20, UInt64(seen))
    }

    /// Nil if a filter leaves the row out.
    private func item(
        _ request: Etcdserverpb.RangeRequest.View, _ ref: KeyRef, _ found: Revision, _ values: inout ByteBuffer
    ) throws(StoreError) -> Item? {
        if request.maxModRevision != 0, found.main > request.maxModRevision { return nil }
        if request.minModRevision != 0, found.main < request.minModRevision { return nil }
        var item = Item(revision: found, number: found.main, value: ByteRange())
        let needsCreate = request.minCreateRevision != 0 || request.maxCreateRevision != 0 || request.sortTarget == .create
        guard needsCreate || request.sortTarget == .version || request.sortTarget == .value else { return item }
        // The index knows the latest row's numbers; those of older rows only the row itself.
        var (create, version) = (ref.create, ref.version)
        if request.sortTarget == .value || found != ref.latest {
            let row = try rowView(found)
            (create, version) = (row.createRevision, row.version)
            if request.sortTarget == .value {
                item.value = ByteRange(offset: values.count, count: row.value.count)
                values.append(try rowBytes(found).subscripted(row.value))
            }
        }
        if request.maxCreateRevision != 0, create > request.maxCreateRevision { return nil }
        if request.minCreateRevision != 0, create < request.minCreateRevision { return nil }
        if request.sortTarget == .create { item.number = create }
        if request.sortTarget == .version { item.number = version }
        return item
    }

    private func sort(_ items: inout [Item], _ request: Etcdserverpb.RangeRequest.View, _ values: RawSpan) {
        let isDescending = request.sortOrder == .descend
        switch request.sortTarget {
        case .key:
            if isDescending { items.reverse() }
        case .value:
            // The standard library's sort is stable (a guarantee in all but its documentation; a test holds it).
            items.sort { a, b in
                let order = values.subscripted(a.value).compare(values.subscripted(b.value))
                return isDescending ? order > 0 : order < 0
            }
        default:
            if isDescending { items.sort { $0.number > $1.number } } else { items.sort { $0.number < $1.number } }
        }
    }
}
