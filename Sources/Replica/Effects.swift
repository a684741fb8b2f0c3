import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// What one or more steps of the replica want done. The order is in the values: the driver may do different kinds in any
/// order and delay, and does each kind in the order given.
package struct Effects: ~Copyable {
    /// Answers, by client loop.
    package var responses: [ResponseBuilder]
    /// For the log thread, in order.
    package var log: [LogWork] = []
    /// For the background thread, in order.
    package var background: [BackgroundWork] = []
    /// What the outside may know of the replica, when it has changed.
    package var status: ReplicaStatus?
    /// The replica cannot go on; the text says why and what to do.
    package var fatal: String?

    package init(loops: Int) {
        responses = (0..<loops).map { _ in ResponseBuilder() }
    }

    package var isEmpty: Bool {
        log.isEmpty && background.isEmpty && status == nil && fatal == nil && responses.allSatisfy(\.isEmpty)
    }
}

/// Work for the log thread.
package enum LogWork: Sendable {
    /// Entries, then the hard state, made durable by one sync if the write says so; answered then with `Input.persisted`.
    case append(LogWrite, entries: [Entry])
    /// The `.snap` file, durable, then its record in the log, durable; then what it makes superfluous may go.
    /// The hard state goes into the log before the record: only a snapshot whose index is known to be committed counts.
    case saveSnapshot(RaftSnapshot, HardState)
}

/// Work for the background thread. Commits come before jobs; a job is answered with `Input.finished` under its number.
package enum BackgroundWork: Sendable {
    /// `isFinal`: it must survive a power loss once it is reported. Any other may be undone by one, and comes back from the
    /// log.
    case commit(CommitBatch, isFinal: Bool)
    case start(job: UInt64, Job)

    package enum Job: Sendable {
        case compact(CompactionJob)
        case hashKV(HashInputs)
        case hash
        case snapshot(through: Revision)
        case defragment
    }
}

/// What the background thread has to say of a job.
package enum JobResult: Sendable {
    /// Without a hash when not all rows could be hashed.
    case compacted(hash: UInt32?)
    case hash(UInt32)
    case snapshot(SnapshotFile)
    case defragmented
    case failed(String)
}

/// What the rest of the member shows of the replica: `/version`, `/health`, metrics.
package struct ReplicaStatus: Sendable, Equatable {
    package var leader = MemberID.zero
    package var isLeader = false
    package var term = Term.zero
    package var clusterVersion: Version?
    package var alarms: [Alarms.Alarm] = []
    package var members: [ClusterMember] = []
    /// Whether reads and writes can be served: a leader is known and the member's attributes are applied.
    package var isReady = false

    package init() {}
}
