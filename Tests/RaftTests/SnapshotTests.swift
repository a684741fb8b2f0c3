import Base
import Raft
import Testing

@Suite struct SnapshotTests {
    /// A leader of three whose log begins after entry 100.
    static func leader() throws -> TestNode {
        let one = try TestNode()
        one.lead()
        one.turn()
        one.acknowledge(from: 2, 1)
        one.turn()
        _ = try one.node.propose(batch: (0..<200).map { Bytes("\($0)") })
        one.turn()
        one.acknowledge(from: 2, 201)
        one.turn()
        one.node.compact(through: LogIndex(100))
        return one
    }

    @Test func `a follower that needs forgotten entries gets one snapshot, but only if it is heard from (Raft §7)`() throws {
        let one = try Self.leader()
        // It refuses what it can't connect, and asks from the beginning.
        one.step(.appendResponse, from: 3, term: 1) {
            $0.reject = true
            $0.rejectHint = .zero
        }
        let snapshots = one.turn().filter { $0.kind == .snapshot }
        #expect(snapshots.map(\.to) == [MemberID(3)])
        let metadata = snapshots[0].snapshot!.metadata
        #expect(metadata.index == LogIndex(201) && metadata.term == Term(1))
        #expect(metadata.confState.voters.count == 3)
        one.step(.heartbeatResponse, from: 3, term: 1)
        _ = try one.node.propose(Bytes("x"))
        #expect(one.turn().filter { $0.to == MemberID(3) && $0.kind != .heartbeat } == [])
        #expect(one.node.memberStatus(of: MemberID(3))!.replication == .snapshot)
        // Its own acknowledgement starts it again, even if the report is lost.
        one.acknowledge(from: 3, 201)
        #expect(one.turn().filter { $0.to == MemberID(3) }.map(\.index) == [LogIndex(201)])
        #expect(one.node.memberStatus(of: MemberID(3))!.replication == .replicate)
    }

    @Test func `after a failed snapshot the leader tries again with the next heartbeat`() throws {
        let one = try Self.leader()
        one.step(.appendResponse, from: 3, term: 1) { $0.reject = true }
        one.turn()
        one.node.reportSnapshot(MemberID(3), delivered: false)
        #expect(one.turn().filter { $0.to == MemberID(3) } == [])
        one.step(.heartbeatResponse, from: 3, term: 1)
        #expect(one.turn().filter { $0.to == MemberID(3) }.map(\.kind) == [.snapshot])
        one.node.reportSnapshot(MemberID(3), delivered: true)
        one.step(.heartbeatResponse, from: 3, term: 1)
        let next = one.turn().filter { $0.to == MemberID(3) }
        #expect(next.map(\.kind) == [.append])
        #expect(next[0].index == LogIndex(201))
    }

    @Test func `a snapshot that is not ahead changes nothing; one that the log reaches only commits (Raft §7)`() throws {
        let one = try TestNode(terms: [1, 1, 1, 1], commit: 2)
        func snapshot(_ index: UInt64, _ term: UInt64, voters: [MemberID] = [MemberID(1), MemberID(2)]) {
            one.step(.snapshot, from: 2, term: 3) {
                $0.snapshot = Snapshot(
                    metadata: SnapshotMetadata(index: LogIndex(index), term: Term(term), confState: ConfState(voters: voters)))
            }
            one.turn()
        }
        snapshot(1, 1)
        #expect(one.sent.map(\.message.index) == [LogIndex(2)])
        snapshot(3, 1)
        #expect(one.output.snapshot == nil)
        #expect(one.committed == 3)
        #expect(one.node.lastIndex == LogIndex(4))
        snapshot(9, 2, voters: [MemberID(2)])
        #expect(one.reasons == [.notInSnapshot])
        snapshot(4, 2)
        #expect(one.output.snapshot?.metadata.index == LogIndex(4))
        #expect(one.node.firstIndex == LogIndex(5))
        #expect(one.node.confState.voters == [MemberID(1), MemberID(2)])
    }

    @Test func `a member that installs a snapshot does not campaign before that is done`() throws {
        let one = try TestNode(terms: [1])
        one.step(.snapshot, from: 2, term: 2) {
            $0.snapshot = Snapshot(
                metadata: SnapshotMetadata(index: LogIndex(9), term: Term(2), confState: ConfState(voters: [MemberID(1), MemberID(2)])))
        }
        one.turn()
        one.node.campaign()
        #expect(one.role == .follower)
        one.node.snapshotApplied(LogIndex(9))
        one.node.campaign()
        #expect(one.role == .preCandidate)
    }
}
