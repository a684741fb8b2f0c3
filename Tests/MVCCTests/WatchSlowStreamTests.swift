import Base
import MVCC
import Testing
import Wire

@Suite struct WatchSlowStreamTests {
    private func limits(bytes: Int) -> WatchLimits {
        var limits = WatchLimits()
        limits.streamBytesMax = bytes
        return limits
    }

    @Test func `a stream that isn't drained gets a bounded amount, later the rest`() throws {
        var f = try WatchFixture(limits(bytes: 5000))
        f.create(1, "a")
        f.create(2, "a")
        let value = String(repeating: "v", count: 100)
        for number in 2...1000 {
            try f.put("a", "\(value)\(number)")
            f.drain(2)
        }
        f.catchUp()
        let slow = f.take(1)
        let fast = f.take(2)
        #expect(slow.lines.count < 50 && fast.lines.count == 999)
        let isBlocked = f.hub.isBlocked(WatchFixture.stream(1))
        let isFree = !f.hub.isBlocked(WatchFixture.stream(2))
        #expect(isBlocked && isFree)

        var rest: [WatchResponse] = []
        while slow.lines.count + rest.lines.count < 999 {
            f.drain(1)
            f.catchUp()
            rest += f.take(1)
        }
        #expect(slow.lines + rest.lines == fast.lines)
        let count = f.hub.slowWatcherCount
        f.drain(1)
        try f.put("a", "last")
        let live = f.take(1).lines
        #expect(count == 0 && live == ["PUT a=last@1001"])
    }

    @Test func `a stream goes on only when half of its limit has drained`() throws {
        var f = try WatchFixture(limits(bytes: 1000))
        f.create(1, "a")
        let value = String(repeating: "v", count: 100)
        for _ in 1...20 { try f.put("a", value) }
        let count = f.take(1).count
        f.drain(1, messages: 2)
        let early = f.hub.hasWork
        f.drain(1, messages: count - 4)
        let late = f.hub.hasWork
        #expect(!early && late)
    }

    @Test func `one slow stream among many watchers of a key delays nobody`() throws {
        var f = try WatchFixture(limits(bytes: 1000))
        for stream in 1...50 as ClosedRange<UInt64> { f.create(stream, "a") }
        let value = String(repeating: "v", count: 300)
        for _ in 1...30 {
            try f.put("a", value)
            for stream in 2...50 as ClosedRange<UInt64> { f.drain(stream) }
        }
        for stream in 2...50 as ClosedRange<UInt64> {
            let count = f.take(stream).lines.count
            #expect(count == 30)
        }
        let slow = f.hub.slowWatcherCount
        #expect(slow == 1)
    }

    @Test func `catching up is shared fairly: a stream far behind doesn't keep others waiting`() throws {
        var limits = WatchLimits()
        limits.sliceRows = 10
        var f = try WatchFixture(limits)
        for value in 2...2000 { try f.put("a", "\(value)") }
        f.create(1, "a") { $0.startRevision = 2 }
        f.create(2, "a") { $0.startRevision = 1995 }
        for _ in 1...3 { f.slice() }
        let near = f.take(2).lines.count
        let far = f.take(1).lines.count
        #expect(near == 6 && far >= 10)
        f.catchUp()
        let rest = f.take(1).lines.count
        #expect(far + rest == 1999)
    }

    @Test func `watchers that are behind at different places share one pass`() throws {
        var f = try WatchFixture()
        for value in 2...100 { try f.put("a", "\(value)") }
        for number in 0..<100 as Range<Int64> { f.create(1, "a") { $0.startRevision = number + 2 } }
        f.slice()
        let isDone = !f.hub.hasWork
        var lines: [Int64: [String]] = [:]
        for response in f.take(1) { lines[response.watchID, default: []] += response.lines }
        #expect(isDone)
        for number in 0..<99 as Range<Int64> { #expect(lines[number] == (number + 2...100).map { "PUT a=\($0)@\($0)" }) }
    }

    @Test func `a watcher's memory is small`() {
        #expect(WatchHub.watcherBytes <= 64 && WatchHub.streamBytes <= 96)
    }

    @Test func `encoded events of one call are bounded; the rest is caught up`() throws {
        var limits = WatchLimits()
        limits.eventBytesPerCall = 4000
        var f = try WatchFixture(limits)
        for stream in 1...20 as ClosedRange<UInt64> { f.create(stream, "a", to: "b\(stream)") }
        // Every stream's set of events is another one, so none can share.
        for _ in 1...3 {
            for stream in 1...20 { try f.write(put: "b\(stream)", String(repeating: "v", count: 100)) }
            try f.write(put: "a", "v")
        }
        f.publish()
        f.catchUp()
        var model: [UInt64: [String]] = [:]
        f.create(99, "", to: "\0") { $0.startRevision = 2 }
        f.catchUp()
        let all = f.take(99).flatMap(\.events)
        for stream in 1...20 as ClosedRange<UInt64> {
            model[stream] = all.filter { event in
                let key = String(decoding: event.kv!.key, as: UTF8.self)
                return key >= "a" && key < "b\(stream)"
            }.map(\.line)
            let lines = f.take(stream).lines
            #expect(lines == model[stream])
        }
    }
}
