import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

extension TestCluster {
    func add(_ url: String, isLearner: Bool = false, through member: TestMember) throws -> Etcdserverpb.MemberAddResponse? {
        let request = Etcdserverpb.MemberAddRequest.with {
            $0.peerURLs = [url]
            $0.isLearner = isLearner
        }
        return try call(member, .memberAdd, request, Etcdserverpb.MemberAddResponse.self)
    }

    /// The text that the member refuses the request with; nil if it does not.
    func refusal(_ member: TestMember, _ method: Method, _ request: some WireMessage) -> String? {
        let ticket = send(member, method, request)
        _ = wait { member.answers.contains { $0.loop == 0 && $0.ticket == ticket } }
        return member.failure(ticket)?.text
    }

    func promote(_ id: UInt64, through member: TestMember) -> String? {
        refusal(member, .memberPromote, Etcdserverpb.MemberPromoteRequest.with { $0.id = id })
    }

    func remove(_ id: UInt64, through member: TestMember) -> String? {
        refusal(member, .memberRemove, Etcdserverpb.MemberRemoveRequest.with { $0.id = id })
    }
}

@Suite struct MembershipTests {
    @Test func `every member announces itself, and again at every start`() throws {
        let cluster = try TestCluster()
        cluster.elect()
        let announced = cluster.wait {
            cluster.members.allSatisfy { $0.status.members.allSatisfy { $0.clientURLs == ["http://m\($0.id):2379"] } }
        }
        #expect(announced)
        let before = cluster[2].entries.count
        try cluster.restart(cluster[2])
        cluster.elect()
        // A new entry of the announcement, beside a new leader's if there is one.
        #expect(cluster.wait { cluster[2].entries.count > before })
    }

    @Test func `a member is added through a follower, joins and counts`() throws {
        let cluster = try TestCluster()
        cluster.elect()
        cluster.connect()
        let follower = cluster.followers[0]
        let added = try #require(try cluster.add("http://new:2380", through: follower))
        #expect(added.members.count == 4 && added.member?.peerURLs == ["http://new:2380"])
        #expect(added.member?.id == added.members.first { $0.peerURLs == ["http://new:2380"] }?.id)
        #expect(added.header?.revision == 0)
        let id = MemberID(try #require(added.member?.id))
        let joined = try cluster.join(id)
        #expect(cluster.wait { joined.status.members.first { $0.id == id }?.isStarted == true && joined.status.isReady })
        let leader = cluster.elect()
        let written = try cluster.call(leader, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        #expect(written != nil)
    }

    @Test func `the same second and addresses give the same id, which cannot be added twice`() throws {
        let cluster = try TestCluster(1)
        let leader = cluster.elect()
        cluster.connect()
        let added = try #require(try cluster.add("http://new:2380", isLearner: true, through: leader))
        let again = Etcdserverpb.MemberAddRequest.with {
            $0.peerURLs = ["http://new:2380"]
            $0.isLearner = true
        }
        #expect(added.members.count == 2)
        #expect(cluster.refusal(leader, .memberAdd, again) == "etcdserver: member ID already exist")
        cluster.advance(.seconds(1))
        #expect(cluster.refusal(leader, .memberAdd, again) == "etcdserver: Peer URLs already exists")
    }

    @Test func `changes that would endanger the quorum are refused with etcd's texts`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        let request = Etcdserverpb.MemberAddRequest.with { $0.peerURLs = ["http://new:2380"] }
        #expect(cluster.refusal(leader, .memberAdd, request) == "etcdserver: unhealthy cluster")
        #expect(cluster.refusal(leader, .memberAdd, Etcdserverpb.MemberAddRequest()) == "etcdserver: given member URLs are invalid")
        cluster.connect()
        let added = try cluster.add("http://new:2380", through: leader)
        #expect(added != nil)
        let second = Etcdserverpb.MemberAddRequest.with { $0.peerURLs = ["http://newer:2380"] }
        #expect(cluster.refusal(leader, .memberAdd, second) == "etcdserver: unhealthy cluster")
        let follower = cluster.followers[0]
        leader.step(.link(follower.id, isUp: false), now: cluster.now)
        #expect(cluster.remove(cluster.followers[1].id.rawValue, through: leader) == "etcdserver: unhealthy cluster")
        #expect(cluster.remove(99, through: leader) == "etcdserver: member not found")
    }

    @Test func `a cluster of two whose second has not started cannot lose its first`() throws {
        let cluster = try TestCluster(1)
        let leader = cluster.elect()
        #expect(cluster.remove(1, through: leader) == "etcdserver: re-configuration failed due to not enough started members")
        let added = try cluster.add("http://new:2380", through: leader)
        #expect(added != nil)
        // Two voters now: nothing is committed without the second.
        let ticket = cluster.send(leader, .memberRemove, Etcdserverpb.MemberRemoveRequest.with { $0.id = 1 })
        #expect(leader.failure(ticket)?.text == "etcdserver: re-configuration failed due to not enough started members")
        #expect(leader.failure(ticket)?.code == 2)
    }

    @Test func `a learner catches up and is promoted, through whichever member is asked`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        cluster.connect()
        for number in 0..<40 { cluster.send(leader, .put, put("k\(number)", "v")) }
        let added = try #require(try cluster.add("http://new:2380", isLearner: true, through: leader))
        let id = try #require(added.member?.id)
        let follower = cluster.followers[0]
        #expect(added.member?.isLearner == true)
        for member in [leader, follower] {
            #expect(cluster.promote(id, through: member) == "etcdserver: can only promote a learner member which is in sync with leader")
        }
        #expect(cluster.promote(follower.id.rawValue, through: follower) == "etcdserver: can only promote a learner member")
        #expect(cluster.promote(77, through: follower) == "etcdserver: member not found")
        let another = Etcdserverpb.MemberAddRequest.with {
            $0.peerURLs = ["http://newer:2380"]
            $0.isLearner = true
        }
        #expect(cluster.refusal(follower, .memberAdd, another) == "etcdserver: too many learner members in cluster")
        let learner = try cluster.join(MemberID(id))
        #expect(cluster.wait { learner.status.isReady && learner.status.isLearner })
        let promoted = try cluster.call(
            follower, .memberPromote, Etcdserverpb.MemberPromoteRequest.with { $0.id = id }, Etcdserverpb.MemberPromoteResponse.self)
        #expect(promoted?.members.count == 4 && promoted?.members.contains { $0.isLearner } == false)
        #expect(cluster.wait { !learner.status.isLearner })
        #expect(leader.replica?.counters.learnerPromotions == 1)
    }

    // In a young cluster nine tenths of the leader's log were nothing: who had never started was promoted, and the quorum was gone.
    @Test func `etcd 15096: a learner that was never started is not promoted, however short the log is`() throws {
        let cluster = try TestCluster(1)
        let leader = cluster.elect()
        let added = try #require(try cluster.add("http://new:2380", isLearner: true, through: leader))
        let refused = cluster.promote(try #require(added.member?.id), through: leader)
        #expect(refused == "etcdserver: can only promote a learner member which is in sync with leader")
        let written = try cluster.call(leader, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        #expect(written != nil)
    }

    @Test func `a learner stays one when its addresses change`() throws {
        let cluster = try TestCluster(1)
        let leader = cluster.elect()
        let id = try #require(try cluster.add("http://new:2380", isLearner: true, through: leader)?.member?.id)
        let request = Etcdserverpb.MemberUpdateRequest.with {
            $0.id = id
            $0.peerURLs = ["http://newer:2380"]
        }
        let updated = try #require(try cluster.call(leader, .memberUpdate, request, Etcdserverpb.MemberUpdateResponse.self))
        let member = updated.members.first { $0.id == id }
        #expect(member?.peerURLs == ["http://newer:2380"] && member?.isLearner == true)
        let bad = Etcdserverpb.MemberUpdateRequest.with {
            $0.id = id
            $0.peerURLs = ["newer"]
        }
        #expect(cluster.refusal(leader, .memberUpdate, bad) == "etcdserver: given member URLs are invalid")
    }

    @Test func `two changes at once are made one after the other`() throws {
        let cluster = try TestCluster(1)
        let leader = cluster.elect()
        let first = cluster.send(
            leader, .memberAdd,
            Etcdserverpb.MemberAddRequest.with {
                $0.peerURLs = ["http://a:1"]
                $0.isLearner = true
            })
        let second = cluster.send(
            leader, .memberUpdate,
            Etcdserverpb.MemberUpdateRequest.with {
                $0.id = 1
                $0.peerURLs = ["http://m1:2380", "http://b:1"]
            })
        #expect(cluster.wait { leader.answers.contains { $0.ticket == second } })
        #expect(leader.failure(first) == nil && leader.failure(second) == nil)
        #expect(leader.status.members.count == 2)
    }

    @Test func `a change that failed has no effect after a restart either`() throws {
        let cluster = try TestCluster(1)
        let leader = cluster.elect()
        let id = try #require(try cluster.add("http://new:2380", isLearner: true, through: leader)?.member?.id)
        cluster.advance(.seconds(1))
        let twin = Etcdserverpb.MemberAddRequest.with { $0.peerURLs = ["http://new:2380"] }
        #expect(cluster.refusal(leader, .memberAdd, twin) == "etcdserver: Peer URLs already exists")
        #expect(cluster.remove(id, through: leader) == nil)
        #expect(cluster.remove(id, through: leader) == "etcdserver: member not found")
        // The database has taken everything: the log's changes are replayed for Raft alone.
        cluster.advance(.seconds(1))
        try cluster.restart(leader)
        let again = cluster.elect()
        let written = try cluster.call(again, .put, put("a", "1"), Etcdserverpb.PutResponse.self)
        #expect(written != nil)
        #expect(again.status.members.map(\.id) == [MemberID(1)] && again.status.removedMembers == [MemberID(id)])
    }

    @Test func `a learner that was one too many stays out after a restart, whatever the limit is then`() throws {
        let cluster = try TestCluster(1)
        let leader = cluster.elect()
        let added = try cluster.add("http://new:2380", isLearner: true, through: leader)
        #expect(added != nil)
        let second = Etcdserverpb.MemberAddRequest.with {
            $0.peerURLs = ["http://newer:2380"]
            $0.isLearner = true
        }
        #expect(cluster.refusal(leader, .memberAdd, second) == "etcdserver: too many learner members in cluster")
        cluster.advance(.seconds(1))
        for limit in [0, 5] {
            var configuration = leader.configuration
            configuration.maxLearners = limit
            let found = FoundLog(
                entries: leader.entries, state: leader.state, memberID: leader.id, clusterID: Identity.cluster(founders: [leader.id]))
            var recovered = try Replica.recover(
                configuration, from: found, engine: .memory(leader.disk.copy()), places: .init(database: "d", log: "l"),
                wallMilliseconds: 0, random: RandomSource(seed: 1), now: cluster.now
            ).takeReplica()
            var effects = Effects(loops: 2)
            recovered.flush(now: cluster.now, into: &effects)
            #expect(recovered.learners.count == 1, "\(limit)")
        }
    }

    @Test func `the leader promotes by itself who has kept up long enough`() throws {
        var configuration = ReplicaConfiguration()
        configuration.autoPromotionDelay = .seconds(30)
        let cluster = try TestCluster(1, configuration)
        let leader = cluster.elect()
        let id = try #require(try cluster.add("http://new:2380", isLearner: true, through: leader)?.member?.id)
        let learner = try cluster.join(MemberID(id))
        cluster.connect()
        #expect(cluster.wait { learner.status.isReady })
        cluster.advance(.seconds(20))
        #expect(learner.status.isLearner)
        #expect(cluster.wait { !learner.status.isLearner })
    }
}
