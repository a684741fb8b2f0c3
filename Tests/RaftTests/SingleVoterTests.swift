import Base
import Raft
import Testing

@Suite struct SingleVoterTests {
    static let one = MemberID(1)

    static func node(
        hardState: HardState = HardState(), entries: [Entry] = [], base: LogPosition = .zero, applied: LogIndex = .zero,
        configuration: RaftConfiguration = RaftConfiguration(id: one)
    ) throws(RaftError) -> RaftNode {
        try RaftNode(
            configuration: configuration,
            recovered: RecoveredState(
                hardState: hardState, confState: ConfState(voters: [one]), base: base, entries: entries, applied: applied),
            random: RandomSource(seed: 1))
    }

    /// A leader whose first entry is durable, committed and applied.
    static func leader(configuration: RaftConfiguration = RaftConfiguration(id: one)) throws(RaftError) -> RaftNode {
        var node = try node(configuration: configuration)
        var output = RaftOutput()
        node.campaign()
        node.takeOutput(into: &output)
        node.persisted(through: output.write!.number)
        node.takeOutput(into: &output)
        node.applied(through: output.lastToApply)
        return node
    }

    @Test func `it campaigns within two election timeouts and leads, in one write with its first entry`() throws {
        var node = try Self.node()
        var output = RaftOutput()
        var ticks = 0
        while !node.isLeader {
            node.tick()
            ticks += 1
            try #require(ticks < 20)
        }
        #expect(ticks >= 10)
        node.takeOutput(into: &output)
        let write = output.write!
        #expect(write.mustSync)
        #expect(write.hardState == HardState(term: Term(1), vote: Self.one, commit: .zero))
        let entries = output.entries
        #expect(entries == [Entry(term: Term(1), index: LogIndex(1), data: Bytes())])
        #expect(output.softState == SoftState(leader: Self.one, role: .leader, term: Term(1)))
        let hasEntriesToApply = output.hasEntriesToApply
        #expect(!hasEntriesToApply)
    }

    @Test func `nothing is committed before its write is durable (Raft §5.3; etcd 14370)`() throws {
        var node = try Self.leader()
        var output = RaftOutput()
        let proposed = try node.propose(batch: [Bytes("a"), Bytes("b")])
        #expect(proposed == .appended(first: LogIndex(2), term: Term(1)))
        node.takeOutput(into: &output)
        let write = output.write!
        #expect(output.entries.map(\.index) == [LogIndex(2), LogIndex(3)])
        #expect(node.committed == LogIndex(1))
        _ = try node.propose(Bytes("c"))
        node.persisted(through: write.number)
        node.takeOutput(into: &output)
        let toApply = (output.firstToApply, output.lastToApply)
        #expect(toApply == (LogIndex(2), LogIndex(3)))
        #expect(node.committed == LogIndex(3))
        #expect(node.entry(at: LogIndex(3)).data == Bytes("b"))
        let written = output.entries.map(\.data)
        #expect(written == [Bytes("c")])
    }

    @Test func `a commit index alone is written with the next tick, unsynced`() throws {
        var node = try Self.leader()
        var output = RaftOutput()
        node.takeOutput(into: &output)
        #expect(output.write == nil)
        node.tick()
        node.takeOutput(into: &output)
        let write = output.write!
        #expect(!write.mustSync)
        #expect(write.hardState?.commit == LogIndex(1))
        node.tick()
        node.takeOutput(into: &output)
        let isEmpty = output.isEmpty
        #expect(isEmpty)
    }

    @Test func `a read is answered at once with the commit index, but not before the term's first commit (etcd 14258)`() throws {
        var node = try Self.node()
        var output = RaftOutput()
        node.campaign()
        try node.readIndex(context: 7)
        node.takeOutput(into: &output)
        #expect(output.readStates == [])
        node.persisted(through: output.write!.number)
        node.takeOutput(into: &output)
        #expect(output.readStates == [ReadState(context: 7, index: LogIndex(1))])
        try node.readIndex(context: 8)
        try node.readIndex(context: 9)
        node.takeOutput(into: &output)
        #expect(output.readStates.map(\.context) == [8, 9])
    }

    @Test func `after a restart it goes on in a later term and applies again what the store lacks`() throws {
        let entries = (1...5).map { Entry(term: Term(3), index: LogIndex($0), data: Bytes("\($0)")) }
        var node = try Self.node(
            hardState: HardState(term: Term(3), vote: Self.one, commit: LogIndex(2)), entries: entries, applied: LogIndex(1))
        var output = RaftOutput()
        node.takeOutput(into: &output)
        var toApply = (output.firstToApply, output.lastToApply)
        #expect(toApply == (LogIndex(2), LogIndex(2)))
        node.applied(through: output.lastToApply)
        node.campaign()
        node.takeOutput(into: &output)
        #expect(node.term == Term(4))
        node.persisted(through: output.write!.number)
        node.takeOutput(into: &output)
        toApply = (output.firstToApply, output.lastToApply)
        #expect(toApply == (LogIndex(3), LogIndex(6)))
    }

    @Test func `a founding member applies its bootstrap entries and then leads`() throws {
        let change = ConfigurationChange([.init(.addVoter, Self.one)], context: Bytes("{}"))
        let entry = Entry(term: Term(1), index: LogIndex(1), kind: .configurationChange, data: change.encodedV1())
        var node = try RaftNode(
            configuration: RaftConfiguration(id: Self.one),
            recovered: RecoveredState(hardState: HardState(term: Term(1), commit: LogIndex(1)), entries: [entry]),
            random: RandomSource(seed: 1))
        var output = RaftOutput()
        node.campaign()
        #expect(node.role == .follower)
        node.takeOutput(into: &output)
        #expect(output.lastToApply == LogIndex(1))
        let decoded = try ConfigurationChange(decoding: node.entry(at: LogIndex(1)).data, kind: .configurationChange)
        #expect(decoded == change)
        let confState = try node.applyConfigurationChange(decoded)
        #expect(confState == ConfState(voters: [Self.one]))
        node.applied(through: LogIndex(1))
        node.campaign()
        let isLeader = node.isLeader
        #expect(isLeader)
        #expect(node.term == Term(2))
    }

    @Test func `compaction keeps the term of the last entry it forgets`() throws {
        var node = try Self.leader()
        var output = RaftOutput()
        for round in 0..<10 {
            _ = try node.propose(batch: (0..<100).map { Bytes("\(round).\($0)") })
            node.takeOutput(into: &output)
            node.persisted(through: output.write!.number)
            node.takeOutput(into: &output)
            node.applied(through: output.lastToApply)
            node.compact(through: LogIndex(output.lastToApply.rawValue - 50))
        }
        #expect(node.lastIndex == LogIndex(1001))
        #expect(node.firstIndex == LogIndex(952))
        #expect(node.entry(at: LogIndex(952)).data == Bytes("9.50"))
        let length = node.entries(from: LogIndex(952), through: LogIndex(1001)).count
        #expect(length >= 1)
        #expect(node.term(at: LogIndex(951)) == Term(1))
        #expect(node.term(at: LogIndex(950)) == nil)
    }

    @Test func `proposals beyond the uncommitted limit are refused whole, the first and empty ones never`() throws {
        var node = try Self.leader(configuration: RaftConfiguration(id: Self.one, uncommittedBytesMax: 10))
        _ = try node.propose(Bytes(String(repeating: "x", count: 50)))
        #expect(throws: RaftError.uncommittedSizeLimit(bytes: 52, max: 10)) { try node.propose(batch: [Bytes("a"), Bytes("b")]) }
        _ = try node.propose(Bytes())
        #expect(node.lastIndex == LogIndex(3))
        var output = RaftOutput()
        node.takeOutput(into: &output)
        node.persisted(through: output.write!.number)
        _ = try node.propose(Bytes("c"))
    }

    @Test func `a proposal without a leader is refused`() throws {
        var node = try Self.node()
        #expect(throws: RaftError.noLeader) { try node.propose(Bytes("a")) }
    }
}
