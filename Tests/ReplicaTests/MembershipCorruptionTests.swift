import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

/// Hashes of members that differ: made up in the answers, as the data of a test's members does not.
@Suite struct MembershipCorruptionTests {
    private func lie(_ call: PeerCall, compactRevision: Int64) -> PeerAnswer? {
        guard case .hashKV(let revision) = call.kind else { return nil }
        return .body(
            Bytes("{\"header\":{\"revision\":\(revision)},\"hash\":1,\"compact_revision\":\(compactRevision),\"hash_revision\":\(revision)}"))
    }

    private func corrupt(_ cluster: TestCluster) -> [MemberID] {
        cluster.members[0].status.alarms.filter { $0.kind == Alarms.corrupt }.map(\.member)
    }

    private func compact(_ cluster: TestCluster, _ leader: TestMember) throws {
        for number in 0..<10 {
            let written = try cluster.call(leader, .put, put("k", "\(number)"), Etcdserverpb.PutResponse.self)
            #expect(written != nil)
        }
        let request = Etcdserverpb.CompactionRequest.with {
            $0.revision = 6
            $0.physical = true
        }
        let compacted = try cluster.call(leader, .compact, request, Etcdserverpb.CompactionResponse.self)
        #expect(compacted != nil)
        cluster.advance(.seconds(2))
    }

    @Test func `members that agree raise no alarm`() throws {
        var configuration = ReplicaConfiguration()
        configuration.corruptCheckInterval = .seconds(5)
        configuration.compactHashCheckInterval = .seconds(3)
        let cluster = try TestCluster(3, configuration)
        let leader = cluster.elect()
        try compact(cluster, leader)
        cluster.advance(.seconds(20))
        #expect(corrupt(cluster) == [])
        // Every member has answered for the compaction, so that it is not asked about again.
        var asked = 0
        cluster.answering = { call in
            if call.kind == .hashKV(revision: 6) { asked += 1 }
            return nil
        }
        cluster.advance(.seconds(10))
        #expect(asked == 0)
    }

    @Test func `a member whose compaction has another hash than the majority's is named`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let odd = cluster.followers[0].id
        cluster.answering = { [self] call in call.to == odd ? lie(call, compactRevision: -1) : nil }
        try compact(cluster, leader)
        #expect(cluster.wait { corrupt(cluster) == [odd] })
        let refused = cluster.refusal(leader, .put, put("a", "1"))
        #expect(refused == "etcdserver: corrupt cluster")
    }

    /// Found by the simulator: HashKV before a compaction keeps no tombstone, the compaction itself keeps one at its revision.
    @Test func `hashes of a compaction that left no key alive are not compared`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        cluster.answering = { [self] call in lie(call, compactRevision: -1) }
        let written = try cluster.call(leader, .put, put("k", "1"), Etcdserverpb.PutResponse.self)
        let deletion = Etcdserverpb.DeleteRangeRequest.with { $0.key = Array("k".utf8) }
        let deleted = try cluster.call(leader, .deleteRange, deletion, Etcdserverpb.DeleteRangeResponse.self)
        #expect(written != nil && deleted?.deleted == 1)
        let request = Etcdserverpb.CompactionRequest.with {
            $0.revision = 3
            $0.physical = true
        }
        let compacted = try cluster.call(leader, .compact, request, Etcdserverpb.CompactionResponse.self)
        #expect(compacted != nil)
        cluster.advance(.seconds(130))
        #expect(corrupt(cluster) == [])
    }

    @Test func `a follower whose data differs is named by the check of all data`() throws {
        var configuration = ReplicaConfiguration()
        configuration.corruptCheckInterval = .seconds(5)
        let cluster = try TestCluster(3, configuration)
        cluster.elect()
        let odd = cluster.followers[1].id
        cluster.answering = { [self] call in call.to == odd ? lie(call, compactRevision: -1) : nil }
        #expect(cluster.wait { corrupt(cluster) == [odd] })
    }

    /// etcd's check hashes the leader's own data before and after it has asked the others; ours trusted the first.
    @Test func `a leader whose own data has another hash the second time is named`() throws {
        var configuration = ReplicaConfiguration()
        configuration.corruptCheckInterval = .seconds(5)
        let cluster = try TestCluster(3, configuration)
        let leader = cluster.elect()
        let written = try cluster.call(leader, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        #expect(written != nil)
        cluster.advance(.seconds(12))
        #expect(corrupt(cluster) == [])
        var hashed = 0
        leader.hashing = { hash in
            hashed += 1
            return hashed == 2 ? ~hash : hash
        }
        #expect(cluster.wait { corrupt(cluster) == [leader.id] })
    }

    @Test func `under the alarm no data changes, and what else the log holds goes on`() throws {
        var configuration = ReplicaConfiguration()
        configuration.leaseCheckpointInterval = .seconds(10)
        let cluster = try TestCluster(3, configuration)
        let leader = cluster.elect()
        let grant = Etcdserverpb.LeaseGrantRequest.with { ($0.id, $0.ttl) = (7, 100) }
        let granted = try cluster.call(leader, .leaseGrant, grant, Etcdserverpb.LeaseGrantResponse.self)
        #expect(granted?.ttl == 100)
        let alarm = Etcdserverpb.AlarmRequest.with { ($0.action, $0.memberID, $0.alarm) = (.activate, 3, .corrupt) }
        _ = try cluster.call(leader, .alarm, alarm, Etcdserverpb.AlarmResponse.self)
        let refused = [
            cluster.refusal(leader, .put, put("a", "1")), cluster.refusal(leader, .leaseGrant, grant),
            cluster.refusal(leader, .leaseRevoke, Etcdserverpb.LeaseRevokeRequest.with { $0.id = 7 }),
        ]
        #expect(refused.allSatisfy { $0 == "etcdserver: corrupt cluster" })
        // A checkpoint of the lease's remaining time is such: the next leader goes by it.
        cluster.advance(.seconds(35))
        cluster.cutOff = [leader.id]
        let next = cluster.elect()
        let question = Etcdserverpb.LeaseTimeToLiveRequest.with { $0.id = 7 }
        let status = try cluster.call(next, .leaseTimeToLive, question, Etcdserverpb.LeaseTimeToLiveResponse.self)
        #expect((1...80).contains(status?.ttl ?? 0))
    }

    @Test func `a member that differs from the others at its start does not serve`() throws {
        var configuration = ReplicaConfiguration()
        configuration.initialCorruptCheck = true
        let cluster = try TestCluster(3, configuration)
        let leader = cluster.elect()
        let written = try cluster.call(leader, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        #expect(written != nil)
        cluster.advance(.seconds(1))
        let member = cluster.followers[0]
        try cluster.restart(member)
        #expect(cluster.wait { member.status.isReady })
        cluster.answering = { [self] call in lie(call, compactRevision: -1) }
        try cluster.restart(member)
        #expect(cluster.wait { member.fatal?.contains("found data inconsistency with peers") == true })
    }
}
