import Base

/// A bucket's contents, ascending.
struct BucketCopy: Sendable {
    let bucket: Bucket
    var contents: [(key: [UInt8], value: [UInt8])] = []
}

/// A row that goes.
struct EngineDeletion: Sendable {
    let revision: Revision
    let isTombstone: Bool
}

/// What the jobs read and write, each call in a transaction of its own.
extension BackendWriter {
    /// Committed rows from `start` up to but without `end`, until `body` answers false; then the result is false.
    func readRows(
        from start: Revision, before end: Revision, _ body: (Revision, _ tombstone: Bool, RawSpan) -> Bool
    ) throws(BackendError) -> Bool {
        let reader = try engine.makeReader()
        reader.expectScan(true)
        let isAll = reader.scanRows(from: start, before: end, body)
        reader.expectScan(false)
        if let fault = reader.fault { throw fault }
        return isAll
    }

    /// All buckets but `key`, and which row is the last, as of one moment.
    func copyBuckets() throws(BackendError) -> (buckets: [BucketCopy], lastRow: Revision?) {
        let reader = try engine.makeReader()
        var copies: [BucketCopy] = []
        for bucket in Bucket.allCases where bucket != .key {
            var copy = BucketCopy(bucket: bucket)
            _ = reader.scan(bucket) { key, value in
                copy.contents.append((key.array, value.array))
                return true
            }
            copies.append(copy)
        }
        let last = reader.lastRow
        if let fault = reader.fault { throw fault }
        return (copies, last)
    }

    func value(_ bucket: Bucket, key: [UInt8]) throws(BackendError) -> [UInt8]? {
        let reader = try engine.makeReader()
        let value = reader.value(bucket, key: key.rawSpan)
        if let fault = reader.fault { throw fault }
        return value
    }

    func put(_ bucket: Bucket, key: [UInt8], value: [UInt8]) throws(BackendError) {
        switch engine {
        case .lmdb(let store):
            var writer = try LMDBWriter(store.environment)
            try writer.put(bucket, key: key, value: value)
            try writer.commit()
        case .memory(let disk): disk.change { $0.put(bucket, key: key, value: value) }
        }
    }

    /// Deletes rows, which ascend, and with the last of a compaction records that it is finished.
    func write(deleting doomed: [EngineDeletion], finished revision: Int64?) throws(BackendError) {
        let key = MetaKey.finishedCompactRevision.bytes
        let value = revision.map { RevisionKey(Revision(main: $0, sub: 0)).array }
        switch engine {
        case .lmdb(let store):
            var writer = try LMDBWriter(store.environment)
            for row in doomed { try writer.delete(row.revision, tombstone: row.isTombstone) }
            if let value { try writer.put(.meta, key: key, value: value) }
            try writer.commit()
        case .memory(let disk):
            disk.change { state in
                state.remove(doomed.map(\.revision))
                if let value { state.put(.meta, key: key, value: value) }
            }
        }
    }
}
