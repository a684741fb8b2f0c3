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

/// The replica's status as the client loops see it: written by the replica's thread, read by the loops.
final class SharedStatus: Sendable {
    private let current = Mutex(ReplicaStatus())

    var value: ReplicaStatus { current.withLock { $0 } }

    func update(_ status: ReplicaStatus) { current.withLock { $0 = status } }
}
