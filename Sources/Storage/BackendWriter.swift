import Base

/// The writing side of the store: background thread only.
///
/// Batches are committed in the order in which they were sealed. Long jobs (compaction, hashes, the snapshot file) run in
/// slices between commits; at most one of them at a time.
package struct BackendWriter: Sendable {
    let engine: Engine

    package init(_ engine: Engine) { self.engine = engine }

    /// Stores the batch in one transaction. After an error nothing of it is stored.
    package func commit(_ batch: CommitBatch) throws(BackendError) {
        switch engine {
        case .lmdb(let store):
            var writer = try LMDBWriter(store.environment)
            let rows = batch.rows
            for entry in rows.entries {
                try writer.append(entry.revision, tombstone: entry.isTombstone, rows.span(entry))
            }
            for bucket in Bucket.allCases {
                for (key, change) in batch.changes[Int(bucket.rawValue)].latest {
                    switch change {
                    case .put(let value): try writer.put(bucket, key: key, value: value)
                    case .delete: try writer.delete(bucket, key: key)
                    }
                }
            }
            try writer.commit()
        case .memory(let disk): disk.change { $0.apply(batch) }
        }
    }

    /// Makes the commits up to now survive a power loss; before the log that could replay them is cut. (The end of the
    /// process they survive anyway, and a power loss takes back the last one at most.)
    package func sync() throws(BackendError) {
        switch engine {
        case .lmdb(let store): try store.environment.sync()
        case .memory: break
        }
    }

    /// Takes the store's pages out of this process's resident memory.
    package func trimResident() { engine.trimResident() }
}
