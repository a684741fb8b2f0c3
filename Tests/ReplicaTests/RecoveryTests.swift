import Base
import Cluster
import Raft
import Replica
import Storage
import Testing

struct RecoveryTests {
    /// A power loss took the log's last, unsynced record of the commit index, and the database was ahead of what was left. The
    /// member became leader, the only other one needed a snapshot, and none could be made of a store that was ahead of what was
    /// applied: no quorum ever formed again (found by the simulator, seed 488148368).
    @Test func `what the database holds counts as committed, whatever the log says`() throws {
        let founders = [1, 2].map { ClusterMember(id: MemberID($0), name: "m\($0)", peerURLs: ["http://m\($0):2380"]) }
        var found = FoundLog(founders: founders, me: MemberID(1))
        #expect(found.state.commit == LogIndex(2))
        found.state.commit = LogIndex(1)
        let disk = MemoryDisk()
        var backend = Backend.inMemory(disk)
        backend.setAppliedIndex(LogIndex(2), term: Term(1))
        let sealed = backend.seal()
        let batch = try #require(sealed)
        try backend.makeWriter().commit(batch)

        let now = Instant(nanoseconds: 1_000_000_000)
        let recovered = try Replica.recover(
            ReplicaConfiguration(), from: found, engine: .memory(disk), places: .init(database: "database", log: "log"),
            wallMilliseconds: 0, random: RandomSource(seed: 1), now: now)
        var replica = recovered.takeReplica()
        var effects = Effects(loops: 2)
        replica.flush(now: now, into: &effects)
        #expect(replica.appliedIndex == LogIndex(2))
    }
}
