import Base
import Cluster
import Raft
import Replica
import Testing
import Wire

/// Entries of the log that change the configuration, from members that check nothing before they propose.
@Suite struct ConfigurationEntryTests {
    /// Only entries of raftpb.ConfChange were checked when they came out of the log. Of ConfChangeV2, one that named a removed
    /// member ended every member of the cluster, and again at every start.
    @Test(arguments: [EntryKind.configurationChange, .configurationChangeV2])
    func `a change that brings back a removed member has no effect, of either kind`(kind: EntryKind) throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let (gone, other) = (cluster.followers[0], cluster.followers[1])
        cluster.propose(ConfigurationChange([.init(.removeMember, gone.id)]), to: leader, from: gone)
        #expect(cluster.wait { leader.status.members.count == 2 && !gone.isUp })
        let again = Bytes(TestCluster.description(gone.id).json)
        cluster.propose(ConfigurationChange([.init(.addVoter, gone.id)], context: again), kind: kind, to: leader, from: other)
        cluster.advance(.seconds(2))
        for member in [leader, other] {
            #expect(member.isUp && member.fatal == nil && member.status.members.count == 2)
            try cluster.restart(member)
        }
        let next = cluster.elect()
        let written = try cluster.call(next, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        #expect(written != nil && next.status.members.count == 2)
    }

    @Test func `a change of the second kind with a description takes effect as one of the first`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let learner = TestCluster.description(MemberID(9), isLearner: true)
        let change = ConfigurationChange([.init(.addLearner, learner.id)], context: Bytes(learner.json))
        cluster.propose(change, kind: .configurationChangeV2, to: leader, from: cluster.followers[0])
        #expect(cluster.wait { cluster.members.allSatisfy { $0.status.members.contains { $0.id == learner.id && $0.isLearner } } })
    }
}
