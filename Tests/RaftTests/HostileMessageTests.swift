import Base
import Raft
import Testing

/// What a peer sends may be wrong in any way; it is refused, not a trap.
@Suite struct HostileMessageTests {
    @Test func `messages that no correct member sends are refused with the reason`() throws {
        let one = try TestNode(terms: [1, 1, 1], commit: 2)
        func refused(_ kind: MessageKind, term: UInt64 = 5, _ change: (inout Message) -> Void = { _ in }) -> [Refusal.Reason] {
            one.step(kind, from: 2, term: term, change)
            one.turn()
            return one.reasons
        }
        #expect(refused(.append) { $0.to = MemberID(9) } == [.wrongAddressee(MemberID(9))])
        #expect(refused(.append) { $0.from = MemberID(1) } == [.senderMissing])
        #expect(refused(.append) { $0.from = .zero } == [.senderMissing])
        #expect(refused(.append, term: 0) == [.termMissing])
        #expect(refused(.append, term: .max) == [.outOfRange])
        #expect(refused(.append) { $0.index = LogIndex(.max) } == [.outOfRange])
        #expect(refused(.snapshot) == [.snapshotMissing])
        #expect(refused(.heartbeat) { $0.commit = LogIndex(9) } == [.commitBeyondLog(commit: LogIndex(9), last: LogIndex(3))])
        let conflict = Entry(term: Term(5), index: LogIndex(2), data: Bytes())
        // Below the commit index nothing is looked at; at it, the committed entry is kept.
        #expect(
            refused(.append) {
                $0.index = LogIndex(1); $0.logTerm = Term(1); $0.entries = [conflict]
            } == [])
        #expect(one.terms == [1, 1, 1])
        #expect(
            refused(.append) {
                $0.index = LogIndex(2)
                $0.logTerm = Term(1)
                $0.entries = [Entry(term: Term(5), index: LogIndex(4), data: Bytes())]
            } == [.entriesNotConsecutive])
        #expect(refused(.append) { $0.from = MemberID(3) } == [.secondLeader(known: MemberID(2))])
        #expect(refused(.readIndexResponse) == [.contextMissing])
        #expect(
            refused(.snapshot) {
                $0.snapshot = Snapshot(
                    metadata: SnapshotMetadata(index: LogIndex(9), term: Term(5), confState: ConfState(voters: [.zero, MemberID(1)])))
            } == [.snapshotConfigurationInvalid("member id 0")])
        let leader = try TestNode()
        leader.lead()
        leader.turn()
        leader.acknowledge(from: 2, 7)
        leader.turn()
        #expect(leader.reasons == [.acknowledgesBeyondLog(index: LogIndex(7), last: LogIndex(1))])
        leader.step(.append, from: 3, term: 1)
        leader.turn()
        #expect(leader.reasons == [.secondLeader(known: MemberID(1))])
        #expect(leader.reasons.map { Refusal(kind: .append, from: MemberID(3), reason: $0).isFatal } == [false])
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `no sequence of random messages traps`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let one = try TestNode(learners: seed % 2 == 0 ? [4] : [], terms: [1, 1, 2, 3], commit: 1) { $0.preVote = seed % 3 != 0 }
        func number() -> UInt64 {
            let choices: [UInt64] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, one.node.lastIndex.rawValue, one.node.term.rawValue, 1 << 40, .max, .max - 1]
            return choices.randomElement(using: &random)!
        }
        func bytes() -> Bytes {
            [Bytes(), Bytes("CampaignTransfer"), Bytes([UInt8](repeating: 0, count: 24)), Bytes([8, 1, 16, 1, 24, 2]), Bytes([10])]
                .randomElement(using: &random)!
        }
        func ids() -> [MemberID] { (0..<Int.random(in: 0...3, using: &random)).map { _ in MemberID(number() % 6) } }
        for _ in 0..<2000 {
            var message = Message(
                MessageKind.allCases.randomElement(using: &random)!, from: MemberID(number() % 6), to: MemberID(1),
                term: Bool.random(using: &random) ? one.node.term : Term(number()), logTerm: Term(number()), index: LogIndex(number()),
                commit: LogIndex(number()), reject: Bool.random(using: &random), rejectHint: LogIndex(number()), context: bytes())
            let consecutive = Bool.random(using: &random)
            for offset in 0..<UInt64.random(in: 0...3, using: &random) {
                message.entries.append(
                    Entry(
                        term: consecutive ? message.term : Term(number()),
                        index: LogIndex(consecutive ? message.index.rawValue &+ offset &+ 1 : number()),
                        kind: [.normal, .configurationChange, .configurationChangeV2].randomElement(using: &random)!, data: bytes()))
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                let confState = ConfState(voters: ids() + [MemberID(1)], learners: ids(), votersOutgoing: ids(), learnersNext: ids())
                message.snapshot = Snapshot(metadata: SnapshotMetadata(index: LogIndex(number()), term: Term(number()), confState: confState))
            }
            one.node.step(message)
            if Int.random(in: 0..<4, using: &random) == 0 { one.node.tick() }
            if Int.random(in: 0..<4, using: &random) == 0 { _ = try? one.node.propose(Bytes("x")) }
            if Int.random(in: 0..<9, using: &random) == 0 { try? one.node.readIndex(context: 1) }
            one.turn()
            if let snapshot = one.output.snapshot { one.node.snapshotApplied(snapshot.metadata.index) }
        }
    }
}
