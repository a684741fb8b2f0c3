import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

@Suite struct LeaseClusterTests {
    private func grant(_ ttl: Int64, through member: TestMember, in cluster: TestCluster) throws -> Int64 {
        let request = Etcdserverpb.LeaseGrantRequest.with { $0.ttl = ttl }
        return try #require(try cluster.call(member, .leaseGrant, request, Etcdserverpb.LeaseGrantResponse.self)).id
    }

    /// The TTL of the answer; nil if the stream was ended instead.
    private func keepAlive(_ lease: Int64, through member: TestMember, in cluster: TestCluster) throws -> Int64? {
        let ticket = cluster.send(member, .leaseKeepAlive, Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = lease })
        _ = try cluster.wait {
            try !member.stream(ticket, Etcdserverpb.LeaseKeepAliveResponse.self).isEmpty || member.failure(ticket) != nil
        }
        return try member.stream(ticket, Etcdserverpb.LeaseKeepAliveResponse.self).first?.ttl
    }

    /// Through the leader there is by now.
    private func endLease(_ lease: Int64, in cluster: TestCluster) throws {
        let request = Etcdserverpb.LeaseRevokeRequest.with { $0.id = lease }
        let revoked = try cluster.call(cluster.elect(), .leaseRevoke, request, Etcdserverpb.LeaseRevokeResponse.self)
        #expect(revoked != nil)
    }

    private func timeToLive(_ lease: Int64, through member: TestMember, in cluster: TestCluster) throws -> Etcdserverpb.LeaseTimeToLiveResponse? {
        let request = Etcdserverpb.LeaseTimeToLiveRequest.with {
            $0.id = lease
            $0.keys = true
        }
        return try cluster.call(member, .leaseTimeToLive, request, Etcdserverpb.LeaseTimeToLiveResponse.self)
    }

    @Test func `a lease is renewed and asked about through any member`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let lease = try grant(10, through: cluster.followers[0], in: cluster)
        _ = try cluster.call(leader, .put, put("leased", "x", lease: lease), Etcdserverpb.PutResponse.self)
        for _ in 0..<4 {
            for member in cluster.members {
                cluster.advance(.seconds(3))
                let ttl = try keepAlive(lease, through: member, in: cluster)
                #expect(ttl == 10)
                let status = try timeToLive(lease, through: member, in: cluster)
                #expect((status?.ttl ?? 0) >= 9 && status?.grantedTTL == 10)
                #expect(status?.keys == [Array("leased".utf8)])
                #expect(status?.header?.memberID == member.id.rawValue)
            }
        }
        cluster.advance(.seconds(12))
        let gone = try cluster.value("leased", at: leader)
        #expect(gone == nil)
    }

    @Test func `an unknown lease is answered with TTL 0 or minus 1 at every member`() throws {
        let cluster = try TestCluster()
        cluster.elect()
        for member in cluster.members {
            let renewed = try keepAlive(99, through: member, in: cluster)
            #expect(renewed == 0)
            let status = try timeToLive(99, through: member, in: cluster)
            #expect(status?.ttl == -1 && status?.id == 99)
        }
    }

    @Test func `a new leader gives every lease its whole time again, and then lets it run out`() throws {
        let cluster = try TestCluster()
        let old = cluster.elect()
        let lease = try grant(5, through: old, in: cluster)
        cluster.advance(.seconds(4))
        cluster.crash(old)
        let new = cluster.elect()
        let status = try timeToLive(lease, through: new, in: cluster)
        #expect((status?.ttl ?? 0) >= 4)
        cluster.advance(.seconds(8))
        let after = try timeToLive(lease, through: new, in: cluster)
        #expect(after?.ttl == -1)
    }

    @Test func `with checkpoints a new leader gives a lease only what was left`() throws {
        var configuration = ReplicaConfiguration()
        configuration.leaseCheckpointInterval = .seconds(10)
        let cluster = try TestCluster(3, configuration)
        let old = cluster.elect()
        let lease = try grant(100, through: old, in: cluster)
        cluster.advance(.seconds(60))
        cluster.crash(old)
        let new = cluster.elect()
        let status = try timeToLive(lease, through: new, in: cluster)
        #expect((35...55).contains(status?.ttl ?? 0))
        let renewed = try keepAlive(lease, through: new, in: cluster)
        #expect(renewed == 100)
    }

    /// A leader that was cut off must not end leases that the other members keep alive.
    @Test func `a leader that was cut off ends no lease when it is back`() throws {
        let cluster = try TestCluster()
        let old = cluster.elect()
        let lease = try grant(3, through: old, in: cluster)
        cluster.cutOff = [old.id]
        let new = cluster.elect()
        for _ in 0..<6 {
            cluster.advance(.seconds(1))
            let ttl = try keepAlive(lease, through: new, in: cluster)
            #expect(ttl == 3)
        }
        cluster.cutOff = []
        cluster.advance(.seconds(1))
        let ttl = try keepAlive(lease, through: old, in: cluster)
        #expect(ttl == 3)
    }

    /// The lease ends while `old` stands still, and then a client asks `old` to renew it.
    private func expectNoRenewal(of lease: Int64, by old: TestMember, in cluster: TestCluster) throws {
        cluster.paused = [old.id]
        try endLease(lease, in: cluster)
        cluster.paused = []
        // What its clients had sent comes before anything from the others.
        let ticket = old.send(.leaseKeepAlive, Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = lease }, now: cluster.now)
        _ = old.turn(now: cluster.now)
        let early = try old.stream(ticket, Etcdserverpb.LeaseKeepAliveResponse.self)
        #expect(early.isEmpty)
        _ = try cluster.wait { try !old.stream(ticket, Etcdserverpb.LeaseKeepAliveResponse.self).isEmpty }
        let ttl = try old.stream(ticket, Etcdserverpb.LeaseKeepAliveResponse.self).first?.ttl
        #expect(ttl == 0)
    }

    /// A leader that was stopped (SIGSTOP) renewed leases that its successor had ended meanwhile.
    @Test func `a leader that stood still renews nothing before a majority has confirmed it`() throws {
        let cluster = try TestCluster()
        let old = cluster.elect()
        let lease = try grant(60, through: old, in: cluster)
        try expectNoRenewal(of: lease, by: old, in: cluster)
    }

    /// The confirmation was not asked for where Raft took no more reads, and the leader went on without one.
    @Test func `a leader that stood still renews nothing either while Raft takes no more reads`() throws {
        var configuration = ReplicaConfiguration()
        configuration.readRoundsMax = 1
        let cluster = try TestCluster(3, configuration)
        let old = cluster.elect()
        let lease = try grant(60, through: old, in: cluster)
        cluster.lets = { $0.kind != .heartbeatResponse }
        cluster.send(old, .range, range("a"))
        cluster.lets = { _ in true }
        try expectNoRenewal(of: lease, by: old, in: cluster)
    }

    /// A leader that could take no more had its revocations wait with its clients' writes, and handed them to its successor.
    @Test func `a revocation that a leader could not propose goes with its leadership`() throws {
        var configuration = ReplicaConfiguration()
        configuration.uncommittedBytesMax = 10_000
        let cluster = try TestCluster(3, configuration)
        let old = cluster.elect()
        let lease = try grant(3, through: old, in: cluster)
        _ = try cluster.call(old, .put, put("leased", "x", lease: lease), Etcdserverpb.PutResponse.self)
        // The answer to this leaves the lease a little longer than the leader will lead once it is cut off.
        cluster.advance(.milliseconds(2800))
        cluster.cutOff = [old.id]
        cluster.send(old, .put, put("large", String(repeating: "x", count: 20_000)))
        let new = cluster.elect()
        #expect(new.id != old.id)
        cluster.cutOff = []
        for _ in 0..<10 {
            let ttl = try keepAlive(lease, through: new, in: cluster)
            #expect(ttl == 3)
            cluster.advance(.seconds(1))
        }
        let value = try cluster.value("leased", at: new)
        #expect(value == "x")
    }

    @Test func `renewals that wait for a leader are many at the most, and end in no leader`() throws {
        var configuration = ReplicaConfiguration()
        configuration.leaseQuestionsMax = 200
        let cluster = try TestCluster(3, configuration)
        cluster.elect()
        let member = cluster.followers[0]
        cluster.cutOff = [member.id]
        cluster.advance(.seconds(5))
        let bytes = Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = 7 }.encoded()
        let range = ByteRange(offset: Int(bytes.offset), count: bytes.count)
        let requests = (1...210 as ClosedRange<UInt64>).map { Request(ticket: 1_000_000 + $0, method: .leaseKeepAlive, range: range) }
        member.step(.requests(RequestBatch(loop: 0, block: bytes.block, requests: requests)), now: cluster.now)
        cluster.settle()
        let refused = member.answers.filter { $0.text == "etcdserver: too many requests" }.count
        #expect(refused == 10)
        cluster.advance(.seconds(8))
        let ended = member.answers.filter { $0.kind == .failure && $0.text == "etcdserver: no leader" }.count
        #expect(ended == 200)
    }

    @Test func `a lone leader that stood still goes on at once`() throws {
        let cluster = try TestCluster(1)
        let member = cluster.elect()
        let lease = try grant(60, through: member, in: cluster)
        cluster.paused = [member.id]
        cluster.advance(.seconds(10))
        cluster.paused = []
        let ttl = try keepAlive(lease, through: member, in: cluster)
        #expect(ttl == 60)
    }

    @Test func `without a leader a renewal ends in no leader, and while the leader does not answer in a time-out`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let lease = try grant(60, through: leader, in: cluster)
        let follower = cluster.followers[0]
        cluster.answersCalls = false
        let unanswered = cluster.send(follower, .leaseKeepAlive, Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = lease })
        let ended = cluster.wait { follower.failure(unanswered) != nil }
        #expect(ended && follower.failure(unanswered)?.text == "etcdserver: request timed out")
        for member in cluster.members where member.id != follower.id { cluster.crash(member) }
        cluster.advance(.seconds(3))
        let ticket = cluster.send(follower, .leaseKeepAlive, Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = lease })
        let refused = cluster.wait { follower.failure(ticket) != nil }
        #expect(refused && follower.failure(ticket)?.text == "etcdserver: no leader")
        #expect(follower.status.isLeaderless)
    }

    @Test func `a renewal that waits for a leader is answered as soon as there is one`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let lease = try grant(60, through: leader, in: cluster)
        let follower = cluster.followers[0]
        cluster.crash(leader)
        let ttl = try keepAlive(lease, through: follower, in: cluster)
        #expect(ttl == 60)
    }
}
