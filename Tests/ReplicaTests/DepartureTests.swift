import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

@Suite struct LostDataTests {
    // Two of three members lost their disks and were started as new; the third took over their empty log.
    @Test(arguments: [false, true])
    func `etcd 12227: a member with the data does not follow others that were started anew`(isCutOffFirst: Bool) throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        for number in 0..<20 { _ = try cluster.call(leader, .put, put("a", "\(number)"), Etcdserverpb.PutResponse.self) }
        cluster.advance(.seconds(1))
        if isCutOffFirst { cluster.cutOff = [MemberID(3)] }
        for id: UInt64 in [1, 2] {
            cluster.crash(cluster[id])
            _ = try cluster.startAnew(id)
        }
        if isCutOffFirst {
            // The two have a leader, and a later term than the third.
            for _ in 0..<5 {
                let usurper = cluster.elect()
                if usurper.status.term > cluster[3].status.term { break }
                try cluster.restart(usurper)
            }
            cluster.cutOff = []
        }
        cluster.advance(.seconds(20))
        let survivor = cluster[3]
        #expect(survivor.fatal == nil)
        let kept = try cluster.value("a", at: survivor, serializable: true)
        #expect(kept == "19")
        let texts = cluster.members.compactMap(\.fatal)
        #expect(!texts.isEmpty && texts.allSatisfy { $0.contains("with an empty data directory") })
    }
}

@Suite struct FirstElectionTests {
    @Test func `a cluster that starts has a leader before an election timeout has passed, if all are connected`() throws {
        let cluster = try TestCluster()
        let start = cluster.now
        cluster.elect()
        // 2 to 11 ticks of 100 ms, for the first of three.
        #expect(cluster.now - start < .milliseconds(1300))
    }

    @Test func `without the advance nobody campaigns within an election timeout`() throws {
        var configuration = ReplicaConfiguration()
        configuration.initialElectionTickAdvance = false
        let cluster = try TestCluster(3, configuration)
        cluster.advance(.milliseconds(900))
        let campaigns = cluster.messageCounts[.preVote] ?? 0
        #expect(campaigns == 0 && cluster.leader == nil)
    }

    @Test func `a proposal to a leader that is no longer connected ends in etcd's text for that`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let follower = cluster.followers[0]
        cluster.advance(.seconds(10))
        cluster.lets = { $0.kind != .proposal }
        let ticket = cluster.send(follower, .put, put("a", "1"))
        follower.step(.link(leader.id, isUp: false), now: cluster.now)
        let failed = cluster.wait { follower.failure(ticket) != nil }
        #expect(failed && follower.failure(ticket)?.text == "etcdserver: request timed out, possibly due to connection lost")
    }
}

extension TestCluster {
    /// A change of the membership as another member hands it to the leader: nothing has checked it.
    func propose(_ change: ConfigurationChange, kind: EntryKind = .configurationChange, to leader: TestMember, from member: TestMember) {
        let data = kind == .configurationChangeV2 ? change.encodedV2() : change.encodedV1()
        let entry = Entry(term: .zero, index: .zero, kind: kind, data: data)
        leader.step(.peer([Message(.proposal, from: member.id, to: leader.id, entries: [entry])]), now: now)
        settle()
    }
}

@Suite struct RemovalTests {
    @Test func `a removed founder's messages count for nothing`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let follower = cluster.followers[0]
        cluster.propose(ConfigurationChange([.init(.removeMember, follower.id)]), to: leader, from: follower)
        let gone = cluster.wait { leader.status.members.count == 2 }
        #expect(gone && leader.status.removedMembers == [follower.id])
        // It learns of it, or is told by its peers' transport; here by the log.
        let stopped = cluster.wait { follower.isStopped || !follower.isUp }
        #expect(stopped)
        let term = leader.status.term
        leader.step(
            .peer([
                Message(
                    .vote, from: follower.id, to: leader.id, term: Term(99), logTerm: Term(98), index: LogIndex(1000),
                    context: Bytes("CampaignTransfer"))
            ]),
            now: cluster.now)
        cluster.settle()
        #expect(leader.status.term == term && leader.status.isLeader)
    }

    @Test func `a leader that is removed tells the others and stops`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let follower = cluster.followers[0]
        cluster.propose(ConfigurationChange([.init(.removeMember, leader.id)]), to: leader, from: follower)
        let stopped = cluster.wait { leader.isStopped }
        #expect(stopped && leader.fatal == nil)
        let next = cluster.elect()
        #expect(next.status.members.count == 2)
        let written = try cluster.call(next, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        #expect(written != nil)
    }
}
