import Base
import MVCC
import Testing
import Wire

@Suite struct WatchDeliveryTests {
    @Test func `events carry the row as stored, a deletion the key and its revision`() throws {
        var f = try WatchFixture()
        f.create(1, "a")
        try f.write(put: "a", "x", lease: 9)
        f.publish()
        try f.put("a", "y")
        try f.delete("a")
        let events = f.take(1).flatMap(\.events)
        var kv = Mvccpb.KeyValue()
        (kv.key, kv.value, kv.createRevision, kv.modRevision, kv.version, kv.lease) = (Array("a".utf8), Array("x".utf8), 2, 2, 1, 9)
        #expect(events[0].type == .put && events[0].kv == kv && events[0].prevKv == nil)
        (kv.value, kv.modRevision, kv.version, kv.lease) = (Array("y".utf8), 3, 2, 0)
        #expect(events[1].kv == kv)
        var tombstone = Mvccpb.KeyValue()
        (tombstone.key, tombstone.modRevision) = (Array("a".utf8), 4)
        #expect(events[2].type == .delete && events[2].kv == tombstone && events[2].prevKv == nil)
    }

    @Test(arguments: [false, true])
    func `previous values come with those that asked for them, live and from the history`(live: Bool) throws {
        var f = try WatchFixture()
        func watch(_ f: inout WatchFixture) {
            f.create(1, "a") {
                $0.prevKv = true
                $0.startRevision = 2
            }
            f.create(2, "a") { $0.startRevision = 2 }
            f.catchUp()
        }
        if live { watch(&f) }
        try f.put("a", "1")
        try f.put("a", "2")
        try f.delete("a")
        try f.put("a", "3")
        if !live { watch(&f) }
        let with = f.take(1).lines
        let without = f.take(2).lines
        #expect(with == ["PUT a=1@2", "PUT a=2@3 was 1@2", "DELETE a@4 was 2@3", "PUT a=3@5"])
        #expect(without == ["PUT a=1@2", "PUT a=2@3", "DELETE a@4", "PUT a=3@5"])
    }

    @Test(arguments: [false, true])
    func `a previous value that a compaction has passed is left out`(live: Bool) throws {
        var f = try WatchFixture()
        func watch(_ f: inout WatchFixture) {
            f.create(1, "a") {
                $0.prevKv = true
                $0.startRevision = 4
            }
            f.catchUp()
        }
        try f.put("a", "1")
        try f.put("a", "2")
        if live { watch(&f) }
        try f.write(put: "a", "3")
        try f.write(put: "a", "4")
        if live { f.publish() }
        try f.store.compact(to: 4)
        f.publish()
        if !live { watch(&f) }
        try f.put("a", "5")
        let lines = f.take(1).lines
        #expect(lines == [live ? "PUT a=3@4 was 2@3" : "PUT a=3@4", "PUT a=4@5 was 3@4", "PUT a=5@6 was 4@5"])
    }

    @Test(arguments: [false, true])
    func `filters leave out puts or deletions`(live: Bool) throws {
        var f = try WatchFixture()
        func watch(_ f: inout WatchFixture) {
            f.create(1, "a", to: "z") {
                $0.filters = [.noput]
                $0.startRevision = 2
            }
            f.create(2, "a", to: "z") {
                $0.filters = [.nodelete]
                $0.startRevision = 2
            }
            f.create(3, "a", to: "z") {
                $0.filters = [.noput, .nodelete]
                $0.startRevision = 2
            }
            f.catchUp()
        }
        if live { watch(&f) }
        try f.put("a", "1")
        try f.put("b", "1")
        try f.transaction([.delete("a"), .put("c", "1")])
        if !live { watch(&f) }
        let deletes = f.take(1)
        let puts = f.take(2).lines
        let none = f.take(3)
        #expect(deletes.lines == ["DELETE a@4"] && deletes.count == 2)
        #expect(puts == ["PUT a=1@2", "PUT b=1@3", "PUT c=1@4"])
        #expect(none.count == 1)
    }

    @Test func `a transaction's events are in one response, in order`() throws {
        var f = try WatchFixture()
        f.create(1, "", to: "\0")
        f.create(2, "b", to: "d")
        try f.put("d", "0")
        try f.transaction([.put("c", "1"), .put("a", "1"), .delete("d"), .put("b", "1")])
        let all = f.take(1)
        let some = f.take(2)
        #expect(all.count == 3 && all[2].lines == ["PUT c=1@3", "PUT a=1@3", "DELETE d@3", "PUT b=1@3"])
        #expect(some.count == 2 && some[1].lines == ["PUT c=1@3", "PUT b=1@3"])
    }

    @Test func `several transactions may share a response, whose revision is the last one's`() throws {
        var f = try WatchFixture()
        f.create(1, "a")
        try f.write(put: "a", "1")
        try f.write(put: "a", "2")
        try f.write(put: "b", "3")
        f.publish()
        let responses = f.take(1)
        #expect(responses.count == 2 && responses[1].lines == ["PUT a=1@2", "PUT a=2@3"] && responses[1].header?.revision == 3)
    }

    @Test func `an event is encoded once however many watch it`() throws {
        var f = try WatchFixture()
        let value = String(repeating: "v", count: 10_000)
        for stream in 1...100 as ClosedRange<UInt64> {
            f.create(stream, "a")
            f.create(stream, "a", to: "b")
            f.create(stream, "", to: "\0")
        }
        try f.put("a", value)
        let bytes = f.largestEventBytes
        #expect(bytes < 11_000)
        for stream in 1...100 as ClosedRange<UInt64> {
            let responses = f.take(stream)
            #expect(responses.count == 6 && Set(responses.suffix(3).map(\.watchID)) == [0, 1, 2])
            #expect(responses.suffix(3).allSatisfy { $0.lines == ["PUT a=\(value)@2"] })
        }
    }

    @Test func `watchers that share a key and watchers of many keys come and go`() throws {
        var f = try WatchFixture()
        for number in 0..<2000 as Range<Int64> {
            f.create(1, "key-\(number % 500)") { $0.watchID = number + 1 }
            f.create(1, "key-\(number % 500)", to: "key-\(number % 500)~") { $0.watchID = number + 10_001 }
        }
        _ = f.take(1)
        try f.put("key-77", "")
        let before = f.take(1).count
        for number in 0..<2000 as Range<Int64> where number % 4 != 0 {
            f.cancel(1, number + 1)
            f.cancel(1, number + 10_001)
        }
        _ = f.take(1)
        try f.put("key-76", "")
        let kept = f.take(1).count
        try f.put("key-77", "")
        let gone = f.take(1).count
        // key-7 … key-7~ holds key-77 and key-76 as well.
        #expect(before == 4 + 4 + 4 && kept == 4 + 4 && gone == 0)
    }

    @Test(arguments: 1...10)
    func `ranges and keys match as a naive comparison says`(seed: Int) throws {
        var random = RandomSource(seed: UInt64(seed))
        func text(_ random: inout RandomSource) -> String {
            String((0..<Int.random(in: 1...4, using: &random)).map { _ in "abc".randomElement(using: &random)! })
        }
        var f = try WatchFixture()
        var bounds: [Int64: (key: String, end: String)] = [:]
        for round in 0..<600 as Range<Int64> {
            if round % 5 == 4, let id = bounds.keys.sorted().randomElement(using: &random) {
                f.cancel(1, id)
                bounds[id] = nil
            }
            let key = text(&random)
            let end = [text(&random), "", "\0"][Int.random(in: 0..<3, using: &random)]
            f.create(1, key, to: end)
            if let id = f.take(1).last(where: { $0.created && !$0.canceled })?.watchID { bounds[id] = (key, end) }
            let written = text(&random)
            try f.put(written, "")
            f.drain(1)
            let found = f.take(1).filter { !$0.events.isEmpty }.map(\.watchID).sorted()
            let expected = bounds.filter { _, range in
                range.end.isEmpty ? written == range.key : written >= range.key && (range.end == "\0" || written < range.end)
            }.keys.sorted()
            #expect(found == expected)
        }
    }

    @Test func `large responses are split for those who asked, at event boundaries`() throws {
        var limits = WatchLimits()
        limits.fragmentBytes = 1000
        var f = try WatchFixture(limits)
        f.create(1, "", to: "\0") { $0.fragment = true }
        f.create(2, "", to: "\0")
        let value = String(repeating: "v", count: 300)
        try f.transaction((0..<10).map { .put("k\($0)", value) })
        try f.put("big", String(repeating: "v", count: 5000))
        try f.put("small", "v")
        let split = f.take(1).dropFirst()
        let whole = f.take(2).dropFirst()
        #expect(whole.map(\.events.count) == [10, 1, 1] && whole.allSatisfy { !$0.fragment })
        #expect(split.map(\.events.count) == [2, 2, 2, 2, 2, 1, 1])
        #expect(split.map(\.fragment) == [true, true, true, true, false, false, false])
        #expect(Array(split).lines == Array(whole).lines)
        #expect(split.allSatisfy { $0.events.count < 2 || $0.encodedSize < 1000 })
    }

    @Test func `what follows a start in the past comes in order, without a gap or a repetition`() throws {
        var limits = WatchLimits()
        limits.sliceRows = 7
        var f = try WatchFixture(limits)
        for value in 2...50 { try f.put("a", "\(value)") }
        f.create(1, "a") { $0.startRevision = 10 }
        for value in 51...60 {
            f.slice()
            try f.put("a", "\(value)")
        }
        f.catchUp()
        try f.put("a", "61")
        let lines = f.take(1).lines
        #expect(lines == (10...61).map { "PUT a=\($0)@\($0)" })
        let slow = f.hub.slowWatcherCount
        #expect(slow == 0)
    }
}
