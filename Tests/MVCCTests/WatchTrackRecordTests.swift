import Base
import MVCC
import Storage
import Testing
import Wire

/// Watch defects that etcd had (its issue numbers), as tests of ours. Run: `swift test --filter WatchTrackRecordTests`.
@Suite struct WatchTrackRecordTests {
    // A progress request during a backlog was answered with the store's revision while events below it were still queued.
    @Test func `etcd 15220: a progress answer is never ahead of events still to come`() throws {
        var limits = WatchLimits()
        limits.sliceRows = 10
        limits.streamBytesMax = 2000
        var f = try WatchFixture(limits)
        for value in 2...300 { try f.put("a", "\(value)") }
        f.create(1, "a") { $0.startRevision = 2 }
        f.create(1, "b") { $0.progressNotify = true }
        var last: Int64 = 0
        var answers = 0
        for round in 0..<400 {
            f.progress(1)
            f.tick(after: .seconds(660))
            if round % 3 == 0 { try f.put("a", "more") }
            f.slice()
            if round % 2 == 0 { f.drain(1) }
            for response in f.take(1) where !response.created {
                if response.watchID == -1 {
                    answers += 1
                    #expect(response.header!.revision == last)
                }
                last = response.events.last?.kv?.modRevision ?? last
            }
        }
        #expect(answers > 10)
    }

    // After a member had taken over a snapshot, watchers on it saw old events again.
    @Test func `etcd 15271: a watcher on a member that received a snapshot gets nothing twice and misses nothing`() throws {
        var f = try WatchFixture()
        f.create(1, "a")
        f.create(2, "a") { $0.startRevision = 9 }
        f.create(3, "a") { $0.startRevision = 30 }
        for value in 2...5 { try f.put("a", "\(value)") }
        // What a snapshot contains was never published here.
        var skipped = ChangeSet()
        swap(&skipped, &f.changes)
        for value in 6...20 { try f.write(put: "a", "\(value)") }
        f.changes.removeAll()
        f.hub.restored(revision: 20)
        f.progress(3)
        f.catchUp()
        for value in 21...31 { try f.put("a", "\(value)") }
        let first = f.take(1).lines
        let second = f.take(2).lines
        let third = f.take(3)
        #expect(first == (2...31).map { "PUT a=\($0)@\($0)" })
        #expect(second == (9...31).map { "PUT a=\($0)@\($0)" })
        #expect(third.lines == ["PUT a=30@30", "PUT a=31@31"] && third.allSatisfy { $0.watchID == 0 })
    }

    @Test func `etcd 15271: a snapshot that was compacted past a watcher cancels it`() throws {
        var f = try WatchFixture()
        f.create(1, "a")
        try f.put("a", "2")
        for value in 3...9 { try f.write(put: "a", "\(value)") }
        f.changes.removeAll()
        try f.store.compact(to: 6)
        f.hub.restored(revision: 9)
        f.catchUp()
        let responses = f.take(1)
        #expect(responses.lines == ["PUT a=2@2"] && responses.last!.canceled && responses.last!.compactRevision == 6)
    }

    // Events of a transaction with several operations were delivered twice when a batch ended inside it.
    @Test(arguments: [1, 2, 3, 5, 100])
    func `etcd 17247: each event of a transaction comes once`(sliceRows: Int) throws {
        var limits = WatchLimits()
        limits.sliceRows = sliceRows
        var f = try WatchFixture(limits)
        f.create(1, "", to: "\0")
        for round in 0..<10 { try f.transaction((0..<4).map { .put("k\($0)", "\(round)") }) }
        f.create(2, "", to: "\0") { $0.startRevision = 2 }
        f.catchUp()
        let live = f.take(1).dropFirst()
        let late = f.take(2).dropFirst()
        #expect(Array(live).lines.count == 40 && Set(Array(live).lines).count == 40)
        #expect(Array(late).lines == Array(live).lines)
        #expect(late.allSatisfy { $0.events.count % 4 == 0 })
    }

    // A watcher that fell behind and caught up again was sent its last batch twice.
    @Test func `etcd 15274: falling behind and catching up repeats nothing`() throws {
        var limits = WatchLimits()
        limits.streamBytesMax = 300
        limits.sliceRows = 3
        var f = try WatchFixture(limits)
        f.create(1, "a")
        var random = RandomSource(seed: 15274)
        for value in 2...500 {
            try f.put("a", "\(value)")
            if Int.random(in: 0..<3, using: &random) == 0 { f.drain(1, messages: 5) }
            if Int.random(in: 0..<3, using: &random) == 0 { f.slice() }
        }
        for _ in 0..<500 {
            f.drain(1)
            f.catchUp()
        }
        let lines = f.take(1).lines
        #expect(lines == (2...500).map { "PUT a=\($0)@\($0)" })
    }

    // A slow watcher that a compaction overtook went on with a gap.
    @Test func `etcd 17529: a slow watcher gets all events or is told of the compaction`() throws {
        for compactRevision in 2...40 as ClosedRange<Int64> {
            var limits = WatchLimits()
            limits.streamBytesMax = 200
            limits.sliceRows = 5
            var f = try WatchFixture(limits)
            f.create(1, "a")
            for value in 2...40 { try f.put("a", "\(value)") }
            try f.store.compact(to: compactRevision)
            for value in 41...45 { try f.put("a", "\(value)") }
            for _ in 0..<100 {
                f.drain(1)
                f.catchUp()
            }
            let responses = f.take(1)
            let revisions = responses.flatMap(\.events).map { $0.kv!.modRevision }
            let end = revisions.last ?? 1
            #expect(revisions == Array(2...end))
            if end < 45 {
                #expect(responses.last!.canceled && responses.last!.compactRevision == compactRevision && end + 1 < compactRevision)
            }
        }
    }

    // A watch from the compaction's revision, which was a deletion, did not yield the deletion.
    @Test func `etcd 18089: a deletion at the compaction's revision is still delivered`() throws {
        var f = try WatchFixture()
        try f.put("a", "1")
        try f.put("b", "1")
        try f.delete("a")
        try f.store.compact(to: 4)
        f.compactBackend()
        f.create(1, "", to: "\0") {
            $0.startRevision = 4
            $0.prevKv = true
        }
        f.catchUp()
        try f.put("b", "2")
        let lines = f.take(1).lines
        #expect(lines == ["DELETE a@4", "PUT b=2@5 was 1@3"])
    }

    // The same, after a restart with nothing left of the key but the tombstone.
    @Test func `etcd 19179: a deletion at the compaction's revision is delivered after a restart`() throws {
        var f = try WatchFixture()
        try f.put("a", "1")
        try f.delete("a")
        try f.store.compact(to: 3)
        f.compactBackend()
        try f.restart()
        let revisions = [f.store.currentRevision, f.store.compactRevision]
        #expect(revisions == [3, 3])
        f.create(1, "a") { $0.startRevision = 3 }
        f.catchUp()
        let lines = f.take(1).lines
        #expect(lines == ["DELETE a@3"])
    }

    // A watcher of a future revision was sent events and notifications of revisions below it.
    @Test func `etcd 20221: nothing below a future start revision is sent, progress neither`() throws {
        var f = try WatchFixture()
        f.create(1, "a") {
            $0.startRevision = 10
            $0.progressNotify = true
        }
        var seen: [WatchResponse] = []
        for value in 2...12 {
            f.progress(1)
            f.tick(after: .seconds(700))
            seen += f.take(1).filter { !$0.created }
            if value <= 9 { #expect(seen.isEmpty) }
            try f.put("a", "\(value)")
        }
        seen += f.take(1)
        #expect(seen.lines == ["PUT a=10@10", "PUT a=11@11", "PUT a=12@12"])
        #expect(seen.allSatisfy { $0.header!.revision >= 9 })
    }

    // 3.6.6: a watch from revision −1 was accepted.
    @Test func `etcd 3.6.6: a watch from revision -1 is refused`() throws {
        var f = try WatchFixture()
        f.create(1, "a") { $0.startRevision = -1 }
        let response = f.take(1)[0]
        #expect(response.canceled)
    }

    // Reusing event lists made memory grow with every watcher.
    @Test func `etcd 21355: many watchers of the same events don't multiply their bytes`() throws {
        var f = try WatchFixture()
        for stream in 1...500 as ClosedRange<UInt64> { f.create(stream, "/registry/pods/", to: "/registry/pods0") { $0.prevKv = true } }
        let value = String(repeating: "v", count: 1000)
        for number in 0..<20 { try f.write(put: "/registry/pods/\(number)", value) }
        for number in 0..<20 { try f.write(put: "/registry/pods/\(number)", value) }
        f.publish()
        let bytes = f.largestEventBytes
        #expect(bytes < 70_000)
    }
}
