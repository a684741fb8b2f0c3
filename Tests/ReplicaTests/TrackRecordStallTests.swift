import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

/// Defects that other implementations had (etcd issue numbers) when a member or its disk stood still, or was replaced by the
/// leader's. `swift test --filter ReplicaTests.TrackRecordStallTests` runs them.
@Suite struct TrackRecordStallTests {
    // The leader's database brought a consistent index; that of the member's old database was committed over it, and the member
    // applied entries a second time, or no longer started. (13514, 13654 and 13922 are of the same family.)
    @Test func `etcd 13933: the consistent index of the leader's database is not overwritten by the one from before`() throws {
        var configuration = ReplicaConfiguration()
        configuration.snapshotCount = 10
        configuration.catchUpEntries = 5
        let cluster = try TestCluster(3, configuration)
        let leader = cluster.elect()
        let laggard = cluster.followers[0]
        try cluster.write(3, through: leader)
        laggard.doesJobs = false
        cluster.cutOff = [laggard.id]
        try cluster.write(60, through: leader)
        cluster.cutOff = []
        #expect(cluster.wait { laggard.snapshot.map { laggard.received[$0.index] != nil } ?? false })
        let snapshot = try #require(laggard.snapshot)
        // The installation takes its time; afterwards everything is committed that there is.
        cluster.advance(.seconds(1))
        cluster.doJobs(laggard)
        cluster.advance(.seconds(1))
        let index = try Backend(.memory(laggard.disk)).appliedIndex
        #expect(index >= snapshot.index)
        for _ in 0..<3 {
            try cluster.restart(laggard)
            cluster.advance(.seconds(1))
            let versions = try cluster.members.map { member in
                try cluster.call(member, .range, range("key"), Etcdserverpb.RangeResponse.self)?.kvs.first?.version
            }
            #expect(versions == [63, 63, 63])
        }
    }

    // A read-only transaction whose client had given up while the process stood still had no response, which was looked into all
    // the same: the process ended.
    @Test func `etcd 14891: read-only transactions that waited while the process stood still are answered once, and it goes on`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        for value in 1...5 { _ = try cluster.call(leader, .put, put("a", "\(value)"), Etcdserverpb.PutResponse.self) }
        _ = try cluster.call(leader, .compact, Etcdserverpb.CompactionRequest.with { $0.revision = 4 }, Etcdserverpb.CompactionResponse.self)
        // Of what is there, of nothing, of a revision that is gone, of one that is to come.
        let reads = [("a", 0), ("none", 0), ("a", 2), ("a", 1000)].map { key, revision in
            Etcdserverpb.TxnRequest.with {
                $0.success = [.with { $0.request = .requestRange(.with { ($0.key, $0.revision) = (Array(key.utf8), Int64(revision)) }) }]
            }
        }
        for member in [leader, cluster.followers[0]] {
            cluster.elect()
            cluster.lets = { $0.kind != .heartbeatResponse && $0.kind != .readIndexResponse }
            let tickets = reads.map { cluster.send(member, .txn, $0) }
            #expect(!member.answers.contains { tickets.contains($0.ticket) })
            cluster.paused = [member.id]
            cluster.lets = { _ in true }
            cluster.advance(.seconds(10))
            cluster.paused = []
            cluster.advance(.seconds(10))
            for ticket in tickets { #expect(member.answers.count { $0.loop == 0 && $0.ticket == ticket } == 1) }
            #expect(member.isUp && member.fatal == nil)
            let value = try cluster.value("a", at: member)
            #expect(value == "5")
        }
    }

    // After the leader's disk had stood still for 5 s, its backlog grew on under the load that it had borne before.
    @Test(arguments: [true, false])
    func `etcd 22450: a backlog of 5 s is worked off within 2 s under the same load`(isOfLeader: Bool) throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let member = isOfLeader ? leader : cluster.followers[0]
        let grant = Etcdserverpb.LeaseGrantRequest.with { ($0.id, $0.ttl) = (7, 60) }
        _ = try cluster.call(leader, .leaseGrant, grant, Etcdserverpb.LeaseGrantResponse.self)
        var load = Load(cluster, through: member)
        load.run(for: .seconds(1))
        member.stallLog()
        load.run(for: .seconds(5))
        let backlog = member.lag
        #expect(backlog > 2500)
        member.resumeLog(now: cluster.now)
        load.run(for: .seconds(2))
        let left = member.lag
        #expect(left < 100)
        cluster.advance(.seconds(1))
        let (unanswered, refused) = load.outcome
        #expect(unanswered == 0 && refused == [])
        #expect(cluster.leader?.id == leader.id)
    }

    /// Each second 600 puts, 300 linearizable reads and 100 renewals of a lease.
    private struct Load {
        let cluster: TestCluster
        let member: TestMember
        private var tickets: [UInt64] = []
        private var puts = 0
        private let value = String(repeating: "v", count: 100)

        init(_ cluster: TestCluster, through member: TestMember) {
            self.cluster = cluster
            self.member = member
        }

        mutating func run(for interval: Interval) {
            for _ in 0..<(interval.milliseconds / 10) {
                for _ in 0..<6 {
                    puts += 1
                    tickets.append(member.send(.put, put("key\(puts % 200)", value), now: cluster.now))
                }
                for _ in 0..<3 { tickets.append(member.send(.range, range("key1"), now: cluster.now)) }
                tickets.append(member.send(.leaseKeepAlive, Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = 7 }, now: cluster.now))
                cluster.advance(.milliseconds(10))
            }
        }

        var outcome: (unanswered: Int, refused: Set<String>) {
            let answers = Dictionary(grouping: member.answers.filter { $0.loop == 0 }, by: \.ticket)
            let refused = tickets.flatMap { answers[$0] ?? [] }.filter { $0.kind == .failure }
            return (tickets.count { answers[$0] == nil }, Set(refused.map(\.text)))
        }
    }
}

extension TestMember {
    /// Entries that it knows to be committed and has not applied.
    fileprivate var lag: UInt64 {
        guard let counters = replica?.counters else { return .max }
        return counters.committedIndex - counters.appliedIndex
    }
}
