import Base
import Testing

@testable import Member

/// Rolling restarts under load: what followers had sent a leader when it went was lost, and their clients waited in vain.
@Suite struct DepartureTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func made() -> Departure { Departure(electionTimeout: .seconds(1), heartbeat: .milliseconds(100)) }

    @Test func `a member that does not lead need not wait`() {
        var departure = made()
        #expect(departure.end(isLeader: false, hasLeader: true, now: start) == nil)
    }

    @Test func `a leader waits for its successor, but not for ever`() {
        var departure = made()
        departure.handsOver(now: start)
        #expect(departure.end(isLeader: true, hasLeader: true, now: start) == start + .seconds(1))
        #expect(departure.end(isLeader: false, hasLeader: false, now: start + .milliseconds(10)) == start + .seconds(1))
    }

    @Test func `it stays until the others have heard of its successor`() {
        var departure = made()
        departure.handsOver(now: start)
        let end = start + .milliseconds(230)
        #expect(departure.end(isLeader: false, hasLeader: true, now: start + .milliseconds(30)) == end)
        #expect(departure.end(isLeader: false, hasLeader: true, now: start + .milliseconds(90)) == end)
    }
}
