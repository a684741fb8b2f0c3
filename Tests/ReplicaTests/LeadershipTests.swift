import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

@Suite struct LeadershipTests {
    private func move(_ target: UInt64, through member: TestMember, in cluster: TestCluster) -> UInt64 {
        let ticket = cluster.send(member, .moveLeader, Etcdserverpb.MoveLeaderRequest.with { $0.targetID = target })
        _ = cluster.wait { member.answers.contains { $0.ticket == ticket } }
        return ticket
    }

    @Test func `leadership moves to the member that was named, and writes go on`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let target = cluster.followers[0]
        let before = cluster.now
        let ticket = move(target.id.rawValue, through: leader, in: cluster)
        let answer = try leader.answer(ticket, Etcdserverpb.MoveLeaderResponse.self)
        #expect(answer != nil && target.status.isLeader)
        #expect(cluster.now - before < .seconds(1))
        let written = try cluster.call(leader, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        #expect(written != nil)
    }

    @Test func `a transfer is refused by a follower, and to somebody who is no member`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let follower = cluster.followers[0]
        let asked = move(leader.id.rawValue, through: follower, in: cluster)
        #expect(follower.failure(asked)?.text == "etcdserver: not leader")
        let stranger = move(77, through: leader, in: cluster)
        #expect(leader.failure(stranger)?.text == "etcdserver: bad leader transferee")
        let itself = move(leader.id.rawValue, through: leader, in: cluster)
        let answer = try leader.answer(itself, Etcdserverpb.MoveLeaderResponse.self)
        #expect(answer != nil)
    }

    @Test func `a transfer to a member that does not answer takes too long`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let target = cluster.followers[0]
        cluster.crash(target)
        let ticket = move(target.id.rawValue, through: leader, in: cluster)
        let failure = leader.failure(ticket)
        #expect(failure?.text == "etcdserver: request timed out, leader transfer took too long" && failure?.code == 2)
    }

    @Test func `a put during a transfer waits for the new leader`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let target = cluster.followers[0]
        // The target hears of nothing for a while: the transfer is under way and cannot finish.
        cluster.lets = { $0.to != target.id || $0.kind != .timeoutNow }
        _ = leader.send(.moveLeader, Etcdserverpb.MoveLeaderRequest.with { $0.targetID = target.id.rawValue }, now: cluster.now)
        cluster.settle()
        let ticket = cluster.send(leader, .put, put("a", "1"))
        cluster.lets = { _ in true }
        let answered = try cluster.wait { try leader.answer(ticket, Etcdserverpb.PutResponse.self) != nil }
        #expect(answered)
    }

    /// Forwarded proposals that met a leader in transfer were dropped, and their clients waited for the whole request timeout.
    @Test func `puts through followers during a transfer all succeed, and soon`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let target = cluster.followers[0]
        var tickets: [(TestMember, UInt64)] = []
        cluster.lets = { $0.to != target.id || $0.kind != .timeoutNow }
        _ = leader.send(.moveLeader, Etcdserverpb.MoveLeaderRequest.with { $0.targetID = target.id.rawValue }, now: cluster.now)
        cluster.settle()
        for member in cluster.members {
            for number in 0..<10 { tickets.append((member, cluster.send(member, .put, put("\(member.id)-\(number)", "x")))) }
        }
        cluster.lets = { _ in true }
        let start = cluster.now
        let answered = try cluster.wait { try tickets.allSatisfy { try $0.answer($1, Etcdserverpb.PutResponse.self) != nil } }
        #expect(answered && cluster.now - start < .seconds(4))
    }

    @Test func `a leader that stops hands over first`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let handsOver = leader.replica?.handOver()
        #expect(handsOver == true)
        let before = cluster.now
        let done = cluster.wait { !leader.status.isLeader && leader.status.leader != .zero }
        #expect(done && cluster.now - before < .seconds(1))
    }

    @Test func `a proposal that is lost with its leader ends in etcd's text for that`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let follower = cluster.followers[0]
        cluster.lets = { $0.kind != .proposal }
        cluster.crash(leader)
        // Made while the old leader is still believed in, at all times before the new one is known.
        var tickets: [UInt64] = []
        _ = cluster.wait {
            tickets.append(cluster.send(follower, .put, put("a", "1")))
            return cluster.leader.map { $0.id != leader.id } ?? false
        }
        let failed = cluster.wait { tickets.allSatisfy { follower.failure($0) != nil || follower.status.isLeader } }
        let texts = Set(tickets.compactMap { follower.failure($0)?.text })
        #expect(failed && (follower.status.isLeader || texts.contains("etcdserver: request timed out, possibly due to previous leader failure")))
    }

    @Test func `a read that waits when its leader fails is answered by the next one`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        _ = try cluster.call(leader, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        let follower = cluster.followers[0]
        cluster.crash(leader)
        let value = try cluster.value("a", at: follower)
        #expect(value == "1")
    }

    @Test func `every member tells the cluster its name and URLs`() throws {
        let cluster = try TestCluster()
        cluster.elect()
        let known = cluster.wait { cluster.members.allSatisfy { $0.status.isReady && $0.status.members.allSatisfy(\.isStarted) } }
        #expect(known)
        let urls = cluster.members[0].status.members.map(\.clientURLs)
        #expect(urls == [["http://m1:2379"], ["http://m2:2379"], ["http://m3:2379"]])
    }
}
