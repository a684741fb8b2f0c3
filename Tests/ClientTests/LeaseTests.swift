import Base
import Client
import HTTP
import Platform
import Testing
import Wire

@Suite struct LeaseTests {
    private func answering(_ member: ScriptedMember, ttl: Int64) {
        member.onMessage = { [unowned member] _, bytes in
            guard let request = try? Etcdserverpb.LeaseKeepAliveRequest(decoding: bytes) else { return }
            member.send(
                Etcdserverpb.LeaseKeepAliveResponse.with {
                    $0.id = request.id
                    $0.ttl = ttl
                })
        }
    }

    @Test func `a lease is renewed when a third of its time has passed, over a restart too`() throws {
        let fixture = try ClientFixture()
        answering(fixture.members[0], ttl: 30)
        var renewals = 0
        let keeper = fixture.client.keepAlive(7) { outcome in
            if case .alive(let response) = outcome, response.id == 7 { renewals += 1 }
        }
        #expect(fixture.run { renewals == 1 })
        fixture.members[0].stop()
        try fixture.members[0].start()
        #expect(fixture.run { renewals >= 2 })
        keeper.cancel()
    }

    @Test func `a lease that is gone is told once`() throws {
        let fixture = try ClientFixture()
        answering(fixture.members[0], ttl: 0)
        var ends = 0
        let keeper = fixture.client.keepAlive(7) { outcome in if case .expired = outcome { ends += 1 } }
        #expect(fixture.run { ends == 1 })
        for _ in 0..<5 { fixture.client.loop.turn(until: Clock.now) }
        #expect(ends == 1)
        keeper.cancel()
    }

    @Test func `a single renewal answers with the time to live, or that there is no such lease`() throws {
        let fixture = try ClientFixture()
        answering(fixture.members[0], ttl: 42)
        #expect(try fixture.client.keepAliveOnce(9) == 42)
        answering(fixture.members[0], ttl: 0)
        let error = try #require(throws: ClientError.self) { try fixture.client.keepAliveOnce(9) }
        #expect(error.isLeaseNotFound)
    }

    @Test func `a lease that is kept alive tells its renewals, and its end again and again`() throws {
        let fixture = try ClientFixture()
        answering(fixture.members[0], ttl: 30)
        let kept = fixture.client.keepAlive(7)
        #expect(try kept.next(within: 60) == 30)
        // The next renewal is due in ten seconds; a restart of the member brings it forward.
        answering(fixture.members[0], ttl: 0)
        fixture.members[0].stop()
        try fixture.members[0].start()
        let error = try #require(throws: ClientError.self) { while try kept.next(within: 60) != nil {} }
        #expect(error.isLeaseNotFound)
        #expect(throws: error) { try kept.next(within: 0) }
    }

    @Test func `a lease that is kept alive no longer is not renewed`() throws {
        let fixture = try ClientFixture()
        answering(fixture.members[0], ttl: 30)
        let kept = fixture.client.keepAlive(7)
        #expect(try kept.next(within: 60) == 30)
        kept.cancel()
        #expect(try kept.next(within: 0.05) == nil)
    }
}
