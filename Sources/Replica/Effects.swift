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
    /// For peers, in order for each target. `after` names the log write that must be durable before it leaves: nil, it goes
    /// to the peer thread at once; otherwise it takes the way of that write, behind it.
    package var messages: [OutgoingMessage] = []
    /// Databases for members that have fallen behind; each is answered with `Input.snapshotSent`, once.
    package var snapshots: [OutgoingSnapshot] = []
    /// Questions to other members over HTTP; each is answered with `Input.callAnswered`, once, also when there is no answer.
    package var calls: [PeerCall] = []
    /// Whom to connect to: at the start, and whenever that has changed.
    package var peers: PeerList?
    /// This member was removed from its cluster and has told the others what they need: close down, with exit status 0.
    package var stopped = false
    /// What the outside may know of the replica, when it has changed.
    package var status: ReplicaStatus?
    /// The replica cannot go on; the text says why and what to do.
    package var fatal: String?

    package init(loops: Int) {
        responses = (0..<loops).map { _ in ResponseBuilder() }
    }

    package var isEmpty: Bool {
        log.isEmpty && background.isEmpty && messages.isEmpty && snapshots.isEmpty && calls.isEmpty && peers == nil && !stopped
            && status == nil && fatal == nil && responses.allSatisfy(\.isEmpty)
    }
}

/// Work for the log thread.
package enum LogWork: Sendable {
    /// Entries, then the hard state, made durable by one sync if the write says so; answered then with `Input.persisted`.
    case append(LogWrite, entries: [Entry])
    /// The `.snap` file, durable, then its record in the log, durable; then what it makes superfluous may go.
    /// The hard state goes into the log before the record: only a snapshot whose index is known to be committed counts.
    case saveSnapshot(RaftSnapshot, HardState)
    /// A snapshot from the leader takes the place of the whole log: the `.snap` file, durable; its record, then the write's
    /// hard state, durable; then the entries, durable; answered with `Input.persisted`. The database that belongs to it
    /// (`<hex16 of the index>.snap.db`) is durable already. (Entries in the log before the record and the state that confirm
    /// it would be a gap to a start that finds only those.)
    case restore(RaftSnapshot, LogWrite, entries: [Entry])
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
        /// The database file for a member that has fallen behind: exactly what the commits before this work hold. Its view
        /// is to be taken when the work arrives, before any later commit, also while another job is running.
        case exportForPeer(index: LogIndex)
        /// Imports the file into a fresh database beside the present one, which it then replaces under its name; that one's
        /// readers go on with what they have. Later commits go to the new one, which `DatabaseLoader.load` takes up.
        case install(file: SnapshotFile, index: LogIndex, DatabaseLoader)
    }
}

/// What the background thread has to say of a job.
package enum JobResult: Sendable {
    /// Without a hash when not all rows could be hashed.
    case compacted(hash: UInt32?)
    case hash(UInt32)
    case snapshot(SnapshotFile)
    case defragmented
    case installed(InstalledDatabase)
    case failed(String)
}

/// What the rest of the member shows of the replica: `/version`, `/health`, metrics.
package struct ReplicaStatus: Sendable, Equatable {
    package var leader = MemberID.zero
    package var isLeader = false
    package var term = Term.zero
    /// No leader has been known for three election timeouts: streams that asked for one (`hasleader`) are to be ended.
    package var isLeaderless = false
    /// This member is a learner: it serves serializable ranges, status and snapshots only.
    package var isLearner = false
    /// Members that were removed: their peers' requests are refused.
    package var removedMembers: [MemberID] = []
    package var clusterVersion: Version?
    package var storageVersion: Version?
    /// As configured: other leaders keep to it too.
    package var maxClusterVersion: Version?
    /// Of a downgrade under way.
    package var downgradeTarget: Version?
    package var alarms: [Alarms.Alarm] = []
    package var members: [ClusterMember] = []
    /// Whether reads and writes can be served: a leader is known and the member's attributes are applied.
    package var isReady = false

    package init() {}
}
