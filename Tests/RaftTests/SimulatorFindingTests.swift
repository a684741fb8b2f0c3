import Base
import Raft
import Testing

/// Defects of ours that the simulator found in the consensus core. `swift test --filter RaftTests.SimulatorFindingTests`
@Suite struct SimulatorFindingTests {
    /// `etcd-sim run --seed 51 --profile crashes` at the time. A follower got entries and with them that they are committed. In
    /// the same turn the record of a snapshot was on its way to the log, and with it the hard state: its commit index ran ahead
    /// of the entries. The power went before these were written, and the member refused to start ("the log knows entries up to
    /// 31 as committed but ends at 27").
    @Test func `the hard state that goes along with a snapshot's record names no entry that is not durable`() throws {
        let member = try TestNode()
        member.append(term: 1, after: (0, 0), [1, 1], commit: 2)
        #expect(member.node.hardState.commit == LogIndex(2))
        #expect(member.node.durableHardState.commit == .zero)
        member.turn(persist: false)
        #expect(member.node.durableHardState.commit == .zero)
        member.node.persisted(through: member.output.write!.number)
        #expect(member.node.durableHardState == member.node.hardState)
    }
}
