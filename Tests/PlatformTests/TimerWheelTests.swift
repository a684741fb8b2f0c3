import Base
import Testing

@testable import Platform

private final class Recorder: TimerHandler {
    var fired: [UInt64] = []
    func timerFired(_ tag: UInt64, now: Instant) { fired.append(tag) }
}

@Suite struct TimerWheelTests {
    private let origin = Instant(nanoseconds: 5_000_000_123)

    private func drain(_ wheel: inout TimerWheel, _ now: Instant) {
        wheel.advance(to: now)
        while let (handler, tag) = wheel.popExpired() { handler.timerFired(tag, now: now) }
    }

    @Test func `timers fire never early and at most a tick late, whatever their distance`() {
        var wheel = TimerWheel(origin: origin)
        var random = RandomSource(seed: 7)
        let recorder = Recorder()
        var deadlines: [Int64] = []
        for tag in 0..<2000 {
            let distance = Int64(random.next() >> UInt64(20 + random.next() % 40))
            deadlines.append(distance)
            _ = wheel.schedule(origin + .nanoseconds(distance), recorder, tag: UInt64(tag))
        }
        var now = origin
        var seen = 0
        while let next = wheel.nextDeadline {
            now = max(next, now + .nanoseconds(1))
            drain(&wheel, now)
            for tag in recorder.fired[seen...] {
                let late = now - (origin + .nanoseconds(deadlines[Int(tag)]))
                #expect(late >= .zero && late <= .milliseconds(2), "timer \(tag) fired \(late.nanoseconds) ns after its deadline")
            }
            seen = recorder.fired.count
        }
        #expect(Set(recorder.fired).count == 2000)
    }

    @Test func `a cancelled timer does not fire, and its name stays harmless`() {
        var wheel = TimerWheel(origin: origin)
        let recorder = Recorder()
        let first = wheel.schedule(origin + .milliseconds(5), recorder, tag: 1)
        _ = wheel.schedule(origin + .milliseconds(5), recorder, tag: 2)
        wheel.cancel(first)
        let reuser = wheel.schedule(origin + .milliseconds(6), recorder, tag: 3)
        wheel.cancel(first)
        drain(&wheel, origin + .milliseconds(10))
        #expect(recorder.fired == [2, 3])
        wheel.cancel(reuser)
        #expect(wheel.nextDeadline == nil)
    }

    @Test func `a timer cancelled by another that fires with it does not fire`() {
        var wheel = TimerWheel(origin: origin)
        let recorder = Recorder()
        let ids = (0..<3).map { wheel.schedule(origin + .milliseconds(3), recorder, tag: $0) }
        wheel.advance(to: origin + .milliseconds(4))
        let first = wheel.popExpired()
        let fired = first?.tag ?? 0
        for (tag, id) in ids.enumerated() where UInt64(tag) != fired { wheel.cancel(id) }
        #expect(wheel.popExpired() == nil)
        #expect(wheel.count == 0)
    }
}
