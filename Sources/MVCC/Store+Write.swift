import Base
import Storage
import Wire

extension Store {
    /// One put, alone or in a transaction; its lease was checked. Nothing is changed if this throws `keyNotFound`.
    mutating func apply(
        _ request: Etcdserverpb.PutRequest.View, in message: RawSpan, _ transaction: inout Transaction, stamp: ResponseStamp?,
        _ changes: inout ChangeSet, into out: inout ByteBuffer
    ) throws(StoreError) {
        let key = message.subscripted(request.key)
        let hash = index.hash(key)
        let found = index.find(key, hash)
        let previous = found.flatMap { $0.isAlive ? $0.latest : nil }
        if previous == nil, request.ignoreValue || request.ignoreLease { throw .keyNotFound }

        var lease = LeaseID(request.lease)
        var oldLease = LeaseID.zero
        var value = request.value
        if let found, let previous, found.hasLease || request.ignoreValue {
            let old = try rowView(previous)
            oldLease = LeaseID(old.lease)
            if request.ignoreLease { lease = oldLease }
            if request.ignoreValue { value = old.value }
        }
        out.appendResponseHeader(stamp, revision: transaction.main)
        if request.prevKv, let previous { try appendRow(0x12, previous, keysOnly: false, into: &out) }

        let revision = transaction.nextRevision()
        var create = revision.main
        var version: Int64 = 1
        if let found, previous != nil { (create, version) = (found.create, found.version + 1) }
        let row: (kv: ByteRange, key: ByteRange)
        if request.ignoreValue, let previous {
            let old = try rowBytes(previous)
            row = changes.appendRow(
                key: key, value: old.subscripted(value), create: create, mod: revision.main, version: version, lease: lease)
        } else {
            row = changes.appendRow(
                key: key, value: message.subscripted(value), create: create, mod: revision.main, version: version, lease: lease)
        }
        backend.append(revision, tombstone: false, changes.bytes.span.subscripted(row.kv))
        index.put(found, key, hash, revision, hasLease: lease != .zero)
        changes.changes.append(
            ChangeSet.Change(
                revision: revision, isDelete: false, kv: row.kv, key: row.key, previous: previous, oldLease: oldLease, newLease: lease))
    }

    /// One range deletion, alone or in a transaction. Keys are numbered in key order.
    mutating func apply(
        _ request: Etcdserverpb.DeleteRangeRequest.View, in message: RawSpan, _ transaction: inout Transaction, stamp: ResponseStamp?,
        _ changes: inout ChangeSet, into out: inout ByteBuffer
    ) throws(StoreError) {
        let range = KeyRange(message.subscripted(request.key), message.subscripted(request.rangeEnd))
        let deleted = index.liveCount(range)
        out.appendResponseHeader(stamp, revision: deleted > 0 ? transaction.main : transaction.visible)
        out.appendNumber(0x10, UInt64(deleted))
        guard deleted > 0 else { return }
        if range.isSingle, let ref = index.find(range.start) {
            if request.prevKv { try appendRow(0x1A, ref.latest, keysOnly: false, into: &out) }
            try deleteUncounted(ref, &transaction, &changes)
            return index.countDeleted(1, beside: ref)
        }
        // Deletions leave the index's shape alone: its positions stay valid.
        var walk = index.walk(range)
        if request.prevKv {
            var readers = walk
            while let ref = readers.next() {
                if ref.isAlive { try appendRow(0x1A, ref.latest, keysOnly: false, into: &out) }
            }
        }
        var leaf = walk.leaf
        var (count, last) = (0, KeyRef?.none)
        while true {
            // Counted once per leaf: each time costs a descent.
            let next = walk.leaf
            let ref = walk.next()
            if ref == nil || next != leaf {
                if let last { index.countDeleted(count, beside: last) }
                (leaf, count, last) = (next, 0, nil)
            }
            guard let ref else { return }
            guard ref.isAlive else { continue }
            try deleteUncounted(ref, &transaction, &changes)
            count += 1
            last = ref
        }
    }

    /// Deletes the keys that are alive, in the order given, as one transaction: what the end of a lease means.
    package mutating func delete(keys: [Bytes], changes: inout ChangeSet) throws(StoreError) {
        var transaction = Transaction(after: currentRevision)
        for key in keys {
            guard let ref = index.find(key.span), ref.isAlive else { continue }
            try deleteUncounted(ref, &transaction, &changes)
            index.countDeleted(1, beside: ref)
        }
        finish(transaction)
    }

    /// The caller counts the deletion in the index.
    private mutating func deleteUncounted(_ ref: KeyRef, _ transaction: inout Transaction, _ changes: inout ChangeSet) throws(StoreError) {
        let previous = ref.latest
        let oldLease = ref.hasLease ? LeaseID(try rowView(previous).lease) : .zero
        let revision = transaction.nextRevision()
        let row = changes.appendTombstone(key: ref.key)
        backend.append(revision, tombstone: true, changes.bytes.span.subscripted(row.kv))
        index.deleteUncounted(ref, revision)
        changes.changes.append(
            ChangeSet.Change(
                revision: revision, isDelete: true, kv: row.kv, key: row.key, previous: previous, oldLease: oldLease, newLease: .zero))
    }

    // MARK: rows

    /// The stored KeyValue of a revision that the index names.
    @inline(__always)
    @_lifetime(borrow self)
    func rowBytes(_ revision: Revision) throws(StoreError) -> RawSpan {
        guard let row = backend.row(at: revision) else { throw .damaged(revision) }
        return row
    }

    @inline(__always)
    func rowView(_ revision: Revision) throws(StoreError) -> Mvccpb.KeyValue.View {
        let row = try rowBytes(revision)
        do { return try Mvccpb.KeyValue.View(decoding: row) } catch { throw .damaged(revision) }
    }

    /// Appends a row as field `tag`. `keysOnly` leaves out its value.
    @inline(__always)
    func appendRow(_ tag: UInt8, _ revision: Revision, keysOnly: Bool, into out: inout ByteBuffer) throws(StoreError) {
        let row = try rowBytes(revision)
        guard keysOnly else { return out.appendField(tag, row) }
        let view: Mvccpb.KeyValue.View
        do { view = try Mvccpb.KeyValue.View(decoding: row) } catch { throw .damaged(revision) }
        guard !view.value.isEmpty else { return out.appendField(tag, row) }
        // The value's field: one byte of tag, its length, the value.
        let start = Int(view.value.offset) - 1 - varintSize(UInt64(view.value.count))
        let end = Int(view.value.offset) + view.value.count
        out.append(tag)
        out.append(varint: UInt64(row.byteCount - (end - start)))
        out.append(row._extracting(unchecked: 0, count: start))
        out.append(row._extracting(unchecked: end, count: row.byteCount - end))
    }
}
