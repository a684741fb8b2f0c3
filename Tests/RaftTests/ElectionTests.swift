import Base
import Raft
import Testing

@Suite struct ElectionTests {
    @Test func `election timeouts are random in n to 2n−1 ticks (Raft §5.2)`() throws {
        var seen: Set<Int> = []
        for seed in UInt64(0)..<200 {
            var node = try RaftNode(
                configuration: RaftConfiguration(id: MemberID(1)),
                recovered: RecoveredState(confState: ConfState(voters: [MemberID(1), MemberID(2)])), random: RandomSource(seed: seed))
            var ticks = 0
            while node.role == .follower {
                node.tick()
                ticks += 1
            }
            seen.insert(ticks)
        }
        #expect(seen == Set(10...19))
    }

    @Test func `a vote is given once per term, and leaves only when it is durable (Raft §5.1, §5.2)`() throws {
        let one = try TestNode()
        one.step(.vote, from: 2, term: 5)
        one.turn(persist: false)
        let vote = one.sent[0]
        #expect(vote.message.kind == .voteResponse && !vote.message.reject)
        #expect(vote.after == one.output.write!.number)
        #expect(one.output.write!.hardState == HardState(term: Term(5), vote: MemberID(2)))
        one.step(.vote, from: 3, term: 5)
        one.step(.vote, from: 2, term: 5)
        let answers = one.turn()
        #expect(answers.map(\.reject) == [true, false])
        #expect(one.sent.map(\.after) == [vote.after, vote.after])
    }

    @Test func `a vote survives a restart`() throws {
        let one = try TestNode()
        one.step(.vote, from: 2, term: 5)
        one.turn()
        var again = try RaftNode(
            configuration: RaftConfiguration(id: MemberID(1)),
            recovered: RecoveredState(hardState: one.node.hardState, confState: one.node.confState), random: RandomSource(seed: 1))
        again.step(Message(.vote, from: MemberID(3), to: MemberID(1), term: Term(5)))
        again.takeOutput(into: &one.output)
        #expect(one.output.messages[0].message.reject == true)
    }

    @Test(arguments: [(1, 9, true), (2, 1, true), (2, 2, false), (3, 1, false), (2, 3, false)] as [(UInt64, UInt64, Bool)])
    func `a candidate whose log is behind gets no vote (Raft §5.4.1)`(logTerm: UInt64, index: UInt64, rejected: Bool) throws {
        let one = try TestNode(terms: [1, 2])
        one.step(.vote, from: 2, term: 7) {
            $0.logTerm = Term(logTerm)
            $0.index = LogIndex(index)
        }
        #expect(one.turn().map(\.reject) == [rejected])
    }

    @Test func `a pre-vote changes neither term nor vote (thesis §9.6)`() throws {
        let one = try TestNode(terms: [1])
        one.step(.preVote, from: 2, term: 9) {
            $0.logTerm = Term(1)
            $0.index = LogIndex(1)
        }
        let answer = one.turn()[0]
        #expect(answer.kind == .preVoteResponse && !answer.reject && answer.term == Term(9))
        #expect(one.node.hardState == HardState(term: Term(1)))
        #expect(one.output.write == nil)
    }

    @Test func `a member that was cut off does not disturb the leader when it is back (thesis §9.6)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        let term = cluster[1].node.term
        cluster.isolate(3)
        cluster.tickAll(60)
        #expect(cluster[3].node.term == term)
        cluster.cut = []
        cluster.tickAll(5)
        #expect(cluster.isLeader(1))
        #expect(cluster[1].node.term == term)
        #expect(cluster.violations == [])
    }

    @Test func `without pre-vote such a member's later term is taken over, once (Raft §5.1)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1) { $0.preVote = false }
        cluster.elect(1)
        cluster.isolate(3)
        cluster.tickAll(60)
        let term = cluster[3].node.term
        #expect(term > cluster[1].node.term)
        cluster.cut = []
        cluster.tickAll(40)
        #expect(cluster.leader!.node.term > term)
        #expect(cluster.members.map { $0.node.term } == Array(repeating: cluster.leader!.node.term, count: 3))
        #expect(cluster.violations == [])
    }

    @Test func `a leader that hears from no majority steps down within two election timeouts (thesis §6.2)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        cluster.tickAll(3)
        cluster.isolate(1)
        cluster.tickAll(20)
        #expect(!cluster.isLeader(1))
        cluster.tickAll(20)
        #expect(cluster.isLeader(2) || cluster.isLeader(3))
        #expect(cluster.violations == [])
    }

    @Test func `who hears from a leader refuses to vote, unless that leader asked for it (thesis §4.2.3, §3.10)`() throws {
        let one = try TestNode()
        one.append(term: 3, after: (0, 0), [])
        one.turn()
        for kind in [MessageKind.vote, .preVote] { one.step(kind, from: 3, term: 9) }
        #expect(one.turn() == [])
        #expect(one.node.term == Term(3))
        one.step(.vote, from: 3, term: 9) { $0.context = Bytes("CampaignTransfer") }
        #expect(one.turn().map(\.reject) == [false])
        #expect(one.node.term == Term(9))
        // The lease ends with an election timeout.
        one.append(term: 10, after: (0, 0), [])
        for _ in 0..<10 { one.node.tick() }
        one.turn()
        one.step(.vote, from: 3, term: 11)
        #expect(one.turn().contains { $0.kind == .voteResponse && !$0.reject })
    }

    @Test func `the leader of an earlier term is told of the later one`() throws {
        let one = try TestNode(terms: [1], term: 5)
        one.append(term: 3, after: (1, 1), [])
        let answers = one.turn()
        #expect(answers.map(\.kind) == [.appendResponse])
        #expect(answers[0].term == Term(5))
        let leader = try TestNode()
        leader.lead()
        leader.step(.appendResponse, from: 2, term: 50)
        #expect(leader.role == .follower)
        #expect(leader.node.term == Term(50))
    }

    @Test func `a candidate yields to the leader of its term and loses against a majority of refusals (Raft §5.2)`() throws {
        let one = try TestNode { $0.preVote = false }
        one.node.campaign()
        one.turn()
        #expect(one.role == .candidate)
        one.append(term: 1, after: (0, 0), [1])
        #expect(one.role == .follower)
        #expect(one.node.leader == MemberID(2))
        let other = try TestNode { $0.preVote = false }
        other.node.campaign()
        for voter in [2, 3] as [UInt64] { other.step(.voteResponse, from: voter, term: 1) { $0.reject = true } }
        #expect(other.role == .follower)
        #expect(other.node.term == Term(1))
    }

    @Test func `a vote counts once, and not for another term or from a learner`() throws {
        let one = try TestNode(voters: 5, learners: [9]) { $0.preVote = false }
        one.node.campaign()
        one.step(.voteResponse, from: 2, term: 1)
        one.step(.voteResponse, from: 2, term: 1)
        one.step(.voteResponse, from: 9, term: 1)
        one.step(.voteResponse, from: 8, term: 1)
        #expect(one.role == .candidate)
        one.step(.voteResponse, from: 3, term: 1)
        #expect(one.isLeader)
    }

    @Test func `a grant of an earlier pre-vote does not count for the present one`() throws {
        let one = try TestNode(term: 4)
        one.node.campaign()
        one.step(.preVoteResponse, from: 2, term: 4)
        #expect(one.role == .preCandidate)
        one.step(.preVoteResponse, from: 2, term: 5)
        #expect(one.role == .candidate)
    }

    @Test func `no message of a term leaves before the term is durable`() throws {
        let one = try TestNode(voters: 1, learners: [2])
        one.node.campaign()
        #expect(one.isLeader)
        one.node.tick()
        let messages = one.turn(persist: false)
        #expect(messages.contains { $0.kind == .append })
        #expect(one.sent.allSatisfy { $0.after == one.output.write!.number })
    }

    @Test func `nobody campaigns while a committed membership change is not applied (thesis §4)`() throws {
        let change = ConfigurationChange([.init(.addVoter, MemberID(4))])
        let entry = Entry(term: Term(1), index: LogIndex(1), kind: .configurationChange, data: change.encodedV1())
        var node = try RaftNode(
            configuration: RaftConfiguration(id: MemberID(1)),
            recovered: RecoveredState(
                hardState: HardState(term: Term(1), commit: LogIndex(1)), confState: ConfState(voters: [MemberID(1), MemberID(2)]),
                entries: [entry]), random: RandomSource(seed: 1))
        node.campaign()
        #expect(node.role == .follower)
        var output = RaftOutput()
        node.takeOutput(into: &output)
        _ = try node.applyConfigurationChange(change)
        node.applied(through: LogIndex(1))
        node.campaign()
        #expect(node.role == .preCandidate)
    }

    // MARK: Transfer

    @Test func `leadership moves to a member that has everything, at once and without a pre-vote (thesis §3.10)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        try cluster[1].node.transferLeadership(to: MemberID(3))
        #expect(throws: RaftError.leadershipTransferInProgress(to: MemberID(3))) { try cluster.propose(1, "x") }
        cluster.settle()
        #expect(cluster.isLeader(3))
        #expect(!cluster.isLeader(1))
        // A follower asks its leader.
        try cluster[2].node.transferLeadership(to: MemberID(2))
        cluster.settle()
        #expect(cluster.isLeader(2))
        #expect(cluster.violations == [])
    }

    @Test func `a member that lags is brought up to date first`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        cluster.isolate(3)
        for number in 0..<5 { try cluster.propose(1, "\(number)") }
        cluster.settle()
        cluster.cut = []
        try cluster[1].node.transferLeadership(to: MemberID(3))
        cluster.settle()
        cluster.tickAll(2)
        #expect(cluster.isLeader(3))
        #expect(cluster.violations == [])
    }

    /// Rolling restarts under load: a follower's proposal reached the leader while it handed over to that very follower. It was held,
    /// and then dropped because it would have gone back to where it came from; its client waited in vain.
    @Test func `a proposal that reaches a leader which hands over is made by its successor, wherever it came from`() throws {
        for proposer in [UInt64(2), 3] {
            let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
            cluster.elect(1)
            try cluster[1].node.transferLeadership(to: MemberID(3))
            try cluster.propose(proposer, "x")
            cluster.turn(cluster[proposer])
            let proposal = cluster.network.removeLast()
            #expect(proposal.kind == .proposal && proposal.to == MemberID(1))
            cluster.deliver(proposal)
            cluster.settle()
            #expect(cluster.isLeader(3))
            for member in cluster.members { #expect(member.disk.entries.filter { $0.data == Bytes("x") }.count == 1) }
            #expect(cluster.violations == [])
        }
    }

    @Test func `a transfer that does not succeed is given up after an election timeout (thesis §3.10)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        cluster.isolate(3)
        try cluster[1].node.transferLeadership(to: MemberID(3))
        cluster.tickAll(9)
        #expect(cluster[1].node.transferee == MemberID(3))
        cluster.tickAll(1)
        #expect(cluster[1].node.transferee == .zero)
        try cluster.propose(1, "x")
        #expect(cluster.isLeader(1))
    }

    @Test func `leadership can't go to a learner or a stranger`() throws {
        let one = try TestNode(learners: [4])
        one.lead()
        #expect(throws: RaftError.self) { try one.node.transferLeadership(to: MemberID(4)) }
        #expect(throws: RaftError.self) { try one.node.transferLeadership(to: MemberID(5)) }
    }
}
