import Base
import Cluster
import Testing

private let me = ClusterMember(id: MemberID(1), name: "a", peerURLs: ["http://a:2380"])
private let cluster = ClusterID(7)

private func answer(_ members: ClusterMember..., clusterID: ClusterID = cluster) -> FoundingCheck.Answer {
    FoundingCheck.Answer(url: "http://b:2380", clusterID: clusterID, members: members)
}

/// etcd issue 12227: two of three lose their data, start with `new`, and form the cluster a second time over the first.
@Suite struct FoundingTests {
    @Test func `a first start is allowed, with nobody there and with others that are new too`() {
        #expect(FoundingCheck.refusal(me: me, cluster: cluster, dataDirectory: "d", []) == nil)
        #expect(FoundingCheck.refusal(me: me, cluster: cluster, dataDirectory: "d", [answer(me)]) == nil)
    }

    @Test func `a member that has run before is refused if any answer knows it`() throws {
        var started = me
        started.clientURLs = ["http://a:2379"]
        let text = try #require(FoundingCheck.refusal(me: me, cluster: cluster, dataDirectory: "d", [answer(me), answer(started)]))
        #expect(text.contains("has already been bootstrapped"))
        #expect(text.contains("etcdctl member remove 1, then etcdctl member add a --peer-urls=http://a:2380"))
    }

    @Test func `a removed member and another cluster are refused`() {
        #expect(FoundingCheck.refusal(me: me, cluster: cluster, dataDirectory: "d", [answer()])?.contains("was removed") == true)
        let refusal = FoundingCheck.refusal(me: me, cluster: cluster, dataDirectory: "d", [answer(me, clusterID: ClusterID(8))])
        #expect(refusal?.contains("cluster 8") == true)
    }
}

@Suite struct IncarnationTests {
    @Test func `the first number is believed, another one is refused with what to do`() {
        var known = Incarnations()
        #expect(known.judge(me.id, number: 5, member: me) == .new)
        #expect(known.judge(me.id, number: 5, member: me) == .known)
        guard case .replaced(let text) = known.judge(me.id, number: 6, member: me) else {
            Issue.record("a replaced data directory was accepted")
            return
        }
        #expect(text.contains("etcdctl member remove 1"))
        #expect(known.judge(me.id, number: 5, member: me) == .known)
    }

    @Test func `what is known survives a restart, and damage is noticed`() {
        var known = Incarnations()
        _ = known.judge(MemberID(0xab), number: 5, member: nil)
        _ = known.judge(MemberID(3), number: .max, member: nil)
        #expect(known.text == "3 ffffffffffffffff\nab 0000000000000005\n")
        #expect(Incarnations(text: known.text) == known)
        #expect(Incarnations(text: "") == Incarnations())
        #expect(Incarnations(text: "3 12") == nil)
        #expect(Incarnations(text: "x 0000000000000005") == nil)
    }
}

private func hash(_ hash: UInt32, compact: Int64 = 5, revision: Int64 = 9, of hashRevision: Int64 = 9) -> HashReport {
    HashReport(hash: hash, compactRevision: compact, revision: revision, hashRevision: hashRevision)
}

private func says(_ member: UInt64, _ report: HashReport?) -> HashComparison.Answer {
    HashComparison.Answer(member: MemberID(member), report: report)
}

@Suite struct HashComparisonTests {
    @Test func `hashes are compared at equal compact revisions alone`() {
        #expect(HashComparison.mismatches(own: hash(1), [says(2, hash(1)), says(3, hash(2, compact: 4)), says(4, nil)]) == [])
        #expect(HashComparison.mismatches(own: hash(1), [says(2, hash(2))]) == [MemberID(2)])
    }

    @Test func `a follower that differs or is ahead of the leader is named`() {
        func verdict(_ answers: HashComparison.Answer...) -> [MemberID] {
            HashComparison.periodic(leader: MemberID(1), own: hash(1), again: hash(1), answers).corrupt
        }
        #expect(verdict(says(2, hash(1)), says(3, nil)) == [])
        #expect(verdict(says(2, hash(1)), says(3, hash(2))) == [MemberID(3)])
        #expect(verdict(says(2, hash(1, revision: 10))) == [MemberID(2)])
        #expect(verdict(says(2, hash(1, compact: 6))) == [MemberID(2)])
        #expect(verdict(says(2, hash(7, compact: 4))) == [])
    }

    @Test func `a leader whose own data has another hash the second time is named itself`() {
        func verdict(_ again: HashReport, _ answers: HashComparison.Answer...) -> [MemberID] {
            HashComparison.periodic(leader: MemberID(1), own: hash(1), again: again, answers).corrupt
        }
        #expect(verdict(hash(2)) == [MemberID(1)])
        #expect(verdict(hash(2), says(2, hash(3))) == [MemberID(1)])
        // Something was written or compacted in between.
        #expect(verdict(hash(2, revision: 10, of: 10)) == [])
        #expect(verdict(hash(2, compact: 6)) == [])
    }

    @Test func `of a compaction's hashes the majority is right`() {
        let leader = MemberID(1)
        func verdict(_ answers: HashComparison.Answer...) -> HashComparison.Verdict {
            HashComparison.compaction(leader: leader, own: hash(1), answers)
        }
        #expect(verdict(says(2, hash(1)), says(3, hash(1))) == .init(corrupt: [], isComplete: true))
        #expect(verdict(says(2, hash(1)), says(3, nil)) == .init(corrupt: [], isComplete: false))
        #expect(verdict(says(2, hash(1)), says(3, hash(2))).corrupt == [MemberID(3)])
        #expect(verdict(says(2, hash(2)), says(3, hash(2))).corrupt == [leader])
        #expect(verdict(says(2, hash(2))).corrupt == [.zero])
        #expect(verdict(says(2, hash(2)), says(3, hash(3))).corrupt == [.zero])
    }

    @Test func `a hash's answer has Go's form`() throws {
        let report = HashReport(hash: 3, compactRevision: -1, revision: 4, hashRevision: 4)
        #expect(report.json == #"{"header":{"revision":4},"hash":3,"compact_revision":-1,"hash_revision":4}"#)
        #expect(try HashReport(json: Bytes(report.json).span) == report)
        #expect(try HashReport.requestedRevision(json: Bytes(#"{"revision":12}"#).span) == 12)
        #expect(try HashReport.requestedRevision(json: Bytes("{}").span) == 0)
    }
}

@Suite struct AutoPromotionTests {
    private func sighting(_ match: UInt64, active: Bool = true, started: Bool = true) -> AutoPromotion.Sighting {
        AutoPromotion.Sighting(id: MemberID(4), match: LogIndex(match), isActive: active, isStarted: started)
    }

    @Test func `a learner is due when it has kept up for the whole time without a break`() {
        var promotion = AutoPromotion(after: .seconds(30))
        let start = Instant(nanoseconds: 0)
        func due(_ learner: AutoPromotion.Sighting, at seconds: Int64) -> MemberID? {
            promotion.due([learner], leaderMatch: LogIndex(100), now: start + .seconds(seconds))
        }
        #expect(due(sighting(99), at: 0) == nil)
        #expect(due(sighting(99), at: 29) == nil)
        #expect(due(sighting(50), at: 30) == nil)
        #expect(due(sighting(99), at: 31) == nil)
        #expect(due(sighting(99, active: false), at: 61) == nil)
        #expect(due(sighting(99, started: false), at: 62) == nil)
        #expect(due(sighting(99), at: 63) == nil)
        #expect(due(sighting(100), at: 93) == MemberID(4))
    }

    @Test func `far behind in entries is not keeping up, whatever the share`() {
        var promotion = AutoPromotion(after: .zero)
        let now = Instant(nanoseconds: 0)
        #expect(promotion.due([sighting(95_000)], leaderMatch: LogIndex(100_000), now: now) == nil)
        #expect(promotion.due([sighting(99_500)], leaderMatch: LogIndex(100_000), now: now) == MemberID(4))
    }
}
