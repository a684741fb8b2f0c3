import Base
import Raft

/// One node whose peers are played by the test.
final class TestNode {
    var node: RaftNode
    var output = RaftOutput()
    /// All messages sent so far, and those of the last turn.
    var sent: [OutgoingMessage] = []

    /// Voters 1...n, this one is 1; the log holds `terms` from index 1 on, all applied up to `commit`.
    init(
        voters: Int = 3, learners: [UInt64] = [], terms: [UInt64] = [], term: UInt64? = nil, commit: UInt64 = 0,
        configure: (inout RaftConfiguration) -> Void = { _ in }
    ) throws(RaftError) {
        var configuration = RaftConfiguration(id: MemberID(1))
        configure(&configuration)
        let entries = terms.enumerated().map { Entry(term: Term($1), index: LogIndex(UInt64($0) + 1), data: Bytes("\($1)")) }
        let confState = ConfState(voters: (1...voters).map { MemberID(UInt64($0)) }, learners: learners.map { MemberID($0) })
        node = try RaftNode(
            configuration: configuration,
            recovered: RecoveredState(
                hardState: HardState(term: Term(term ?? terms.last ?? 0), commit: LogIndex(commit)), confState: confState, entries: entries,
                applied: LogIndex(commit)),
            random: RandomSource(seed: 7))
    }

    /// Takes the output, applies and, if asked, makes everything durable.
    @discardableResult
    func turn(persist: Bool = true) -> [Message] {
        node.takeOutput(into: &output)
        sent = output.messages
        if output.hasEntriesToApply { node.applied(through: output.lastToApply) }
        if persist, let write = output.write, write.mustSync { node.persisted(through: write.number) }
        return sent.map(\.message)
    }

    func step(_ kind: MessageKind, from: UInt64, term: UInt64, _ change: (inout Message) -> Void = { _ in }) {
        var message = Message(kind, from: MemberID(from), to: MemberID(1), term: Term(term))
        change(&message)
        node.step(message)
    }

    /// Appends from the leader 2.
    func append(term: UInt64, after: (UInt64, UInt64), _ terms: [UInt64], commit: UInt64 = 0) {
        step(.append, from: 2, term: term) { message in
            message.index = LogIndex(after.0)
            message.logTerm = Term(after.1)
            message.entries = terms.enumerated().map {
                Entry(term: Term($1), index: LogIndex(after.0 + UInt64($0) + 1), data: Bytes("\($1)"))
            }
            message.commit = LogIndex(commit)
        }
    }

    func acknowledge(from: UInt64, _ index: UInt64) {
        step(.appendResponse, from: from, term: node.term.rawValue) { $0.index = LogIndex(index) }
    }

    /// Wins an election; the others have heard of it but have nothing yet.
    func lead(votes: [UInt64] = [2]) {
        node.campaign()
        turn()
        if node.role == .preCandidate {
            for voter in votes { step(.preVoteResponse, from: voter, term: node.term.rawValue + 1) }
            turn()
        }
        for voter in votes { step(.voteResponse, from: voter, term: node.term.rawValue) }
    }

    var terms: [UInt64] {
        var result: [UInt64] = []
        var index = node.firstIndex
        while index <= node.lastIndex {
            result.append(node.term(at: index)!.rawValue)
            index = index.next
        }
        return result
    }

    var isLeader: Bool { node.isLeader }
    var role: Role { node.role }
    var committed: UInt64 { node.committed.rawValue }
    var reasons: [Refusal.Reason] { output.refusals.map(\.reason) }
}

extension SimulatedCluster {
    func propose(_ id: UInt64, _ text: String) throws { _ = try self[id].node.propose(Bytes(text)) }

    func isolate(_ id: UInt64) {
        for member in members where member.id != MemberID(id) {
            cut.insert([Swift.min(member.id, MemberID(id)), Swift.max(member.id, MemberID(id))])
        }
    }

    func tickAll(_ times: Int) { for _ in 0..<times { tickAll() } }

    func isLeader(_ id: UInt64) -> Bool { self[id].node.isLeader }

    func change(_ id: UInt64, _ change: ConfigurationChange, v2: Bool = false) throws {
        _ = try self[id].node.propose(
            configurationChange: v2 ? change.encodedV2() : change.encodedV1(), kind: v2 ? .configurationChangeV2 : .configurationChange)
        settle()
    }
}
