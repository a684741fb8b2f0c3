import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Synchronization
import Wire

/// The replica's status as the other threads see it: written by the replica's thread alone.
final class SharedStatus: Sendable {
    private let current = Mutex(ReplicaStatus())
    /// What is asked for with every call, without the lock.
    private let leaderless = Atomic(false)
    private let learner = Atomic(false)
    private let leader = Atomic<UInt64>(0)
    private let leads = Atomic(false)

    var value: ReplicaStatus { current.withLock { $0 } }

    /// No leader for so long that streams which need one are to end.
    var isLeaderless: Bool { leaderless.load(ordering: .relaxed) }
    var isLearner: Bool { learner.load(ordering: .relaxed) }
    var isLeader: Bool { leads.load(ordering: .relaxed) }
    var hasLeader: Bool { leader.load(ordering: .relaxed) != 0 }

    func update(_ status: ReplicaStatus) {
        current.withLock { $0 = status }
        leaderless.store(status.isLeaderless, ordering: .relaxed)
        learner.store(status.isLearner, ordering: .relaxed)
        leads.store(status.isLeader, ordering: .relaxed)
        leader.store(status.leader.rawValue, ordering: .relaxed)
    }
}
