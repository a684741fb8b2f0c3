import Base
import Raft
import Testing

@Suite struct MembershipTests {
    static func ids(_ numbers: UInt64...) -> [MemberID] { numbers.map { MemberID($0) } }

    @Test func `changes decode as they were encoded, in both versions`() throws {
        let one = ConfigurationChange(id: 300, [.init(.addLearner, MemberID(.max))], context: Bytes("{}"))
        #expect(try ConfigurationChange(decoding: one.encodedV1(), kind: .configurationChange) == one)
        #expect(one.encodedV1().array.prefix(5) == [0x08, 0xAC, 0x02, 0x10, 0x03])
        let many = ConfigurationChange(
            transition: .jointExplicit, [.init(.addVoter, MemberID(1)), .init(.removeMember, MemberID(2)), .init(.updateMember, MemberID(3))],
            context: Bytes("x"))
        #expect(try ConfigurationChange(decoding: many.encodedV2(), kind: .configurationChangeV2) == many)
        #expect(try ConfigurationChange(decoding: Bytes(), kind: .configurationChangeV2) == ConfigurationChange([]))
        #expect(try ConfigurationChange(decoding: Bytes(), kind: .configurationChange) == ConfigurationChange([.init(.addVoter, .zero)]))
    }

    @Test(arguments: [[0x08], [0x08, 0x80], [0x12, 0x05, 0x01], [0x07, 0x01], [0x00], [0x10, 0x09], [0x0B]] as [[UInt8]])
    func `a change that can't be decoded is an error`(bytes: [UInt8]) {
        #expect(throws: RaftError.self) { try ConfigurationChange(decoding: Bytes(bytes), kind: .configurationChange) }
    }

    @Test func `a voter is added, catches up by snapshot and counts; then it is removed (Raft §6)`() throws {
        let cluster = try SimulatedCluster(voters: [1], others: [2], seed: 1)
        cluster.elect(1)
        try cluster.change(1, ConfigurationChange([.init(.addVoter, MemberID(2))]))
        cluster.tickAll(3)
        #expect(cluster[2].store.confState.voters == Self.ids(1, 2))
        #expect(cluster[2].store.index == cluster[1].store.index)
        // Both are needed now.
        cluster.isolate(2)
        try cluster.propose(1, "x")
        cluster.settle()
        #expect(cluster[1].node.committed < cluster[1].node.lastIndex)
        cluster.cut = []
        cluster.tickAll(2)
        #expect(cluster[1].node.committed == cluster[1].node.lastIndex)
        try cluster.change(1, ConfigurationChange([.init(.removeMember, MemberID(2))]))
        cluster.isolate(2)
        try cluster.propose(1, "y")
        cluster.settle()
        #expect(cluster[1].node.committed == cluster[1].node.lastIndex)
        #expect(cluster.violations == [])
    }

    @Test func `a learner gets everything, counts for nothing and does not campaign; then it is promoted (thesis §4.2.1)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2], others: [3], seed: 1)
        cluster.elect(1)
        try cluster.change(1, ConfigurationChange([.init(.addLearner, MemberID(3))]))
        cluster.tickAll(3)
        let isLearner = cluster[3].node.isLearner
        #expect(isLearner)
        #expect(cluster[1].node.memberStatus(of: MemberID(3))!.match == cluster[1].node.lastIndex)
        cluster.isolate(2)
        try cluster.propose(1, "x")
        cluster.settle()
        #expect(cluster[1].node.committed < cluster[1].node.lastIndex)
        cluster[3].node.campaign()
        for _ in 0..<30 { cluster[3].node.tick() }
        #expect(cluster[3].node.role == .follower)
        cluster.cut = []
        cluster.tickAll(2)
        let match = cluster[1].node.memberStatus(of: MemberID(3))!.match
        try cluster.change(1, ConfigurationChange([.init(.addVoter, MemberID(3))]))
        #expect(cluster[1].node.memberStatus(of: MemberID(3))!.match >= match)
        #expect(cluster[3].store.confState == ConfState(voters: Self.ids(1, 2, 3)))
        #expect(cluster.violations == [])
    }

    @Test func `one change at a time, and none before the leader's first entry is applied (thesis §4.1)`() throws {
        let one = try TestNode()
        one.lead()
        let change = ConfigurationChange([.init(.addVoter, MemberID(4))])
        func propose() throws(RaftError) -> Proposed {
            try one.node.propose(configurationChange: change.encodedV1(), kind: .configurationChange)
        }
        one.turn()
        one.acknowledge(from: 2, 1)
        one.turn()
        #expect(try propose() == .appended(first: LogIndex(2), term: Term(1)))
        #expect(throws: RaftError.configurationChangePending(at: LogIndex(2))) { try propose() }
        // Forwarded, it becomes an empty entry.
        one.step(.proposal, from: 3, term: 0) {
            $0.entries = [Entry(term: .zero, index: .zero, kind: .configurationChange, data: change.encodedV1())]
        }
        #expect(one.node.lastIndex == LogIndex(3))
        #expect(one.node.entry(at: LogIndex(3)).kind == .normal)
        one.turn()
        one.acknowledge(from: 2, 3)
        one.node.takeOutput(into: &one.output)
        _ = try one.node.applyConfigurationChange(change)
        one.node.applied(through: LogIndex(3))
        #expect(throws: Never.self) { try propose() }
    }

    @Test func `a joint change needs both majorities, and is left automatically (Raft §6)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], others: [4, 5], seed: 1)
        cluster.elect(1)
        // The automatic end is held back by cutting off the outgoing majority as soon as the change is applied.
        let change = ConfigurationChange(
            transition: .jointImplicit,
            [.init(.removeMember, MemberID(2)), .init(.addLearner, MemberID(3)), .init(.addVoter, MemberID(4)), .init(.addVoter, MemberID(5))])
        try cluster.change(1, change, v2: true)
        cluster.tickAll(5)
        let confState = ConfState(voters: Self.ids(1, 4, 5), learners: Self.ids(3))
        #expect([1, 3, 4, 5].map { cluster[$0].store.confState } == Array(repeating: confState, count: 4))
        #expect(cluster[1].node.lastIndex == LogIndex(4))
        #expect(cluster.violations == [])
    }

    @Test(arguments: [[1, 2], [1, 4], [1, 2, 3], [1, 4, 5]] as [[UInt64]])
    func `neither majority of a joint configuration suffices alone (Raft §6)`(up: [UInt64]) throws {
        var node = try RaftNode(
            configuration: RaftConfiguration(id: MemberID(1), preVote: false),
            recovered: RecoveredState(confState: ConfState(voters: Self.ids(1, 4, 5), votersOutgoing: Self.ids(1, 2, 3))),
            random: RandomSource(seed: 1))
        var output = RaftOutput()
        func step(_ kind: MessageKind, _ from: UInt64, _ index: UInt64 = 0) {
            node.step(Message(kind, from: MemberID(from), to: MemberID(1), term: Term(1), index: LogIndex(index)))
        }
        func persist() {
            node.takeOutput(into: &output)
            if let write = output.write { node.persisted(through: write.number) }
        }
        node.campaign()
        persist()
        for voter in up.dropFirst() { step(.voteResponse, voter) }
        #expect(node.role == .candidate)
        // With the others' votes it leads, but these alone commit nothing.
        for voter in [2, 3, 4, 5] as [UInt64] { step(.voteResponse, voter) }
        #expect(node.role == .leader)
        persist()
        for voter in up.dropFirst() { step(.appendResponse, voter, 1) }
        #expect(node.committed == .zero)
        for voter in [2, 4] as [UInt64] { step(.appendResponse, voter, 1) }
        #expect(node.committed == LogIndex(1))
        // Nor do they confirm a read.
        try node.readIndex(context: 1)
        persist()
        let context = output.messages.first { $0.message.kind == .heartbeat }!.message.context
        for voter in up.dropFirst() {
            node.step(Message(.heartbeatResponse, from: MemberID(voter), to: MemberID(1), term: Term(1), context: context))
        }
        persist()
        #expect(output.readStates == [])
        for voter in [2, 4] as [UInt64] {
            node.step(Message(.heartbeatResponse, from: MemberID(voter), to: MemberID(1), term: Term(1), context: context))
        }
        persist()
        #expect(output.readStates.count == 1)
    }

    @Test func `a joint configuration entered explicitly stays until it is left, and takes no other change`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], others: [4], seed: 1)
        cluster.elect(1)
        #expect(throws: RaftError.configurationIsNotJoint) { try cluster.change(1, ConfigurationChange([]), v2: true) }
        try cluster.change(
            1, ConfigurationChange(transition: .jointExplicit, [.init(.addVoter, MemberID(4)), .init(.addLearner, MemberID(3))]), v2: true)
        cluster.tickAll(5)
        #expect(
            cluster[4].store.confState
                == ConfState(voters: Self.ids(1, 2, 4), votersOutgoing: Self.ids(1, 2, 3), learnersNext: Self.ids(3)))
        #expect(throws: RaftError.configurationIsJoint) { try cluster.change(1, ConfigurationChange([.init(.addVoter, MemberID(9))])) }
        try cluster.change(1, ConfigurationChange([]), v2: true)
        #expect(cluster[4].store.confState == ConfState(voters: Self.ids(1, 2, 4), learners: Self.ids(3)))
        #expect(cluster.violations == [])
    }

    @Test func `a new leader finishes a joint change that its predecessor entered (Raft §6)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], others: [4], seed: 1)
        cluster.elect(1)
        // The entry that leaves is lost with the leader.
        cluster.drop = { $0.kind == .append && $0.entries.contains { $0.kind == .configurationChangeV2 && $0.data.isEmpty } }
        let change = ConfigurationChange(transition: .jointImplicit, [.init(.addVoter, MemberID(4)), .init(.removeMember, MemberID(3))])
        try cluster.change(1, change, v2: true)
        cluster.tickAll(2)
        let isJoint = cluster[2].node.isJoint
        #expect(isJoint)
        cluster[1].crash(&cluster.random)
        cluster.drop = nil
        cluster.tickAll(60)
        #expect(cluster.leader?.store.confState == ConfState(voters: Self.ids(1, 2, 4)))
        #expect(cluster.violations == [])
    }

    @Test func `a leader that removes itself steps down, and the others elect another`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        try cluster.change(1, ConfigurationChange([.init(.removeMember, MemberID(1))]))
        #expect(!cluster.isLeader(1))
        #expect(cluster[2].store.confState.voters == Self.ids(2, 3))
        cluster.tickAll(40)
        #expect(cluster.isLeader(2) || cluster.isLeader(3))
        #expect(cluster[1].node.role == .follower)
        #expect(cluster.violations == [])
    }

    @Test func `members learn from a vote's answer what is committed, or a removal could be the end`() throws {
        // Members 1 and 2; leader 1 applies its own removal, and the news of the commit is lost.
        let cluster = try SimulatedCluster(voters: [1, 2], seed: 1)
        cluster.elect(1)
        _ = try cluster[1].node.propose(
            configurationChange: ConfigurationChange([.init(.removeMember, MemberID(1))]).encodedV1(), kind: .configurationChange)
        cluster.drop = { $0.kind == .append && $0.entries.isEmpty }
        _ = try cluster[1].node.propose(Bytes("a longer log, so that 1 refuses its vote"))
        cluster.settle()
        cluster.drop = nil
        #expect(!cluster.isLeader(1))
        cluster.tickAll(60)
        #expect(cluster.isLeader(2))
        #expect(cluster[2].store.confState.voters == Self.ids(2))
        #expect(cluster.violations == [])
    }

    @Test func `a removed member does not disturb the others (Raft §6, third issue)`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1) { $0.preVote = false }
        cluster.elect(1)
        cluster.isolate(3)
        try cluster.change(1, ConfigurationChange([.init(.removeMember, MemberID(3))]))
        let term = cluster[1].node.term
        cluster.cut = []
        cluster.tickAll(60)
        #expect(cluster[3].node.term > term)
        #expect(cluster.isLeader(1))
        #expect(cluster[1].node.term == term)
    }

    @Test func `changes that contradict the configuration are refused when applied, and change nothing`() throws {
        var node = try SingleVoterTests.leader()
        func apply(_ change: ConfigurationChange) throws -> ConfState { try node.applyConfigurationChange(change) }
        #expect(throws: RaftError.self) { try apply(ConfigurationChange([.init(.removeMember, MemberID(1))])) }
        #expect(throws: RaftError.self) { try apply(ConfigurationChange([.init(.addLearner, MemberID(1))])) }
        #expect(throws: RaftError.configurationIsNotJoint) { try apply(ConfigurationChange([])) }
        // Id 0: a change that proved invalid when it was applied.
        let same = try apply(ConfigurationChange([.init(.removeMember, .zero)]))
        #expect(same == ConfState(voters: Self.ids(1)))
        let joint = try apply(ConfigurationChange(transition: .jointExplicit, [.init(.addVoter, MemberID(2))]))
        #expect(joint.votersOutgoing == Self.ids(1))
        #expect(throws: RaftError.configurationIsJoint) { try apply(ConfigurationChange([.init(.addVoter, MemberID(3))])) }
    }
}
