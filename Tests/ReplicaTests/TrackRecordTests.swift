import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

/// Defects that other implementations had (etcd issue numbers), as stories of whole clusters without I/O.
/// `swift test --filter ReplicaTests.TrackRecordTests` runs them.
///
/// The whole record, and where each entry is told: Tests/track-record.md.
@Suite struct TrackRecordTests {
    private func shortLog() -> ReplicaConfiguration {
        var configuration = ReplicaConfiguration()
        configuration.snapshotCount = 10
        configuration.catchUpEntries = 5
        return configuration
    }

    /// All rows and the revision of a member's store.
    private func state(of member: TestMember, in cluster: TestCluster) throws -> Etcdserverpb.RangeResponse {
        let everything = Etcdserverpb.RangeRequest.with {
            ($0.key, $0.rangeEnd) = ([0], [0])
            $0.serializable = true
        }
        var response = try #require(try cluster.call(member, .range, everything, Etcdserverpb.RangeResponse.self))
        response.header = .with { [revision = response.header?.revision ?? 0] in $0.revision = revision }
        return response
    }

    private func expectEqualStates(_ cluster: TestCluster) throws {
        cluster.advance(.seconds(2))
        let expected = try state(of: cluster.members[0], in: cluster)
        for member in cluster.members.dropFirst() {
            let found = try state(of: member, in: cluster)
            #expect(found == expected)
        }
    }

    @Test func `etcd 13766: members that are killed while they write and snapshot hold the same at the same revision`() throws {
        // The applied index must never reach the database without what was applied.
        let cluster = try TestCluster(3, shortLog())
        for round in 0..<12 {
            let leader = cluster.elect()
            for number in 0..<15 { cluster.send(leader, .put, put("key\(number % 4)", "\(round).\(number)")) }
            let victim = cluster.members[round % 3]
            cluster.crash(victim)
            cluster.advance(.milliseconds(50))
            try cluster.restart(victim)
        }
        cluster.elect()
        try expectEqualStates(cluster)
    }

    @Test func `etcd 17780: after a compaction at a deletion and a restart of all, the revision is not lower`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        for _ in 0..<3 { _ = try cluster.call(leader, .put, put("a", "1"), Etcdserverpb.PutResponse.self) }
        let deletion = Etcdserverpb.DeleteRangeRequest.with { $0.key = Array("a".utf8) }
        let deleted = try cluster.call(leader, .deleteRange, deletion, Etcdserverpb.DeleteRangeResponse.self)
        let revision = try #require(deleted?.header?.revision)
        let compaction = Etcdserverpb.CompactionRequest.with { $0.revision = revision }
        _ = try cluster.call(leader, .compact, compaction, Etcdserverpb.CompactionResponse.self)
        cluster.advance(.seconds(1))
        for member in cluster.members { cluster.crash(member) }
        for member in cluster.members { try cluster.restart(member) }
        cluster.elect()
        for member in cluster.members {
            let found = try state(of: member, in: cluster)
            #expect(found.header?.revision == revision)
        }
        try expectEqualStates(cluster)
    }

    @Test func `etcd 18667, 21432: a transaction with a range that is compacted happens nowhere, also where the rows are still there`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        for value in 1...5 { _ = try cluster.call(leader, .put, put("a", "\(value)"), Etcdserverpb.PutResponse.self) }
        // One member's rows stay: its background thread does nothing.
        let slow = cluster.followers[0]
        slow.doesJobs = false
        _ = try cluster.call(leader, .compact, Etcdserverpb.CompactionRequest.with { $0.revision = 5 }, Etcdserverpb.CompactionResponse.self)
        let txn = Etcdserverpb.TxnRequest.with {
            $0.success = [
                .with { $0.request = .requestPut(put("b", "half")) },
                .with { $0.request = .requestRange(.with { ($0.key, $0.revision) = (Array("a".utf8), 3) }) },
            ]
        }
        let ticket = cluster.send(leader, .txn, txn)
        let refused = cluster.wait { leader.failure(ticket) != nil }
        #expect(refused)
        slow.doesJobs = true
        for member in cluster.members {
            let half = try cluster.value("b", at: member)
            #expect(half == nil)
        }
        try expectEqualStates(cluster)
    }

    @Test func `etcd 14087: a key that is put again while its lease ends has one fate on all members`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let grant = Etcdserverpb.LeaseGrantRequest.with { ($0.id, $0.ttl) = (7, 5) }
        _ = try cluster.call(leader, .leaseGrant, grant, Etcdserverpb.LeaseGrantResponse.self)
        _ = try cluster.call(leader, .put, put("a", "leased", lease: 7), Etcdserverpb.PutResponse.self)
        cluster.send(leader, .leaseRevoke, Etcdserverpb.LeaseRevokeRequest.with { $0.id = 7 })
        for member in cluster.members { cluster.send(member, .put, put("a", "by \(member.id)", lease: 7)) }
        for member in cluster.members { cluster.send(member, .put, put("a", "again by \(member.id)")) }
        try expectEqualStates(cluster)
        let value = try cluster.value("a", at: leader)
        #expect(value?.hasPrefix("again by") == true)
    }

    @Test func `etcd 14140: what was acknowledged is there after a crash of any majority, and no read is older`() throws {
        let cluster = try TestCluster()
        for round in 0..<6 {
            let leader = cluster.elect()
            let written = try cluster.call(leader, .put, put("a", "\(round)"), Etcdserverpb.PutResponse.self)
            #expect(written != nil)
            for place in 0..<2 { cluster.crash(cluster.members[(round + place) % 3]) }
            for member in cluster.members where !member.isUp { try cluster.restart(member) }
            cluster.elect()
            for member in cluster.members {
                let value = try cluster.value("a", at: member)
                #expect(value == "\(round)")
            }
        }
    }
}
