import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

func put(_ key: String, _ value: String, lease: Int64 = 0) -> Etcdserverpb.PutRequest {
    .with {
        $0.key = Array(key.utf8)
        $0.value = Array(value.utf8)
        $0.lease = lease
    }
}

func range(_ key: String, serializable: Bool = false) -> Etcdserverpb.RangeRequest {
    .with {
        $0.key = Array(key.utf8)
        $0.serializable = serializable
    }
}

extension TestCluster {
    /// The value at `key` as `member` tells it; nil if it has none or does not answer.
    func value(_ key: String, at member: TestMember, serializable: Bool = false) throws -> String? {
        let response = try call(member, .range, range(key, serializable: serializable), Etcdserverpb.RangeResponse.self)
        return response?.kvs.first.map { String(decoding: $0.value, as: UTF8.self) }
    }
}

@Suite struct ClusterTests {
    @Test func `three members elect a leader that all know`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let others = cluster.followers.map(\.status.leader)
        #expect(others == [leader.id, leader.id])
        #expect(leader.peers.members.count == 2)
    }

    @Test func `a put through any member is read through any other`() throws {
        let cluster = try TestCluster()
        cluster.elect()
        for writer in cluster.members {
            let response = try cluster.call(writer, .put, put("key", "by \(writer.id)"), Etcdserverpb.PutResponse.self)
            #expect(response != nil)
            for reader in cluster.members {
                let value = try cluster.value("key", at: reader)
                #expect(value == "by \(writer.id)")
            }
        }
    }

    @Test func `writes go on after the leader is gone, and it catches up when it is back`() throws {
        let cluster = try TestCluster()
        let old = cluster.elect()
        _ = try cluster.call(old, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        cluster.crash(old)
        let new = cluster.elect()
        #expect(new.id != old.id)
        _ = try cluster.call(new, .put, put("a", "2"), Etcdserverpb.PutResponse.self)
        try cluster.restart(old)
        cluster.elect()
        let value = try cluster.value("a", at: old)
        #expect(value == "2")
    }

    @Test func `a minority serves serializable reads and nothing else`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        _ = try cluster.call(leader, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        let alone = cluster.followers[0]
        cluster.advance(.seconds(1))
        for member in cluster.members where member.id != alone.id { cluster.crash(member) }
        let stale = try cluster.value("a", at: alone, serializable: true)
        #expect(stale == "1")
        let ticket = cluster.send(alone, .range, range("a"))
        let refused = cluster.wait { alone.failure(ticket) != nil }
        #expect(refused)
        #expect(alone.failure(ticket)?.text == "etcdserver: request timed out")
    }

    @Test func `a write that no leader took in its time ends as Go's contexts end`() throws {
        let cluster = try TestCluster(3)
        cluster.elect()
        let alone = cluster.followers[0]
        for member in cluster.members where member.id != alone.id { cluster.crash(member) }
        cluster.advance(.seconds(5))
        let ticket = cluster.send(alone, .put, put("a", "1"))
        let refused = cluster.wait { alone.failure(ticket) != nil }
        #expect(refused)
        #expect(alone.failure(ticket)?.text == "context deadline exceeded")
        #expect(alone.failure(ticket)?.code == 4)
    }

    @Test func `every follower gets one append message for a batch of puts`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        cluster.advance(.seconds(1))
        let before = cluster.messageCounts[.append] ?? 0
        for number in 0..<100 { leader.send(.put, put("key\(number)", "x"), now: cluster.now) }
        cluster.settle()
        let answered = leader.answers.count { $0.kind == .message }
        #expect(answered == 100)
        let messages = (cluster.messageCounts[.append] ?? 0) - before
        // The entries, and that they are committed.
        #expect(messages <= 4)
    }
}
