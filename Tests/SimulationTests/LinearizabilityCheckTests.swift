import Base
import Raft
import Simulation
import Testing
import Wire

/// Good histories pass, and each kind of bad one is found.
struct LinearizabilityCheckTests {
    @Test("Writes and reads in order are no violation")
    func goodHistory() {
        var story = Story()
        story.put("a", "1", answeredAt: 2)
        story.put("a", "2", answeredAt: 3)
        let read = story.ask(.range(Story.range("a")))
        story.answer(read, Story.rows([Story.row("a", "2", create: 2, mod: 3, version: 2)], at: 3))
        #expect(story.witness.violations.isEmpty)
    }

    @Test("A read that overlaps a write may see the state before it or after it")
    func overlap() {
        for revision: Int64 in [2, 3] {
            var story = Story()
            story.put("a", "1", answeredAt: 2)
            let request = Story.put("a", "2")
            let write = story.ask(.put(request))
            let read = story.ask(.range(Story.range("a")))
            story.commit { $0.put = request }
            let value = revision == 2 ? "1" : "2"
            story.answer(read, Story.rows([Story.row("a", value, create: 2, mod: revision, version: revision - 1)], at: revision))
            story.answer(write, Story.put(at: 3))
            #expect(story.witness.violations.isEmpty)
        }
    }

    @Test("A linearizable read older than an acknowledged write is stale, a serializable one is not")
    func staleRead() {
        for isSerializable in [false, true] {
            var story = Story()
            story.put("a", "1", answeredAt: 2)
            story.put("a", "2", answeredAt: 3)
            let read = story.ask(.range(Story.range("a", serializable: isSerializable)))
            story.answer(read, Story.rows([Story.row("a", "1", create: 2, mod: 2, version: 1)], at: 2))
            #expect(story.violations == (isSerializable ? [] : [.linearizability]))
        }
    }

    @Test("Two reads one after the other must not go back, even if the write between them has no answer yet")
    func readsGoBack() {
        var story = Story()
        story.put("a", "1", answeredAt: 2)
        let request = Story.put("a", "2")
        _ = story.ask(.put(request))
        story.commit { $0.put = request }
        let first = story.ask(.range(Story.range("a")))
        story.answer(first, Story.rows([Story.row("a", "2", create: 2, mod: 3, version: 2)], at: 3))
        let second = story.ask(.range(Story.range("a")))
        story.answer(second, Story.rows([Story.row("a", "1", create: 2, mod: 2, version: 1)], at: 2))
        #expect(story.violations == [.linearizability])
    }

    @Test("A read whose rows are not those of its revision is found")
    func wrongRows() {
        var story = Story()
        story.put("a", "1", answeredAt: 2)
        let read = story.ask(.range(Story.range("a", to: "z", serializable: true)))
        story.answer(read, Story.rows([], at: 2))
        #expect(story.violations == [.linearizability])
    }

    @Test("A write that was acknowledged and that no member has is lost")
    func lostWrite() {
        let story = Story()
        let write = story.ask(.put(Story.put("a", "1")))
        story.answer(write, Story.put(at: 2))
        #expect(story.violations == [.durability])
    }

    @Test("A write acknowledged with another revision than the log gives it is found")
    func wrongRevision() {
        var story = Story()
        story.put("a", "1", answeredAt: 3)
        #expect(story.violations == [.linearizability])
    }

    @Test("A write in the log twice, or one that nobody asked for, is found")
    func twice() {
        var story = Story()
        let request = Story.put("a", "1")
        _ = story.ask(.put(request))
        story.commit { $0.put = request }
        #expect(story.violations == [])
        story.commit { $0.put = request }
        #expect(story.violations == [.durability])
        story.commit { $0.put = Story.put("b", "2") }
        #expect(story.violations == [.durability, .durability])
    }

    @Test("An unanswered write may come into the log later, or never; after a later acknowledged one it is still in order")
    func unknownOutcome() {
        var story = Story()
        let request = Story.put("a", "late")
        let late = story.ask(.put(request))
        story.answer(late, .unknown)
        let never = story.ask(.put(Story.put("a", "never")))
        story.answer(never, .failure(GRPCError.timeout.rawValue))
        story.put("a", "1", answeredAt: 2)
        story.commit { $0.put = request }
        #expect(story.witness.violations.isEmpty)
    }

    @Test("A write that comes before one that was acknowledged before it was asked for breaks the order of time")
    func orderOfTime() {
        var story = Story()
        let first = Story.put("a", "1")
        let second = Story.put("a", "2")
        let one = story.ask(.put(first))
        let entry = story.commit { $0.put = first }
        story.answer(one, Story.put(at: 2))
        // The later write takes the place of the earlier one in another member's log.
        _ = story.ask(.put(second))
        let other = Entry(term: Term(1), index: entry.index, data: PB.InternalRaftRequest.with { $0.put = second }.encoded())
        story.witness.applied(1, other, at: story.now)
        #expect(story.violations == [.logMatching])
    }

    @Test("A transaction must compare with the state at its place and answer with it")
    func transactions() {
        for tellsTruth in [true, false] {
            var story = Story()
            story.put("a", "1", answeredAt: 2)
            let txn = PB.TxnRequest.with { txn in
                txn.compare = [
                    .with {
                        $0.key = Array("txn-1".utf8)
                        $0.targetUnion = .version(0)
                    },
                    .with {
                        $0.target = .value
                        $0.key = Array("a".utf8)
                        $0.targetUnion = .value(Array("1".utf8))
                    },
                ]
                txn.success = [.with { $0.request = .requestPut(Story.put("a", "2")) }]
            }
            let operation = story.ask(.txn(txn))
            story.commit { $0.txn = txn }
            story.answer(
                operation,
                .txn(
                    .with {
                        $0.header = Story.header(tellsTruth ? 3 : 2)
                        $0.succeeded = tellsTruth
                        if tellsTruth {
                            $0.responses = [.with { $0.response = .responsePut(.with { $0.header = Story.header(3) }) }]
                        }
                    }))
            #expect(story.violations == (tellsTruth ? [] : [.linearizability]))
        }
    }

    @Test("Reads of the past: refused after a compaction, and only then")
    func compaction() {
        var story = Story()
        story.put("a", "1", answeredAt: 2)
        story.put("a", "2", answeredAt: 3)
        let early = story.ask(.range(Story.range("a", at: 2)))
        story.answer(early, .failure(GRPCError.compacted.rawValue))
        #expect(story.violations == [.linearizability])
        let compaction = PB.CompactionRequest.with { $0.revision = 3 }
        let operation = story.ask(.compact(compaction))
        story.commit { $0.compaction = compaction }
        story.answer(operation, .compact(.with { $0.header = Story.header(3) }))
        let refused = story.ask(.range(Story.range("a", at: 2)))
        story.answer(refused, .failure(GRPCError.compacted.rawValue))
        let served = story.ask(.range(Story.range("a", at: 3)))
        story.answer(served, Story.rows([Story.row("a", "2", create: 2, mod: 3, version: 2)], at: 3))
        #expect(story.violations == [.linearizability])
        let wrong = story.ask(.range(Story.range("a", at: 2)))
        story.answer(wrong, Story.rows([Story.row("a", "1", create: 2, mod: 2, version: 1)], at: 3))
        #expect(story.violations == [.linearizability, .linearizability])
    }

    @Test("Hashes of one revision must be the same on all members")
    func hashes() {
        var story = Story()
        for revision: Int64 in 2...5 { story.put("a", "\(revision)", answeredAt: revision) }
        let told = story
        func ask(slot: Int, hash: UInt32) {
            let operation = told.witness.invoked(.hashKV(PB.HashKVRequest()), client: 0, slot: slot, at: told.now)
            told.answer(
                operation,
                .hashKV(
                    .with {
                        $0.hash = hash
                        $0.hashRevision = 5
                        $0.compactRevision = 2
                    }))
        }
        ask(slot: 0, hash: 7)
        ask(slot: 1, hash: 7)
        #expect(told.violations == [])
        ask(slot: 2, hash: 8)
        #expect(told.violations == [.hash])
    }
}
