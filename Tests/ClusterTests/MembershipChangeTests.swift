import Base
import Cluster
import Testing

private func member(_ id: UInt64, started: Bool = true, learner: Bool = false) -> ClusterMember {
    ClusterMember(
        id: MemberID(id), name: started ? "m\(id)" : "", peerURLs: ["http://h\(id):2380"], clientURLs: started ? ["http://h\(id):2379"] : [],
        isLearner: learner)
}

private func cluster(_ members: ClusterMember...) -> Membership { Membership(clusterID: ClusterID(1), members: members) }

private func description(_ member: ClusterMember) -> MemberDescription {
    try! MemberDescription(json: Bytes(member.json).span)
}

@Suite struct MembershipChangeTests {
    @Test func `contexts are the bytes that Go writes`() {
        let added = ClusterMember(id: MemberID(5), name: "", peerURLs: ["http://a:1", "http://b:2"], isLearner: true)
        #expect(MembershipChange.add(added).context == #"{"id":5,"peerURLs":["http://a:1","http://b:2"],"isLearner":true}"#)
        #expect(MembershipChange.promote(MemberID(5)).context == #"{"id":5,"peerURLs":null,"isPromote":true}"#)
        #expect(MembershipChange.remove(MemberID(5)).context == nil)
        #expect(
            MembershipChange.update(MemberID(5), peerURLs: ["http://c:3"], isLearner: false).context == #"{"id":5,"peerURLs":["http://c:3"]}"#)
        #expect(
            MembershipChange.update(MemberID(5), peerURLs: ["http://c:3"], isLearner: true).context
                == #"{"id":5,"peerURLs":["http://c:3"],"isLearner":true}"#)
        #expect(MembershipChange.update(MemberID(5), peerURLs: [], isLearner: false).context == #"{"id":5,"peerURLs":null}"#)
    }

    @Test func `peer URLs of a request are checked and sorted`() throws {
        #expect(try MembershipChange.checkedURLs(["http://b:1", " http://a:1"]) == ["http://a:1", "http://b:1"])
        for bad in [[], ["a:1"], ["http://a"], ["http://a:1/x"], ["ftp://a:1"]] {
            #expect(throws: MembershipError.badURLs) { try MembershipChange.checkedURLs(bad) }
        }
    }

    @Test func `an id can't be added twice, nor after it was removed`() {
        var state = cluster(member(1), member(2))
        #expect(state.refusal(of: .addVoter(MemberID(2), description(member(2))), maxLearners: 1) == .idExists)
        state.apply(.remove(MemberID(2)))
        #expect(state.refusal(of: .addVoter(MemberID(2), description(member(2))), maxLearners: 1) == .idRemoved)
        #expect(state.refusal(of: .remove(MemberID(2)), maxLearners: 1) == .idRemoved)
        #expect(state.refusal(of: .remove(MemberID(3)), maxLearners: 1) == .idNotFound)
    }

    @Test func `a peer URL belongs to one member`() {
        let state = cluster(member(1), member(2))
        var other = member(3)
        other.peerURLs = ["http://new:1", "http://h2:2380"]
        #expect(state.refusal(of: .addVoter(other.id, description(other)), maxLearners: 1) == .peerURLExists)
        var moved = description(member(1))
        moved.peerURLs = ["http://h2:2380"]
        #expect(state.refusal(of: .update(MemberID(1), moved), maxLearners: 1) == .peerURLExists)
        moved.peerURLs = ["http://h1:2380", "http://h1:2381"]
        #expect(state.refusal(of: .update(MemberID(1), moved), maxLearners: 1) == nil)
        #expect(state.refusal(of: .update(MemberID(9), moved), maxLearners: 1) == .idNotFound)
    }

    @Test func `learners are limited and only learners are promoted`() {
        var state = cluster(member(1), member(2, learner: true))
        let third = member(3, started: false, learner: true)
        #expect(state.refusal(of: .addLearner(third.id, description(third)), maxLearners: 1) == .tooManyLearners)
        #expect(state.refusal(of: .addLearner(third.id, description(third)), maxLearners: 2) == nil)
        var promotion = MemberDescription()
        promotion.isPromotion = true
        promotion.id = 2
        #expect(state.refusal(of: .addVoter(MemberID(2), promotion), maxLearners: 1) == nil)
        state.apply(.addVoter(MemberID(2), promotion))
        #expect(state[MemberID(2)]?.isLearner == false)
        #expect(state.refusal(of: .addVoter(MemberID(2), promotion), maxLearners: 1) == .memberNotLearner)
        promotion.id = 7
        #expect(state.refusal(of: .addVoter(MemberID(7), promotion), maxLearners: 1) == .idNotFound)
    }

    @Test func `a description of another member is refused instead of applied`() {
        let state = cluster(member(1))
        #expect(state.refusal(of: .addVoter(MemberID(2), description(member(3))), maxLearners: 1) == .malformed)
    }

    @Test func `one unstarted voter at a time may be added`() {
        #expect(cluster(member(1)).isReadyToAddVoter)
        #expect(!cluster(member(1), member(2, started: false)).isReadyToAddVoter)
        #expect(cluster(member(1), member(2)).isReadyToAddVoter)
        #expect(cluster(member(1), member(2), member(3)).isReadyToAddVoter)
        #expect(cluster(member(1), member(2), member(3), member(4, started: false)).isReadyToAddVoter)
        #expect(!cluster(member(1), member(2), member(3), member(4, started: false), member(5, started: false)).isReadyToAddVoter)
    }

    @Test func `a removal leaves a majority of started voters`() {
        #expect(!cluster(member(1)).isReadyToRemoveVoter(MemberID(1)))
        #expect(cluster(member(1), member(2)).isReadyToRemoveVoter(MemberID(2)))
        #expect(!cluster(member(1), member(2, started: false)).isReadyToRemoveVoter(MemberID(1)))
        #expect(cluster(member(1), member(2, started: false)).isReadyToRemoveVoter(MemberID(2)))
    }

    @Test func `with a member down no connected voter may be removed`() {
        let state = cluster(member(1), member(2), member(3))
        let one = MemberID(1), two = MemberID(2), three = MemberID(3)
        #expect(state.keepsQuorum(without: two, me: one, connected: [two, three]))
        #expect(!state.keepsQuorum(without: two, me: one, connected: [two]))
        #expect(!state.keepsQuorum(without: one, me: one, connected: [two]))
        #expect(state.keepsQuorum(without: three, me: one, connected: [two]))
    }

    @Test func `a learner is in sync with nine tenths of the leader's log`() {
        #expect(Membership.isInSync(learner: LogIndex(90), leader: LogIndex(100)))
        #expect(!Membership.isInSync(learner: LogIndex(89), leader: LogIndex(100)))
        #expect(!Membership.isInSync(learner: .zero, leader: LogIndex(100)))
    }

    @Test func `the answers to a forwarded promotion come back as what they were`() {
        for error in [MembershipError.idNotFound, .memberNotLearner, .learnerNotReady, .notEnoughStartedMembers] {
            let answer = error.httpAnswer
            #expect(MembershipError(httpStatus: answer.status, text: answer.text) == error)
        }
        #expect(MembershipError(httpStatus: 500, text: "{\"message\":\"Internal Server Error\"}") == nil)
    }

    @Test func `the membership comes back from the v2 store that it wrote`() throws {
        var state = cluster(member(1), member(0x2ab, learner: true), member(3, started: false))
        state.remove(MemberID(0xfe))
        state.version = Version(3, 5)
        let json = state.v2StoreJSON(index: LogIndex(9))
        let back = try Membership(clusterID: ClusterID(1), v2Store: Bytes(json).span)
        #expect(back == state)
    }

    @Test func `a v2 store with users' keys gives the membership alone`() throws {
        let text = """
            {"Root":{"Path":"/","CreatedIndex":0,"ModifiedIndex":0,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{
            "0":{"Path":"/0","Value":"","Children":{"members":{"Path":"/0/members","Value":"","Children":{"2ab":{"Path":"/0/members/2ab",
            "Value":"","Children":{"raftAttributes":{"Path":"","Value":"{\\"peerURLs\\":[\\"http://a:1\\"],\\"isLearner\\":true}","Children":null}}}}},
            "removed_members":{"Children":{"ff":{"Value":"","Children":null}}},"version":{"Value":"3.5.0","Children":null}}},
            "1":{"Path":"/1","Value":"","Children":{"0":{"Value":"x","Children":{"members":{"Value":"y","Children":null}}}}}}},
            "WatcherHub":{"EventHistory":null},"CurrentIndex":7}
            """
        let state = try Membership(clusterID: ClusterID(1), v2Store: Bytes(text).span)
        #expect(state.sorted == [ClusterMember(id: MemberID(0x2ab), name: "", peerURLs: ["http://a:1"], isLearner: true)])
        #expect(state.removed == [MemberID(0xff)])
        #expect(state.version == Version(3, 5))
    }
}
