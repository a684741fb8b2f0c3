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
        case .memory(let disk): disk.change { $0.apply(batch) }
        }
    }
}
