import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// What is counted, for `/metrics`: read by the replica's thread now and then.
package struct ReplicaCounters: Sendable {
    package var appliedIndex: UInt64 = 0
    package var committedIndex: UInt64 = 0
    package var pendingProposals = 0
    package var failedProposals: UInt64 = 0
    /// Rounds of linearizable reads that could not be asked for.
    package var failedReadIndexes: UInt64 = 0
    /// Those whose answer did not come in time, and answers that nobody waited for any more.
    package var slowReadIndexes: UInt64 = 0
    package var puts: UInt64 = 0
    package var deletes: UInt64 = 0
    package var ranges: UInt64 = 0
    package var transactions: UInt64 = 0
    package var leaseGrants: UInt64 = 0
    package var leaseRevocations: UInt64 = 0
    package var leaseRenewals: UInt64 = 0
    package var leaderChanges: UInt64 = 0
    package var learnerPromotions: UInt64 = 0
    /// By reason.
    package var refusedPromotions: [String: UInt64] = [:]
    package var snapshotsInstalled: UInt64 = 0
    package var currentRevision: Int64 = 1
    package var compactRevision: Int64 = -1
    package var keys = 0
    package var databaseBytes: Int64 = 0
    package var databaseBytesInUse: Int64 = 0
    package var watchers = 0
    package var watchStreams = 0
    package var slowWatchers = 0

    package init() {}
}

extension Replica {
    package var counters: ReplicaCounters {
        var counters = counted
        counters.appliedIndex = applied.rawValue
        counters.committedIndex = raft.committed.rawValue
        counters.pendingProposals = pending.waiting
        counters.currentRevision = store.currentRevision
        counters.compactRevision = store.compactRevision
        counters.keys = store.keyCount
        counters.databaseBytes = store.backend.sizeBytes
        counters.databaseBytesInUse = store.backend.sizeInUseBytes
        counters.watchers = hub.watcherCount
        counters.watchStreams = hub.streamCount
        counters.slowWatchers = hub.slowWatcherCount
        return counters
    }
}
