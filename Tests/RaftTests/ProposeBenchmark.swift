import Base
import Raft
import Testing

/// What a proposed entry costs a single voter's node: propose, hand to the log, commit, hand to apply, compact. Budget:
/// 150 ns in release. Runs small in debug; `swift test -c release --filter ProposeBenchmark` measures.
@Suite struct ProposeBenchmark {
    static let isRelease: Bool = {
        var isRelease = true
        assert(
            {
                isRelease = false; return true
            }())
        return isRelease
    }()

    @Test func `a proposed entry costs less than its budget`() throws {
        let rounds = Self.isRelease ? 4000 : 20
        let block = Bytes([UInt8](repeating: 7, count: 500 * 64))
        var batch: [Bytes] = []
        var node = try SingleVoterTests.leader()
        var output = RaftOutput()
        var bytes = 0
        let clock = ContinuousClock()
        let elapsed = try clock.measure {
            for _ in 0..<rounds {
                batch.removeAll(keepingCapacity: true)
                for position in 0..<500 { batch.append(block.slice(position * 64, count: 64)) }
                _ = try node.propose(batch: batch)
                node.takeOutput(into: &output)
                node.persisted(through: output.write!.number)
                node.takeOutput(into: &output)
                var index = output.firstToApply
                while index <= output.lastToApply {
                    bytes += node.entry(at: index).data.count
                    index = index.next
                }
                node.applied(through: output.lastToApply)
                if output.lastToApply.rawValue > 10_000 { node.compact(through: LogIndex(output.lastToApply.rawValue - 5_000)) }
            }
        }
        #expect(bytes == rounds * 500 * 64)
        let perEntry = elapsed / (rounds * 500)
        print("propose benchmark: \(perEntry) per entry")
        if Self.isRelease { #expect(perEntry < .nanoseconds(150)) }
    }
}
