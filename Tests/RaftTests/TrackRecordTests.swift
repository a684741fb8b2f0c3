import Base
import Raft
import Testing

/// Defects that other implementations had (etcd issue numbers), as far as the consensus core can have them.
/// `swift test --filter RaftTests.TrackRecordTests` runs them.
@Suite struct TrackRecordTests {
    @Test func `etcd 20418: a leader that was stopped and goes on does not answer reads from its own past`() throws {
        // 1 leads, begins a read and is stopped before the answers arrive; 2 leads and commits; 1 goes on and is handed the
        // old answers, and answers to a request id that it uses again.
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        var late: [Message] = []
        cluster.drop = { message in
            if message.kind == .heartbeatResponse { late.append(message) }
            return message.kind == .heartbeatResponse
        }
        cluster.read(at: cluster[1])
        cluster.settle()
        #expect(late.count == 2)
        cluster.drop = nil
        cluster.isolate(1)
        for _ in 0..<40 {
            for id in [2, 3] as [UInt64] { cluster[id].node.tick() }
            cluster.settle()
        }
        let other = cluster.leader!
        #expect(other.id != MemberID(1))
        _ = try other.node.propose(Bytes("new"))
        cluster.settle()
        // The stopped leader wakes up. It has a new read, and gets only the old answers.
        #expect(cluster.isLeader(1))
        cluster.read(at: cluster[1])
        cluster.turn(cluster[1])
        let before = cluster[1].readsAnswered
        for message in late { cluster[1].node.step(message) }
        cluster.turn(cluster[1])
        // The first read began before "new" was committed and may be answered; the second may not.
        #expect(cluster[1].readsAnswered <= before + 1)
        #expect(cluster[1].reads.count == 1)
        #expect(cluster.violations == [])
    }

    @Test func `etcd 20418: an answer to an earlier life or term confirms nothing`() throws {
        func leader(seed: UInt64) throws -> RaftNode {
            var node = try RaftNode(
                configuration: RaftConfiguration(id: MemberID(1), preVote: false),
                recovered: RecoveredState(confState: ConfState(voters: [MemberID(1), MemberID(2)])), random: RandomSource(seed: seed))
            var output = RaftOutput()
            node.campaign()
            node.takeOutput(into: &output)
            node.persisted(through: output.write!.number)
            node.step(Message(.voteResponse, from: MemberID(2), to: MemberID(1), term: Term(1)))
            node.takeOutput(into: &output)
            node.persisted(through: output.write!.number)
            node.step(Message(.appendResponse, from: MemberID(2), to: MemberID(1), term: Term(1), index: LogIndex(1)))
            try node.readIndex(context: 1)
            return node
        }
        var output = RaftOutput()
        var first = try leader(seed: 1)
        first.takeOutput(into: &output)
        let old = output.messages.first { $0.message.kind == .heartbeat }!.message.context
        var second = try leader(seed: 2)
        second.takeOutput(into: &output)
        let new = output.messages.first { $0.message.kind == .heartbeat }!.message.context
        #expect(old != new)
        second.step(Message(.heartbeatResponse, from: MemberID(2), to: MemberID(1), term: Term(1), context: old))
        second.takeOutput(into: &output)
        #expect(output.readStates == [])
        second.step(Message(.heartbeatResponse, from: MemberID(2), to: MemberID(1), term: Term(1), context: new))
        second.takeOutput(into: &output)
        #expect(output.readStates.count == 1)
    }

    @Test func `etcd 14258: a new leader answers no read before it has committed in its term`() throws {
        let one = try TestNode(terms: [1, 1], commit: 1)
        one.lead()
        one.turn()
        try one.node.readIndex(context: 1)
        let heartbeats = one.turn().filter { $0.kind == .heartbeat }
        #expect(heartbeats == [])
        one.acknowledge(from: 2, 3)
        let context = one.turn().first { $0.kind == .heartbeat }!.context
        one.step(.heartbeatResponse, from: 2, term: one.node.term.rawValue) { $0.context = context }
        one.turn()
        #expect(one.output.readStates == [ReadState(context: 1, index: LogIndex(3))])
    }

    @Test func `etcd 14370: a single member commits nothing that is not durable`() throws {
        var node = try SingleVoterTests.leader()
        var output = RaftOutput()
        _ = try node.propose(Bytes("x"))
        for _ in 0..<100 {
            node.tick()
            node.takeOutput(into: &output)
            let early = output.hasEntriesToApply
            #expect(!early)
        }
        #expect(node.committed == LogIndex(1))
    }

    @Test func `tocommit out of range: a member that lost the end of its log refuses the commit index and says why`() throws {
        // In etcd this member panics in a loop. Ours reports it; the member is to be stopped and added anew.
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        for number in 0..<10 { try cluster.propose(1, "\(number)") }
        cluster.settle()
        let member = cluster[3]
        member.crash(&cluster.random)
        member.disk.entries.removeLast(5)
        member.disk.hardState.commit = member.disk.lastIndex
        member.storeOnDisk.index = member.disk.base.index
        try member.restart(seed: 1)
        cluster.tickAll(2)
        let text = cluster.violations.joined()
        #expect(text.contains("it says entry 12 is committed and was acknowledged by this member, whose log ends at 7"))
        #expect(text.contains("Remove this member from the cluster and add it anew"))
        #expect(member.node.committed <= LogIndex(7))
    }

    @Test func `a log that lost what was committed or applied is refused at the start, with what to do`() throws {
        let entries = [Entry(term: Term(1), index: LogIndex(1), data: Bytes())]
        func recover(_ state: RecoveredState) throws(RaftError) {
            _ = try RaftNode(configuration: RaftConfiguration(id: MemberID(1)), recovered: state, random: RandomSource(seed: 1))
        }
        let term = Term(1)
        #expect(throws: RaftError.recoveredCommitBeyondLog(commit: LogIndex(5), last: LogIndex(1))) {
            try recover(RecoveredState(hardState: HardState(term: term, commit: LogIndex(5)), entries: entries))
        }
        #expect(throws: RaftError.recoveredAppliedBeyondLog(applied: LogIndex(5), last: LogIndex(1))) {
            try recover(RecoveredState(hardState: HardState(term: term), entries: entries, applied: LogIndex(5)))
        }
        #expect(throws: RaftError.recoveredAppliedBeforeLog(applied: LogIndex(3), base: LogIndex(7))) {
            try recover(RecoveredState(base: LogPosition(index: LogIndex(7), term: term), applied: LogIndex(3)))
        }
        #expect(throws: RaftError.recoveredEntriesNotConsecutive(expected: LogIndex(2), found: LogIndex(4))) {
            try recover(RecoveredState(entries: entries + [Entry(term: term, index: LogIndex(4), data: Bytes())]))
        }
        #expect(throws: RaftError.recoveredTermsDescend(at: LogIndex(2))) {
            try recover(RecoveredState(entries: entries + [Entry(term: .zero, index: LogIndex(2), data: Bytes())]))
        }
        #expect(RaftError.recoveredCommitBeyondLog(commit: LogIndex(5), last: LogIndex(1)).description.contains("add it anew"))
    }

    @Test func `a torn write that kept entries of a later term than the hard state is not refused`() throws {
        let one = try TestNode(terms: [1, 4], term: 3)
        #expect(one.node.term == Term(4))
        one.turn()
        #expect(one.output.write!.hardState?.term == Term(4))
    }

    @Test func `etcd 18055: two snapshots in a row are both taken, and the later one counts`() throws {
        let one = try TestNode(terms: [1])
        for index in [10, 20] as [UInt64] {
            one.step(.snapshot, from: 2, term: 2) {
                $0.snapshot = Snapshot(
                    metadata: SnapshotMetadata(index: LogIndex(index), term: Term(2), confState: ConfState(voters: [MemberID(1), MemberID(2)])))
            }
            one.turn(persist: false)
            #expect(one.output.snapshot?.metadata.index == LogIndex(index))
            #expect(one.sent.map(\.after) == [one.output.write!.number])
        }
        let second = one.output.write!.number
        one.append(term: 2, after: (20, 2), [2, 2], commit: 22)
        one.turn(persist: false)
        one.node.snapshotApplied(LogIndex(10))
        one.node.persisted(through: second)
        one.turn(persist: false)
        var early = one.output.hasEntriesToApply
        #expect(!early)
        one.node.snapshotApplied(LogIndex(20))
        one.node.persisted(through: WriteNumber(second.rawValue + 1))
        one.node.takeOutput(into: &one.output)
        early = one.output.hasEntriesToApply
        #expect(early)
        #expect(one.output.firstToApply == LogIndex(21))
        #expect(one.output.lastToApply == LogIndex(22))
    }
}
