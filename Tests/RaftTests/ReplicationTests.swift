import Base
import Raft
import Testing

@Suite struct ReplicationTests {
    @Test func `all proposals of a turn leave in one message per follower, before they are durable here (thesis §10.2.1)`() throws {
        let one = try TestNode()
        one.lead()
        one.turn()
        for follower in [2, 3] as [UInt64] { one.acknowledge(from: follower, 1) }
        one.turn()
        _ = try one.node.propose(batch: (0..<1000).map { Bytes("\($0)") })
        _ = try one.node.propose(Bytes("last"))
        let messages = one.turn(persist: false)
        #expect(messages.map(\.kind) == [.append, .append])
        #expect(messages.map(\.entries.count) == [1001, 1001])
        #expect(one.sent.map(\.after) == [nil, nil])
        // A majority without the leader commits too, but nothing is applied that is not durable here.
        for follower in [2, 3] as [UInt64] { one.acknowledge(from: follower, 1002) }
        #expect(one.committed == 1002)
        one.turn(persist: false)
        let early = one.output.hasEntriesToApply
        #expect(!early)
    }

    @Test func `a follower acknowledges only what is durable, also when it is told twice (Raft §5.3; etcd 14370)`() throws {
        let one = try TestNode()
        one.append(term: 1, after: (0, 0), [1, 1])
        one.turn(persist: false)
        let write = one.output.write!.number
        #expect(one.sent.map(\.message.index) == [LogIndex(2)])
        #expect(one.sent.map(\.after) == [write])
        one.append(term: 1, after: (0, 0), [1, 1])
        one.turn(persist: false)
        #expect(one.output.write == nil)
        #expect(one.sent.map(\.after) == [write])
        one.node.persisted(through: write)
        one.append(term: 1, after: (0, 0), [1, 1])
        one.turn()
        #expect(one.sent.map(\.after) == [nil])
    }

    @Test(
        arguments: [
            [1, 1, 1, 4, 4, 5, 5, 6, 6], [1, 1, 1, 4], [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
            [1, 1, 1, 4, 4, 4, 4], [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
        ] as [[UInt64]])
    func `every follower of Raft's figure 7 ends up with the leader's log`(log: [UInt64]) throws {
        let leaderLog: [UInt64] = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]
        let leader = try TestNode(terms: leaderLog, term: 7)
        let follower = try TestNode(terms: log, term: 7)
        leader.lead()
        leader.turn()
        #expect(leader.node.term == Term(8))
        leader.step(.heartbeatResponse, from: 2, term: 8)
        var exchanges = 0
        while follower.terms != leader.terms && exchanges < 10 {
            for var message in leader.turn() where message.to == MemberID(2) && message.kind == .append {
                message.to = MemberID(1)
                message.from = MemberID(2)
                follower.node.step(message)
                follower.turn()
                for var answer in follower.sent.map(\.message) {
                    answer.to = MemberID(1)
                    answer.from = MemberID(2)
                    leader.node.step(answer)
                }
                exchanges += 1
            }
            leader.node.tick()
            leader.step(.heartbeatResponse, from: 2, term: 8)
        }
        #expect(follower.terms == leaderLog + [8])
        // One term is skipped per exchange, not one entry.
        #expect(exchanges <= 4)
    }

    @Test func `a long conflicting tail is skipped in a few exchanges (Raft §5.3, end)`() throws {
        let leader = try TestNode(terms: Array(repeating: 1, count: 10) + Array(repeating: 5, count: 1000))
        let follower = try TestNode(terms: Array(repeating: 1, count: 10) + Array(repeating: 2, count: 900), term: 5)
        leader.lead()
        var exchanges = 0
        while follower.terms.count < 1011 && exchanges < 10 {
            for var message in leader.turn() where message.to == MemberID(2) && message.kind == .append {
                exchanges += 1
                message.to = MemberID(1)
                message.from = MemberID(2)
                follower.node.step(message)
                for var answer in follower.turn() {
                    answer.from = MemberID(2)
                    answer.to = MemberID(1)
                    leader.node.step(answer)
                }
            }
        }
        #expect(follower.terms == leader.terms)
        #expect(exchanges <= 3)
    }

    @Test func `entries of an earlier term are not committed by counting (Raft §5.4.2, figure 8)`() throws {
        let one = try TestNode(voters: 5, terms: [1, 2], term: 3)
        one.lead(votes: [2, 3])
        one.turn()
        // Entry 2 of term 2 is on a majority, but a leader of term 3 could still replace it.
        for follower in [2, 3] as [UInt64] { one.acknowledge(from: follower, 2) }
        #expect(one.committed == 0)
        for follower in [2, 3] as [UInt64] { one.acknowledge(from: follower, 3) }
        #expect(one.committed == 3)
    }

    @Test func `a conflicting tail is replaced, an agreeing one kept (Raft §5.3)`() throws {
        let one = try TestNode(terms: [1, 1, 2, 2, 2], term: 4)
        one.append(term: 4, after: (1, 1), [1])
        one.turn()
        #expect(one.terms == [1, 1, 2, 2, 2])
        one.append(term: 4, after: (2, 1), [3, 4])
        one.turn()
        #expect(one.terms == [1, 1, 3, 4])
        #expect(one.output.entries.map(\.index) == [LogIndex(3), LogIndex(4)])
    }

    @Test func `a follower commits no further than the message shows the logs to agree (Raft §5.3)`() throws {
        let one = try TestNode(terms: [1, 1, 1], term: 2)
        one.append(term: 2, after: (1, 1), [1], commit: 3)
        one.turn()
        #expect(one.committed == 2)
    }

    @Test func `an old write does not make a rewritten tail durable (term, index) by (term, index)`() throws {
        let one = try TestNode()
        one.append(term: 1, after: (0, 0), [1, 1])
        one.turn(persist: false)
        let first = one.output.write!.number
        one.append(term: 2, after: (0, 0), [2])
        one.turn(persist: false)
        one.append(term: 3, after: (0, 0), [1, 1])
        one.turn(persist: false)
        let third = one.output.write!.number
        #expect(one.terms == [1, 1])
        one.node.persisted(through: first)
        #expect(one.node.durable == .zero)
        one.node.persisted(through: third)
        #expect(one.node.durable == LogIndex(2))
    }

    @Test func `messages are cut at their size, and a larger entry goes alone`() throws {
        let one = try TestNode { $0.messageBytesMax = 100 }
        one.lead()
        one.turn()
        one.acknowledge(from: 2, 1)
        one.turn()
        _ = try one.node.propose(batch: [20, 20, 500, 20, 20, 20].map { Bytes(String(repeating: "x", count: $0)) })
        let counts = one.turn().filter { $0.to == MemberID(2) }.map(\.entries.count)
        #expect(counts == [2, 1, 2, 1])
    }

    @Test func `a full window holds the follower's messages back until it answers`() throws {
        let one = try TestNode {
            $0.inflightMessagesMax = 3
            $0.messageBytesMax = 1
        }
        one.lead()
        one.turn()
        one.acknowledge(from: 2, 1)
        one.turn()
        _ = try one.node.propose(batch: (0..<10).map { Bytes("\($0)") })
        #expect(one.turn().filter { $0.to == MemberID(2) }.count == 3)
        #expect(one.turn() == [])
        one.acknowledge(from: 2, 3)
        #expect(one.turn().filter { $0.to == MemberID(2) && $0.kind == .append }.map(\.index) == [LogIndex(4), LogIndex(5)])
        // Lost answers: a heartbeat's answer frees one place.
        one.step(.heartbeatResponse, from: 2, term: one.node.term.rawValue)
        #expect(one.turn().filter { $0.to == MemberID(2) && $0.kind == .append }.count == 1)
        let status = one.node.memberStatus(of: MemberID(2))!
        #expect(status.replication == .replicate && status.inflightMessages == 3)
    }

    @Test func `a follower in probe gets one message until it answers`() throws {
        let one = try TestNode()
        one.lead()
        #expect(one.turn().filter { $0.to == MemberID(2) }.count == 1)
        _ = try one.node.propose(Bytes("a"))
        #expect(one.turn() == [])
        one.step(.heartbeatResponse, from: 2, term: one.node.term.rawValue)
        #expect(one.turn().map(\.entries.count) == [2])
        one.acknowledge(from: 2, 1)
        #expect(one.node.memberStatus(of: MemberID(2))!.replication == .replicate)
        one.node.reportUnreachable(MemberID(2))
        #expect(one.node.memberStatus(of: MemberID(2))!.replication == .probe)
    }

    @Test func `lost appends are found out after a heartbeat and sent again`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1)
        cluster.elect(1)
        cluster.drop = { $0.kind == .append && $0.to == MemberID(3) }
        for number in 0..<5 {
            try cluster.propose(1, "\(number)")
            cluster.settle()
        }
        cluster.drop = nil
        cluster.tickAll(2)
        #expect(cluster[3].store.index == cluster[1].store.index)
        #expect(cluster.violations == [])
    }

    @Test func `a follower forwards proposals to its leader, with their order and kind kept`() throws {
        let cluster = try SimulatedCluster(voters: [1, 2, 3], seed: 1) { $0.messageBytesMax = 100 }
        cluster.elect(1)
        let proposed = try cluster[2].node.propose(batch: (0..<20).map { Bytes("forwarded \($0)") })
        #expect(proposed == .forwarded(to: MemberID(1)))
        cluster.settle()
        let first = cluster[2].node.lastIndex.rawValue - 19
        #expect((0..<20).map { cluster[2].node.entry(at: LogIndex(first + $0)).data.string } == (0..<20).map { "forwarded \($0)" })
        let change = ConfigurationChange([.init(.addLearner, MemberID(9))])
        _ = try cluster[3].node.propose(configurationChange: change.encodedV1(), kind: .configurationChange)
        cluster.settle()
        #expect(cluster[2].node.confState.learners == [MemberID(9)])
        #expect(cluster.violations == [])
    }

    @Test func `a commit index never goes back (Raft figure 2)`() throws {
        let one = try TestNode(terms: [1, 1, 1], commit: 2)
        one.append(term: 2, after: (3, 1), [], commit: 1)
        one.step(.heartbeat, from: 2, term: 2) { $0.commit = LogIndex(1) }
        one.turn()
        #expect(one.committed == 2)
    }
}
