import Base
import Raft
import Simulation
import Testing
import Wire

struct RaftCheckTests {
    private let now = Instant(nanoseconds: 0)

    private func entry(_ index: UInt64, term: UInt64, _ text: String = "") -> Entry {
        Entry(term: Term(term), index: LogIndex(index), data: Bytes(text))
    }

    @Test("Members may apply the same log at their own pace, and again after a restart")
    func sameLog() throws {
        var check = RaftCheck()
        #expect(try check.applied(entry(1, term: 1, "x"), by: 0, at: now))
        #expect(try check.applied(entry(2, term: 1, "y"), by: 0, at: now))
        #expect(try !check.applied(entry(1, term: 1, "x"), by: 1, at: now))
        #expect(try !check.applied(entry(1, term: 1, "x"), by: 0, at: now))
    }

    @Test("A committed entry that changes, a gap and a term that falls are found")
    func committedChanges() throws {
        var check = RaftCheck()
        #expect(try check.applied(entry(1, term: 2, "x"), by: 0, at: now))
        #expect(throws: Violation.self) { _ = try check.applied(entry(1, term: 2, "y"), by: 1, at: now) }
        #expect(throws: Violation.self) { _ = try check.applied(entry(1, term: 3, "x"), by: 1, at: now) }
        #expect(throws: Violation.self) { _ = try check.applied(entry(3, term: 2), by: 1, at: now) }
        #expect(throws: Violation.self) { _ = try check.applied(entry(2, term: 1), by: 1, at: now) }
    }

    @Test("Two leaders in one term are found, one leader told of twice is not")
    func leaders() throws {
        var check = RaftCheck()
        try check.led(MemberID(1), term: Term(1), at: now)
        try check.led(MemberID(1), term: Term(1), at: now)
        try check.led(MemberID(2), term: Term(2), at: now)
        #expect(throws: Violation.self) { try check.led(MemberID(2), term: Term(1), at: now) }
    }

    @Test("Two votes of a member in one term are found; refusals and repeated votes are not")
    func votes() throws {
        var check = RaftCheck()
        func answer(from: UInt64, to: UInt64, term: UInt64, reject: Bool = false) throws(Violation) {
            try check.sent(Message(.voteResponse, from: MemberID(from), to: MemberID(to), term: Term(term), reject: reject), at: now)
        }
        try check.sent(Message(.vote, from: MemberID(1), to: MemberID(2), term: Term(3)), at: now)
        try answer(from: 2, to: 1, term: 3)
        try answer(from: 2, to: 1, term: 3)
        try answer(from: 2, to: 3, term: 3, reject: true)
        try answer(from: 2, to: 3, term: 4)
        #expect(throws: Violation.self) { try answer(from: 2, to: 3, term: 3) }
        // A candidate votes for itself.
        #expect(throws: Violation.self) { try answer(from: 1, to: 3, term: 3) }
    }
}
