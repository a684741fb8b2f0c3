import Base
import Raft
import Simulation
import Storage
import Testing

/// The rule by which the simulator judges what a member finds in its log at a start.
struct DurableLogTests {
    /// Terms of the entries from 1 on.
    private func durable(_ terms: UInt64...) -> DurableLog {
        var log = DurableLog()
        for (place, term) in terms.enumerated() { log.append(LogIndex(UInt64(place + 1)), Term(term)) }
        return log
    }

    private func unsynced(_ entries: (UInt64, UInt64)...) -> [(LogIndex, Term)] { entries.map { (LogIndex($0), Term($1)) } }

    private func found(_ terms: UInt64..., behind base: UInt64 = 0) -> [WALEntry] {
        terms.enumerated().map { place, term in
            WALEntry(term: Term(term), index: LogIndex(base + UInt64(place) + 1), kind: .normal, data: Bytes())
        }
    }

    @Test func `what was durable must be found, no less and nothing else`() {
        let log = durable(1, 1, 2)
        #expect(log.difference(from: found(1, 1, 2), behind: WALSnapshot(), unsynced: []) == nil)
        #expect(log.difference(from: found(1, 1), behind: WALSnapshot(), unsynced: []) == "with a log that ends at 2; up to 3 was durable")
        #expect(
            log.difference(from: found(1, 1, 1), behind: WALSnapshot(), unsynced: [])
                == "without entry 3 of term 2: it has one of term 1")
        #expect(
            log.difference(from: found(1, 1, 2, 2), behind: WALSnapshot(), unsynced: [])
                == "with a log that ends at 4; up to 3 was durable")
    }

    @Test func `of what was being written, the first part may be found`() {
        let log = durable(1)
        let unsynced = unsynced((2, 1), (3, 2))
        #expect(log.difference(from: found(1), behind: WALSnapshot(), unsynced: unsynced) == nil)
        #expect(log.difference(from: found(1, 1), behind: WALSnapshot(), unsynced: unsynced) == nil)
        #expect(log.difference(from: found(1, 1, 2), behind: WALSnapshot(), unsynced: unsynced) == nil)
        #expect(log.difference(from: found(1, 2), behind: WALSnapshot(), unsynced: unsynced) != nil)
    }

    /// Seed 1774 of 2026-11: a leader of term 20 had entry 2 from term 10, where this member had another's of term 13.
    @Test func `a later leader's entry of an earlier term takes the place of an uncommitted one`() {
        let log = durable(9, 13, 13)
        #expect(log.difference(from: found(9, 10), behind: WALSnapshot(), unsynced: unsynced((2, 10), (3, 20))) == nil)
        #expect(log.difference(from: found(9, 10), behind: WALSnapshot(), unsynced: []) != nil)
    }

    @Test func `a leader's snapshot takes the place of a log that differs at its index`() {
        let log = durable(1, 1, 1, 1)
        let snapshot = WALSnapshot(index: LogIndex(3), term: Term(2))
        #expect(log.difference(from: [], behind: snapshot, unsynced: []) == nil)
        #expect(log.difference(from: found(2, behind: 3), behind: snapshot, unsynced: unsynced((4, 2))) == nil)
        #expect(log.difference(from: [], behind: WALSnapshot(index: LogIndex(3), term: Term(1)), unsynced: []) != nil)
    }
}
