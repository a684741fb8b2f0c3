import Base

extension Backend {
    /// The live row written at `revision`: its mvccpb.KeyValue, valid until the next `committed`. nil for a tombstone and
    /// for a revision without a row.
    @_lifetime(borrow self)
    package func row(at revision: Revision) -> RawSpan? {
        if revision < overlayStart { return reader.row(at: revision) }
        if revision >= openStart {
            guard let index = openRows.index(of: revision), !openRows[index].isTombstone else { return nil }
            let entry = openRows[index]
            let span = openBytes.span._extracting(unchecked: entry.offset, count: Int(entry.length))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
        for number in sealed.indices.reversed() {
            guard let first = sealed[number].rows.first, first <= revision else { continue }
            guard let index = sealed[number].rows.entries.index(of: revision) else { return nil }
            let entry = sealed[number].rows.entries[index]
            guard !entry.isTombstone else { return nil }
            let bytes = sealed[number].rows.bytes
            let span = bytes.span._extracting(unchecked: entry.offset, count: Int(entry.length))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
        return nil
    }

    /// All rows from `start` through `end`, tombstones too, ascending, until `body` answers false.
    package func scanRows(
        from start: Revision = .least, through end: Revision = .greatest, _ body: (Revision, _ tombstone: Bool, RawSpan) -> Bool
    ) {
        let limit = end.sub == .max ? end : Revision(main: end.main, sub: end.sub + 1)
        guard scanCommitted(from: start, before: Swift.min(limit, overlayStart), body) else { return }
        for batch in sealed {
            let rows = batch.rows
            for entry in rows.entries[rows.entries.firstIndex(notBefore: start)...] {
                guard entry.revision <= end, body(entry.revision, entry.isTombstone, rows.span(entry)) else { return }
            }
        }
        for entry in openRows[openRows.firstIndex(notBefore: start)...] {
            let row = openBytes.span._extracting(unchecked: entry.offset, count: Int(entry.length))
            guard entry.revision <= end, body(entry.revision, entry.isTombstone, row) else { return }
        }
    }

    /// A scan from the beginning is the one that loads the state: it reads ahead and leaves no pages in memory.
    private func scanCommitted(from start: Revision, before end: Revision, _ body: (Revision, Bool, RawSpan) -> Bool) -> Bool {
        guard start == .least else { return reader.scanRows(from: start, before: end, body) }
        reader.expectScan(true)
        defer {
            reader.expectScan(false)
            engine.trimResident()
        }
        return reader.scanRows(from: start, before: end, body)
    }

    /// The value under `key` in a bucket other than `key`.
    package func value(_ bucket: Bucket, key: RawSpan) -> [UInt8]? {
        precondition(bucket != .key)
        if openOperations > 0 || !sealed.isEmpty, let change = change(bucket, key: key.array) {
            guard case .put(let value) = change else { return nil }
            return value
        }
        return reader.value(bucket, key: key)
    }

    package func value(_ bucket: Bucket, key: [UInt8]) -> [UInt8]? { value(bucket, key: key.rawSpan) }

    /// Keys and values of a bucket other than `key`, ascending, until `body` answers false.
    package func scan(_ bucket: Bucket, _ body: (_ key: RawSpan, _ value: RawSpan) -> Bool) {
        precondition(bucket != .key)
        var overlay: [[UInt8]: BucketChanges.Change] = [:]
        for batch in sealed { overlay.merge(batch.changes[Int(bucket.rawValue)].latest) { $1 } }
        overlay.merge(openChanges[Int(bucket.rawValue)].latest) { $1 }
        var pending = overlay.sorted { $0.key.lexicographicallyPrecedes($1.key) }[...]

        /// Reports changes that sort before `key`, and drops the one of `key` itself; false when `body` did not want more.
        func reportPending(before key: RawSpan, isEnd: Bool = false) -> (goOn: Bool, isReplaced: Bool) {
            while let next = pending.first {
                let order = isEnd ? -1 : next.key.rawSpan.compare(key)
                if order > 0 { break }
                pending.removeFirst()
                if case .put(let value) = next.value, !body(next.key.rawSpan, value.rawSpan) { return (false, true) }
                if order == 0 { return (true, true) }
            }
            return (true, false)
        }

        let goOn = reader.scan(bucket) { key, value in
            let (goOn, isReplaced) = reportPending(before: key)
            return goOn && (isReplaced || body(key, value))
        }
        if goOn { _ = reportPending(before: RawSpan(), isEnd: true) }
    }

    /// The newest change of `key` that is not committed.
    private func change(_ bucket: Bucket, key: [UInt8]) -> BucketChanges.Change? {
        if let change = openChanges[Int(bucket.rawValue)].latest[key] { return change }
        for batch in sealed.reversed() {
            if let change = batch.changes[Int(bucket.rawValue)].latest[key] { return change }
        }
        return nil
    }
}
