import Base
import Raft
import Testing

@Suite struct ReadTests {
    @Test func `all reads of a turn share one round, confirmed by a majority (thesis §6.4)`() throws {
        let one = try TestNode(voters: 5)
        one.lead(votes: [2, 3])
        one.turn()
        for follower in [2, 3] as [UInt64] { one.acknowledge(from: follower, 1) }
        one.turn()
        for context in UInt64(1)...3 { try one.node.readIndex(context: context) }
        let heartbeats = one.turn().filter { $0.kind == .heartbeat }
        #expect(heartbeats.count == 4)
        #expect(Set(heartbeats.map(\.context.array)).count == 1)
        func confirm(_ follower: UInt64) {
            one.step(.heartbeatResponse, from: follower, term: 1) { $0.context = heartbeats[0].context }
            one.turn()
        }
        confirm(2)
        confirm(2)
        #expect(one.output.readStates == [])
        confirm(5)
        #expect(one.output.readStates == (1...3).map { ReadState(context: $0, index: LogIndex(1)) })
    }

    @Test func `a later round confirms the earlier ones, and a lost round is repeated with the next heartbeat`() throws {
        let one = try TestNode()
        one.lead()
        one.turn()
        one.acknowledge(from: 2, 1)
        one.turn()
        try one.node.readIndex(context: 1)
        one.turn()
        _ = try one.node.propose(Bytes("x"))
        one.turn()
        one.acknowledge(from: 2, 2)
        try one.node.readIndex(context: 2)
        one.turn()
        one.node.tick()
        let heartbeat = one.turn().first { $0.kind == .heartbeat }!
        one.step(.heartbeatResponse, from: 2, term: 1) { $0.context = heartbeat.context }
        one.turn()
        #expect(one.output.readStates == [ReadState(context: 1, index: LogIndex(1)), ReadState(context: 2, index: LogIndex(2))])
    }

    @Test func `a follower's reads go through its leader, which answers after its term's first commit (etcd 14258)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.drop = { $0.kind == .appendResponse }
        cluster.elect(1)
        cluster.read(at: cluster[2])
        cluster.read(at: cluster[1])
        cluster.settle()
        #expect(cluster.members.map(\.readsAnswered) == [0, 0, 0])
        cluster.drop = nil
        cluster.tickAll(2)
        #expect(cluster.members.map(\.readsAnswered) == [1, 1, 0])
        #expect(cluster.violations == [])
    }

    @Test func `a read whose messages are lost, or whose leader goes, is asked again`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        cluster.drop = { $0.kind == .readIndex }
        cluster.read(at: cluster[2])
        cluster.settle()
        cluster.drop = nil
        cluster.tickAll(6)
        #expect(cluster[2].readsAnswered == 1)
        cluster.isolate(1)
        cluster.read(at: cluster[2])
        cluster.settle()
        cluster.read(at: cluster[1])
        cluster.tickAll(60)
        #expect(cluster[2].readsAnswered == 2)
        #expect(cluster[1].readsAnswered == 0)
        cluster.cut = []
        cluster.tickAll(20)
        #expect(cluster[1].readsAnswered == 1)
        #expect(cluster.violations == [])
    }

    @Test func `too many waiting reads are refused`() throws {
        let one = try TestNode { $0.readsPendingMax = 2 }
        try one.node.readIndex(context: 1)
        try one.node.readIndex(context: 2)
        #expect(throws: RaftError.tooManyReads(max: 2)) { try one.node.readIndex(context: 3) }
    }
}
