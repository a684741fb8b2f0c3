import Base
import Lease
import Testing

private let start = Instant(nanoseconds: 1_000_000_000_000)

private func after(_ seconds: Int64) -> Instant { start + .seconds(seconds) }

private func text(_ keys: [Bytes]) -> [String] { keys.map(\.string) }

private func primary(minimumTTL: Int64 = 2, checkpointInterval: Interval? = nil) -> Lessor {
    var lessor = Lessor(minimumTTL: minimumTTL, checkpointInterval: checkpointInterval)
    lessor.promote(extension: .zero, now: start)
    return lessor
}

@Suite struct LessorTests {
    @Test func `the minimum TTL is one and a half election timeouts, rounded up`() {
        #expect(Lessor.minimumTTL(electionTicks: 10, tick: .milliseconds(100)) == 2)
        #expect(Lessor.minimumTTL(electionTicks: 50, tick: .milliseconds(100)) == 8)
        #expect(Lessor.minimumTTL(electionTicks: 10, tick: .milliseconds(10)) == 1)
        #expect(Lessor.minimumTTL(electionTicks: 20, tick: .milliseconds(100)) == 3)
    }

    @Test(arguments: [(-5, 2), (0, 2), (1, 2), (2, 2), (3, 3), (9_000_000_000, 9_000_000_000)] as [(Int64, Int64)])
    func `a TTL at or below the minimum becomes the minimum`(asked: Int64, granted: Int64) throws {
        var lessor = primary()
        let row = try lessor.grant(LeaseID(7), ttl: asked, now: start)
        #expect(row == LeaseRow(id: LeaseID(7), ttl: granted))
    }

    @Test func `grants are refused with etcd's codes and texts`() throws {
        var lessor = primary()
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        func refusal(_ id: Int64, _ ttl: Int64, _ lessor: inout Lessor) -> LeaseError? {
            do {
                _ = try lessor.grant(LeaseID(id), ttl: ttl, now: start)
                return nil
            } catch { return error }
        }
        let exists = refusal(1, 10, &lessor)
        #expect(exists == .alreadyExists && exists?.code == 9 && exists?.message == "etcdserver: lease already exists")
        let long = refusal(2, 9_000_000_001, &lessor)
        #expect(long == .ttlTooLarge && long?.code == 11 && long?.message == "etcdserver: too large lease TTL")
        let none = refusal(0, 10, &lessor)
        #expect(none == .notFound)
        let count = lessor.count
        #expect(count == 1)
    }

    @Test func `the server's choice of an id is free and positive`() throws {
        var lessor = primary()
        var random = RandomSource(seed: 1)
        for _ in 0..<1000 {
            let id = lessor.freeID(using: &random)
            #expect(id.rawValue > 0)
            _ = try lessor.grant(id, ttl: 5, now: start)
        }
        let count = lessor.count
        #expect(count == 1000)
    }

    @Test func `a lease runs out at its deadline and not before`() throws {
        var lessor = primary()
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        let deadline = lessor.nextDeadline
        #expect(deadline == after(10))
        let early = lessor.expired(now: after(10) - .nanoseconds(1))
        #expect(early.isEmpty)
        let due = lessor.expired(now: after(10))
        #expect(due == [LeaseID(1)])
    }

    @Test func `a revocation that isn't applied is asked for again after three seconds`() throws {
        var lessor = primary()
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        let rounds = [10, 11, 12, 13, 14].map { lessor.expired(now: after($0)).count }
        #expect(rounds == [1, 0, 0, 1, 0])
        _ = try lessor.revoke(LeaseID(1))
        let late = lessor.expired(now: after(100))
        #expect(late.isEmpty)
    }

    @Test func `a round names at most as many leases as its limit, the earliest first`() throws {
        var lessor = primary()
        for id in 1...1200 { _ = try lessor.grant(LeaseID(Int64(id)), ttl: 10 + Int64(id % 3), now: start) }
        let first = lessor.expired(now: after(20))
        let second = lessor.expired(now: after(20))
        let third = lessor.expired(now: after(20))
        #expect([first.count, second.count, third.count] == [500, 500, 200])
        #expect(Set(first + second + third).count == 1200)
        #expect(first.prefix(400).allSatisfy { $0.rawValue % 3 == 0 })
    }

    @Test func `renewal starts the TTL again, with constant memory however often`() throws {
        var lessor = primary()
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        for second in 1...1000 {
            let renewal = lessor.renew(LeaseID(1), now: after(Int64(second)))
            #expect(renewal == .renewed(ttl: 10, clearsCheckpoint: false))
        }
        let deadline = lessor.nextDeadline
        #expect(deadline == after(1010))
        let due = lessor.expired(now: after(1009))
        #expect(due.isEmpty)
    }

    @Test func `an unknown lease, a lease that ran out and a follower's lease aren't renewed`() throws {
        var lessor = primary()
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        let unknown = lessor.renew(LeaseID(2), now: start)
        let expired = lessor.renew(LeaseID(1), now: after(10))
        lessor.demote()
        let follower = lessor.renew(LeaseID(1), now: start)
        #expect(unknown == .unknown && expired == .expired && follower == .notPrimary)
    }

    @Test func `time-to-live counts whole seconds down and ends at zero`() throws {
        var lessor = primary()
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        var seen: [Int64] = []
        for milliseconds in [0, 1, 999, 1000, 1001, 9_999, 10_000, 12_000] as [Int64] {
            seen.append(try lessor.timeToLive(LeaseID(1), withKeys: false, now: start + .milliseconds(milliseconds)).ttl)
        }
        #expect(seen == [10, 9, 9, 9, 8, 0, 0, 0])
        var refusal: LeaseError?
        do { _ = try lessor.timeToLive(LeaseID(9), withKeys: true, now: start) } catch { refusal = error }
        #expect(refusal == .notFound)
    }

    @Test func `time-to-live on a member that doesn't lead is refused, across a change of leader too`() throws {
        var lessor = primary()
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        lessor.demote()
        var refusal: LeaseError?
        do { _ = try lessor.timeToLive(LeaseID(1), withKeys: false, now: after(1)) } catch { refusal = error }
        #expect(refusal == .notPrimary)
        lessor.promote(extension: .seconds(1), now: after(5))
        let status = try lessor.timeToLive(LeaseID(1), withKeys: false, now: after(5))
        #expect(status.grantedTTL == 10 && status.ttl == 11 && status.keys.isEmpty)
    }

    @Test func `leases are listed by deadline`() throws {
        var lessor = primary()
        for (id, ttl) in [(1, 30), (2, 10), (3, 20), (4, 10)] as [(Int64, Int64)] { _ = try lessor.grant(LeaseID(id), ttl: ttl, now: start) }
        let list = lessor.list().map(\.rawValue)
        #expect(list == [2, 4, 3, 1])
    }

    @Test func `a member that doesn't lead lets nothing run out`() throws {
        var lessor = Lessor(minimumTTL: 2)
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        let due = lessor.expired(now: after(1_000_000))
        let next = lessor.nextDeadline
        #expect(due.isEmpty && next == nil)
    }

    @Test func `a new leader gives every lease its whole TTL and an election timeout`() throws {
        var lessor = Lessor(minimumTTL: 2)
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        lessor.promote(extension: .seconds(1), now: after(500))
        let next = lessor.nextDeadline
        #expect(next == after(511))
        _ = lessor.renew(LeaseID(1), now: after(505))
        let renewed = lessor.nextDeadline
        #expect(renewed == after(515))
    }

    @Test func `a new leader with many leases spreads them to 750 a second and shortens none`() throws {
        var lessor = Lessor(minimumTTL: 2)
        for id in 1...10_000 { _ = try lessor.grant(LeaseID(Int64(id)), ttl: id.isMultiple(of: 2) ? 60 : 65, now: start) }
        lessor.promote(extension: .seconds(1), now: start)
        var ends: [Int64] = []
        for tenth in 0..<1000 {
            let due = lessor.expired(now: start + .milliseconds(Int64(tenth) * 100), limit: .max)
            for id in due {
                #expect(tenth >= (id.rawValue.isMultiple(of: 2) ? 610 : 660))
                _ = try lessor.revoke(id)
                ends.append(Int64(tenth))
            }
        }
        #expect(ends.count == 10_000)
        for (index, end) in ends.enumerated() where index >= 760 { #expect(end - ends[index - 760] >= 10) }
    }

    @Test func `few leases aren't spread`() throws {
        var lessor = Lessor(minimumTTL: 2)
        for id in 1...999 { _ = try lessor.grant(LeaseID(Int64(id)), ttl: 60, now: start) }
        lessor.promote(extension: .seconds(1), now: start)
        let due = lessor.expired(now: after(61), limit: .max)
        #expect(due.count == 999)
    }

    @Test func `demotion during a revocation forgets it, the next leader asks again`() throws {
        var lessor = primary()
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        _ = lessor.expired(now: after(10))
        lessor.demote()
        let none = lessor.expired(now: after(20))
        lessor.promote(extension: .seconds(1), now: after(20))
        let kept = lessor.expired(now: after(30))
        let again = lessor.expired(now: after(31))
        #expect(none.isEmpty && kept.isEmpty && again == [LeaseID(1)])
    }
}
