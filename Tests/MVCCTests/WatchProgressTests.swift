import Base
import MVCC
import Testing
import Wire

@Suite struct WatchProgressTests {
    @Test func `a request is answered once for all watchers of the stream`() throws {
        var f = try WatchFixture()
        f.progress(1)
        f.create(1, "a")
        f.create(1, "b")
        try f.put("c", "1")
        _ = f.take(1)
        f.progress(1)
        let responses = f.take(1)
        #expect(responses.count == 1 && responses[0].watchID == -1 && responses[0].header?.revision == 2)
        #expect(responses[0].events.isEmpty && !responses[0].created && !responses[0].canceled)
        f.cancel(1, 0)
        f.cancel(1, 1)
        _ = f.take(1)
        f.progress(1)
        let none = f.take(1)
        #expect(none.isEmpty)
    }

    @Test func `notifications come every interval, unless events came since the last round`() throws {
        var f = try WatchFixture(WatchLimits(maxRequestBytes: 1_572_864, progressInterval: .seconds(600)))
        f.create(1, "a") { $0.progressNotify = true }
        f.create(1, "b")
        _ = f.take(1)
        var counts: [Int] = []
        f.tick(after: .seconds(599))
        counts.append(f.take(1).count)
        f.tick(after: .seconds(61))
        counts.append(f.take(1).count)
        try f.put("a", "1")
        _ = f.take(1)
        f.tick(after: .seconds(660))
        counts.append(f.take(1).count)
        try f.put("b", "1")
        _ = f.take(1)
        f.tick(after: .seconds(660))
        let last = f.take(1)
        #expect(counts == [0, 1, 0] && last.count == 1 && last[0].watchID == 0 && last[0].header?.revision == 3)
    }

    @Test func `the interval varies by up to a tenth and ends with the watcher`() throws {
        var f = try WatchFixture(WatchLimits(maxRequestBytes: 1_572_864, progressInterval: .seconds(100)), seed: 5)
        for stream in 1...100 as ClosedRange<UInt64> { f.create(stream, "a") { $0.progressNotify = true } }
        let earliest = f.hub.nextDeadline
        #expect(earliest != nil && earliest! >= f.now + .seconds(100) && earliest! < f.now + .seconds(102))
        f.tick(after: .seconds(105))
        let some = (1...100 as ClosedRange<UInt64>).filter { f.take($0).count == 2 }.count
        #expect(some > 20 && some < 80)
        for stream in 1...100 as ClosedRange<UInt64> { f.cancel(stream, 0) }
        let end = f.hub.nextDeadline
        #expect(end == nil)
    }

    @Test func `an interval below 100 ms is raised to it`() {
        let limits = WatchLimits(maxRequestBytes: 1, progressInterval: .milliseconds(1))
        #expect(limits.progressInterval == .milliseconds(100) && limits.fragmentBytes == 524_289)
    }

    @Test func `a watcher that is behind isn't notified`() throws {
        var limits = WatchLimits()
        limits.streamBytesMax = 1000
        var f = try WatchFixture(limits)
        f.create(1, "a") { $0.progressNotify = true }
        for _ in 1...3 { try f.put("a", String(repeating: "v", count: 900)) }
        _ = f.take(1)
        f.tick(after: .seconds(700))
        f.tick(after: .seconds(700))
        f.progress(1)
        let none = f.take(1)
        f.drain(1)
        f.catchUp()
        let events = f.take(1)
        f.drain(1)
        f.tick(after: .seconds(700))
        f.tick(after: .seconds(700))
        let progress = f.take(1)
        #expect(none.isEmpty && events.lines.count == 1 && progress.count == 1 && progress[0].header?.revision == 4)
    }
}
