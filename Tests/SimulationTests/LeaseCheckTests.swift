import Base
import Raft
import Simulation
import Testing
import Wire

struct LeaseCheckTests {
    private func granted(_ story: inout Story, ttl: Int64 = 10) {
        let grant = PB.LeaseGrantRequest.with {
            $0.id = 5
            $0.ttl = ttl
        }
        let operation = story.ask(.leaseGrant(grant))
        story.commit { $0.leaseGrant = grant }
        story.answer(
            operation,
            .leaseGrant(
                .with {
                    $0.header = Story.header(1)
                    $0.id = 5
                    $0.ttl = ttl
                }))
        story.witness.started(0, id: MemberID(1), at: story.now)
        story.witness.status(0, isLeader: true, term: Term(1), at: story.now)
        story.pass()
    }

    private func revoked(_ story: inout Story) { story.commit { $0.leaseRevoke = .with { $0.id = 5 } } }

    private func renewed(_ story: inout Story) {
        let renewal = story.ask(.leaseKeepAlive(.with { $0.id = 5 }))
        story.answer(
            renewal,
            .leaseKeepAlive(
                .with {
                    $0.id = 5
                    $0.ttl = 10
                }))
    }

    @Test("A lease that ends after its time is in order, one that ends before is found")
    func ends() {
        for (seconds, rules) in [(9, []), (5, [Violation.Rule.lease])] as [(Int64, [Violation.Rule])] {
            var story = Story()
            granted(&story)
            story.pass(seconds)
            revoked(&story)
            #expect(story.violations == rules)
        }
    }

    @Test("A renewal that was acknowledged counts")
    func renewal() {
        var story = Story()
        granted(&story)
        story.pass(8)
        renewed(&story)
        story.pass(8)
        revoked(&story)
        #expect(story.violations == [.lease])
    }

    @Test("A renewal counts for nothing while two members think that they lead")
    func renewalOfTheDeposed() {
        var story = Story()
        granted(&story)
        story.witness.started(1, id: MemberID(2), at: story.now)
        story.witness.status(1, isLeader: true, term: Term(2), at: story.now)
        story.pass(8)
        renewed(&story)
        story.pass(8)
        revoked(&story)
        #expect(story.violations == [])
    }

    @Test("A lease may end at once when a client asks for it")
    func asked() {
        var story = Story()
        granted(&story)
        let operation = story.ask(.leaseRevoke(.with { $0.id = 5 }))
        revoked(&story)
        story.answer(operation, .leaseRevoke(.with { $0.header = Story.header(1) }))
        #expect(story.violations == [])
    }

    @Test("A clock that runs fast or jumps shortens what a lease must last")
    func clocks() {
        for (seconds, rules) in [(4, []), (2, [Violation.Rule.lease])] as [(Int64, [Violation.Rule])] {
            var story = Story(clocks: ClockRules(maxRate: 1.25, maxJump: .seconds(5)))
            granted(&story)
            story.pass(seconds - 1)
            revoked(&story)
            #expect(story.violations == rules)
        }
    }

    @Test("The keys of a lease go with it, in one revision")
    func attachedKeys() {
        var story = Story()
        granted(&story)
        story.put("b", "1", lease: 5, answeredAt: 2)
        story.put("a", "2", lease: 5, answeredAt: 3)
        story.put("c", "3", answeredAt: 4)
        story.pass(20)
        revoked(&story)
        let read = story.ask(.range(Story.range("a", to: "z")))
        story.answer(read, Story.rows([Story.row("c", "3", create: 4, mod: 4, version: 1)], at: 5))
        #expect(story.violations == [])
    }

    @Test("The keys named with a lease's time to live must be those attached")
    func timeToLive() {
        for keys in [["a"], ["b"]] {
            var story = Story()
            granted(&story)
            story.put("a", "2", lease: 5, answeredAt: 2)
            let operation = story.ask(
                .leaseTimeToLive(
                    .with {
                        $0.id = 5
                        $0.keys = true
                    }))
            story.answer(
                operation,
                .leaseTimeToLive(
                    .with {
                        $0.header = Story.header(2)
                        $0.id = 5
                        $0.ttl = 8
                        $0.grantedTTL = 10
                        $0.keys = keys.map { Array($0.utf8) }
                    }))
            #expect(story.violations == (keys == ["b"] ? [.lease] : []))
        }
    }
}
