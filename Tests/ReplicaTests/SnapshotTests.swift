import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

private func watch(_ key: String, from revision: Int64 = 0) -> Etcdserverpb.WatchRequest {
    .with {
        $0.requestUnion = .createRequest(
            .with {
                $0.key = Array(key.utf8)
                $0.startRevision = revision
            })
    }
}

private func shortLog() -> ReplicaConfiguration {
    var configuration = ReplicaConfiguration()
    configuration.snapshotCount = 10
    configuration.catchUpEntries = 5
    return configuration
}

extension TestCluster {
    func write(_ count: Int, through member: TestMember, key: String = "key") throws {
        for number in 0..<count {
            _ = try call(member, .put, put(key, "\(number)"), Etcdserverpb.PutResponse.self)
            advance(.milliseconds(10))
        }
    }

    func revision(at member: TestMember) throws -> Int64? {
        try call(member, .range, range("none", serializable: true), Etcdserverpb.RangeResponse.self)?.header?.revision
    }
}

@Suite struct SnapshotTests {
    /// A cluster one of whose followers was down for longer than the log is kept.
    private func clusterWithLaggard(_ writes: Int = 60) throws -> (TestCluster, leader: TestMember, laggard: TestMember) {
        let cluster = try TestCluster(3, shortLog())
        let leader = cluster.elect()
        let laggard = cluster.followers[0]
        cluster.cutOff = [laggard.id]
        try cluster.write(writes, through: leader)
        return (cluster, leader, laggard)
    }

    @Test func `a member that the log no longer reaches gets the leader's database and goes on from there`() throws {
        let (cluster, leader, laggard) = try clusterWithLaggard()
        cluster.cutOff = []
        let value = try cluster.value("key", at: laggard)
        #expect(value == "59")
        let installed = laggard.replica?.counters.snapshotsInstalled
        #expect(installed == 1)
        try cluster.write(1, through: laggard, key: "after")
        let after = try cluster.value("after", at: leader)
        #expect(after == "0")
    }

    @Test func `a crash between the record of a snapshot and its installation is made up for at the start`() throws {
        let (cluster, _, laggard) = try clusterWithLaggard()
        laggard.doesJobs = false
        cluster.cutOff = []
        let arrived = cluster.wait { laggard.snapshot != nil && laggard.received[laggard.snapshot!.index] != nil }
        #expect(arrived)
        laggard.doesJobs = true
        try cluster.restart(laggard)
        let value = try cluster.value("key", at: laggard)
        #expect(value == "59")
    }

    @Test func `a member serves what it had while the leader's database is being installed`() throws {
        let (cluster, leader, laggard) = try clusterWithLaggard()
        laggard.doesJobs = false
        cluster.cutOff = []
        let arrived = cluster.wait { laggard.received.isEmpty == false }
        #expect(arrived)
        cluster.advance(.seconds(3))
        let leaderBefore = laggard.status.leader
        #expect(leaderBefore == leader.id)
        let old = try cluster.call(laggard, .range, range("key", serializable: true), Etcdserverpb.RangeResponse.self)
        #expect(old != nil && old?.kvs.isEmpty == true)
        cluster.doJobs(laggard)
        let value = try cluster.value("key", at: laggard)
        #expect(value == "59")
    }

    /// The second of two snapshots in quick succession met the installation of the first, and the member panicked.
    @Test func `etcd 18055: two snapshots in quick succession are both survived`() throws {
        let (cluster, leader, laggard) = try clusterWithLaggard()
        laggard.doesJobs = false
        cluster.cutOff = []
        let first = cluster.wait { laggard.received.count == 1 }
        cluster.cutOff = [laggard.id]
        try cluster.write(60, through: leader)
        cluster.cutOff = []
        let second = cluster.wait { laggard.received.count == 2 }
        #expect(first && second)
        cluster.doJobs(laggard)
        try cluster.write(1, through: leader)
        let value = try cluster.value("key", at: laggard)
        #expect(value == "0" && laggard.fatal == nil)
        let revisions = (try cluster.revision(at: laggard), try cluster.revision(at: leader))
        #expect(revisions.0 == revisions.1)
    }

    /// A snapshot was installed while a defragmentation was under way, and one destroyed the other's file.
    @Test func `etcd 20271: a snapshot that comes during a defragmentation waits for it`() throws {
        let (cluster, _, laggard) = try clusterWithLaggard()
        laggard.doesJobs = false
        let ticket = cluster.send(laggard, .defragment, Etcdserverpb.DefragmentRequest())
        cluster.cutOff = []
        let arrived = cluster.wait { !laggard.received.isEmpty }
        #expect(arrived)
        let second = cluster.send(laggard, .defragment, Etcdserverpb.DefragmentRequest())
        cluster.doJobs(laggard)
        let answers = try (laggard.answer(ticket, Etcdserverpb.DefragmentResponse.self), laggard.answer(second, Etcdserverpb.DefragmentResponse.self))
        #expect(answers.0 != nil && answers.1 != nil)
        let value = try cluster.value("key", at: laggard)
        #expect(value == "59")
    }

    /// A watch on a member that is brought up to date by a snapshot saw events again, or not at all.
    @Test func `etcd 15271: a watch goes on across a snapshot without a gap and without a repetition`() throws {
        let cluster = try TestCluster(3, shortLog())
        let leader = cluster.elect()
        let laggard = cluster.followers[0]
        let stream = cluster.send(laggard, .watch, watch("key"))
        try cluster.write(5, through: leader)
        cluster.cutOff = [laggard.id]
        try cluster.write(60, through: leader)
        cluster.cutOff = []
        _ = try cluster.value("key", at: laggard)
        try cluster.write(5, through: leader)
        cluster.advance(.seconds(1))
        let events = try laggard.stream(stream, Etcdserverpb.WatchResponse.self).flatMap(\.events).compactMap { $0.kv?.modRevision }
        #expect(events == Array(2...71))
        let installed = laggard.replica?.counters.snapshotsInstalled
        #expect(installed == 1)
    }

    /// A watch that starts at a future revision was told of earlier ones by a member that lagged.
    @Test func `etcd 20221: a watch from a future revision hears nothing earlier across a snapshot`() throws {
        let (cluster, leader, laggard) = try clusterWithLaggard()
        let stream = cluster.send(laggard, .watch, watch("key", from: 65))
        cluster.cutOff = []
        _ = try cluster.value("key", at: laggard)
        try cluster.write(10, through: leader)
        cluster.advance(.seconds(1))
        let events = try laggard.stream(stream, Etcdserverpb.WatchResponse.self).flatMap(\.events).compactMap { $0.kv?.modRevision }
        #expect(events == Array(65...71))
    }

    @Test func `two members that have fallen behind share one export`() throws {
        let cluster = try TestCluster(5, shortLog())
        let leader = cluster.elect()
        let laggards = Array(cluster.followers.prefix(2))
        cluster.cutOff = Set(laggards.map(\.id))
        try cluster.write(60, through: leader)
        cluster.heldSnapshots = []
        cluster.cutOff = []
        let both = cluster.wait { cluster.heldSnapshots?.count == 2 }
        #expect(both)
        cluster.deliverSnapshots()
        for laggard in laggards {
            let value = try cluster.value("key", at: laggard)
            #expect(value == "59")
        }
    }

    @Test func `leases and their keys come along with a snapshot`() throws {
        let cluster = try TestCluster(3, shortLog())
        let leader = cluster.elect()
        let laggard = cluster.followers[0]
        cluster.cutOff = [laggard.id]
        let lease = try cluster.call(leader, .leaseGrant, Etcdserverpb.LeaseGrantRequest.with { $0.ttl = 1000 }, Etcdserverpb.LeaseGrantResponse.self)
        let id = try #require(lease?.id)
        _ = try cluster.call(leader, .put, put("leased", "x", lease: id), Etcdserverpb.PutResponse.self)
        try cluster.write(60, through: leader)
        cluster.cutOff = []
        _ = try cluster.value("key", at: laggard)
        let list = try cluster.call(laggard, .leaseLeases, Etcdserverpb.LeaseLeasesRequest(), Etcdserverpb.LeaseLeasesResponse.self)
        #expect(list?.leases.map(\.id) == [id])
        _ = try cluster.call(laggard, .leaseRevoke, Etcdserverpb.LeaseRevokeRequest.with { $0.id = id }, Etcdserverpb.LeaseRevokeResponse.self)
        let value = try cluster.value("leased", at: laggard)
        #expect(value == nil)
    }

    /// After kills at random the members' data differed.
    @Test(arguments: 0..<4) func `etcd 13766: members that crash at any time hold the same in the end`(seed: Int) throws {
        let cluster = try TestCluster(3, shortLog())
        var random = RandomSource(seed: UInt64(seed))
        for round in 0..<12 {
            let leader = cluster.elect()
            try cluster.write(Int.random(in: 1...25, using: &random), through: leader, key: "key\(round % 3)")
            let victim = cluster.members[Int.random(in: 0..<3, using: &random)]
            cluster.crash(victim)
            if Bool.random(using: &random), let writer = Optional(cluster.elect()) {
                try cluster.write(Int.random(in: 1...40, using: &random), through: writer, key: "down")
            }
            try cluster.restart(victim)
        }
        cluster.elect()
        cluster.advance(.seconds(2))
        let answers = try cluster.members.map { member in
            try cluster.call(
                member, .range,
                Etcdserverpb.RangeRequest.with {
                    $0.key = [0]
                    $0.rangeEnd = [0]
                }, Etcdserverpb.RangeResponse.self)
        }
        #expect(answers.allSatisfy { $0?.kvs == answers[0]?.kvs && $0?.header?.revision == answers[0]?.header?.revision })
        #expect(cluster.members.allSatisfy { $0.fatal == nil })
    }
}
