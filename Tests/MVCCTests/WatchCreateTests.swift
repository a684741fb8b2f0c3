import Base
import MVCC
import Testing
import Wire

@Suite struct WatchCreateTests {
    @Test func `a watcher is announced with the current revision and then gets what follows`() throws {
        var f = try WatchFixture()
        try f.put("a", "1")
        f.create(1, "a")
        try f.put("a", "2")
        try f.put("b", "3")
        let responses = f.take(1)
        #expect(responses.count == 2)
        #expect(responses[0].created && !responses[0].canceled && responses[0].watchID == 0 && responses[0].events.isEmpty)
        #expect(responses[0].header?.revision == 2)
        #expect(responses[1].lines == ["PUT a=2@3"] && responses[1].header?.revision == 3)
        #expect(responses[1].header?.clusterID == 11 && responses[1].header?.memberID == 22 && responses[1].header?.raftTerm == 3)
    }

    @Test func `the server numbers watchers from zero and steps over ids that clients chose`() throws {
        var f = try WatchFixture()
        f.create(1, "a")
        f.create(1, "a") { $0.watchID = 2 }
        f.create(1, "a")
        f.create(1, "a")
        f.create(1, "a") { $0.watchID = -7 }
        f.cancel(1, 1)
        f.create(1, "a")
        f.create(2, "a")
        let ids = f.take(1).filter(\.created).map(\.watchID)
        let others = f.take(2).map(\.watchID)
        #expect(ids == [0, 2, 1, 3, -7, 4] && others == [0])
    }

    @Test func `a duplicate id is refused`() throws {
        var f = try WatchFixture()
        f.create(1, "a") { $0.watchID = 5 }
        f.create(1, "b") { $0.watchID = 5 }
        f.create(2, "b") { $0.watchID = 5 }
        let refusal = f.take(1)[1]
        #expect(refusal.created && refusal.canceled && refusal.watchID == -1)
        #expect(refusal.cancelReason == "mvcc: duplicate watch ID provided on the WatchStream")
        let other = f.take(2)[0]
        #expect(other.created && !other.canceled)
    }

    @Test(arguments: [("b", "a"), ("b", "b"), ("", "\0\0"), ("\u{1}", "\0\0")])
    func `empty and inverted ranges are refused`(key: String, end: String) throws {
        var f = try WatchFixture()
        f.create(1, key, to: end)
        let response = f.take(1)[0]
        let isEmpty = !key.isEmpty
        #expect(response.canceled == isEmpty && response.watchID == (isEmpty ? -1 : 0))
        #expect(response.cancelReason == (isEmpty ? "mvcc: watcher range is empty" : ""))
    }

    @Test func `a negative start revision is refused`() throws {
        var f = try WatchFixture()
        f.create(1, "a") { $0.startRevision = -1 }
        let responses = f.take(1)
        #expect(responses.count == 1 && responses[0].created && responses[0].canceled && responses[0].watchID == -1)
        #expect(responses[0].cancelReason == "etcdserver: mvcc: required revision has been compacted")
        #expect(responses[0].compactRevision == 0)
    }

    @Test func `a compacted start revision is announced, then cancelled with the compaction's revision and no reason`() throws {
        var f = try WatchFixture()
        for value in 1...5 { try f.put("a", "\(value)") }
        try f.store.compact(to: 4)
        f.create(1, "a") { $0.startRevision = 3 }
        f.create(1, "a") { $0.startRevision = 4 }
        f.catchUp()
        let responses = f.take(1)
        #expect(responses[0].created && !responses[0].canceled && responses[0].watchID == 0)
        #expect(!responses[1].created && responses[1].canceled && responses[1].watchID == 0)
        #expect(responses[1].compactRevision == 4 && responses[1].header?.revision == 0 && responses[1].cancelReason.isEmpty)
        #expect(responses[1].header?.memberID == 22)
        #expect(responses[2].created && responses[2].watchID == 1)
        #expect(responses[3].lines == ["PUT a=3@4", "PUT a=4@5", "PUT a=5@6"] && responses[3].header?.revision == 6)
    }

    @Test func `a watcher that a compaction ended keeps its id until it is cancelled`() throws {
        var f = try WatchFixture()
        for value in 1...5 { try f.put("a", "\(value)") }
        try f.store.compact(to: 4)
        f.create(1, "a") {
            $0.startRevision = 2
            $0.watchID = 9
        }
        f.create(1, "a") { $0.watchID = 9 }
        f.cancel(1, 9)
        f.cancel(1, 9)
        f.create(1, "a") { $0.watchID = 9 }
        let responses = f.take(1)
        #expect(responses.map(\.watchID) == [9, 9, -1, 9, 9])
        #expect(responses.map(\.canceled) == [false, true, true, true, false])
        #expect(responses[3].compactRevision == 0 && responses[3].header?.revision == 6)
    }

    @Test func `keys, prefixes, ranges and open ends match as they should`() throws {
        var f = try WatchFixture()
        f.create(1, "b")
        f.create(2, "b", to: "d")
        f.create(3, "b", to: "\0")
        f.create(4, "", to: "\0")
        f.create(5, "")
        for key in ["a", "b", "ba", "c", "d", "\0"] { try f.put(key, "") }
        func keys(_ f: inout WatchFixture, _ stream: UInt64) -> [String] {
            f.take(stream).flatMap(\.events).map { String(decoding: $0.kv!.key, as: UTF8.self) }
        }
        #expect(keys(&f, 1) == ["b"])
        #expect(keys(&f, 2) == ["b", "ba", "c"])
        #expect(keys(&f, 3) == ["b", "ba", "c", "d"])
        #expect(keys(&f, 4) == ["a", "b", "ba", "c", "d", "\0"])
        #expect(keys(&f, 5) == ["\0"])
    }

    @Test func `a future start revision waits for its time`() throws {
        var f = try WatchFixture()
        f.create(1, "a") { $0.startRevision = 4 }
        f.create(2, "a") { $0.startRevision = 2 }
        for value in 2...5 { try f.put("a", "\(value)") }
        let late = f.take(1).lines
        let soon = f.take(2).lines
        #expect(late == ["PUT a=4@4", "PUT a=5@5"])
        #expect(soon == ["PUT a=2@2", "PUT a=3@3", "PUT a=4@4", "PUT a=5@5"])
    }

    @Test func `a future start revision amid one publication begins exactly there`() throws {
        var f = try WatchFixture()
        f.create(1, "a") { $0.startRevision = 4 }
        f.create(2, "a") { $0.startRevision = 6 }
        f.create(3, "a") { $0.startRevision = 7 }
        for value in 2...5 { try f.write(put: "a", "\(value)") }
        f.publish()
        f.catchUp()
        try f.put("a", "6")
        try f.put("a", "7")
        let first = f.take(1).lines
        let second = f.take(2).lines
        let third = f.take(3).lines
        #expect(first == ["PUT a=4@4", "PUT a=5@5", "PUT a=6@6", "PUT a=7@7"])
        #expect(second == ["PUT a=6@6", "PUT a=7@7"] && third == ["PUT a=7@7"])
    }

    @Test func `a watcher made while changes await publication starts after them`() throws {
        var f = try WatchFixture()
        try f.write(put: "a", "2")
        f.create(1, "a")
        f.create(2, "a") { $0.startRevision = 2 }
        try f.write(put: "a", "3")
        f.publish()
        f.catchUp()
        let now = f.take(1).lines
        let past = f.take(2).lines
        #expect(now == ["PUT a=3@3"] && past == ["PUT a=2@2", "PUT a=3@3"])
    }

    @Test func `cancelling is answered once and ends delivery`() throws {
        var f = try WatchFixture()
        f.create(1, "a")
        f.create(1, "a") { $0.startRevision = 1 }
        f.create(1, "a") { $0.startRevision = 99 }
        for id in [0, 1, 2, 0, 42] as [Int64] { f.cancel(1, id) }
        try f.put("a", "1")
        f.catchUp()
        let responses = f.take(1).dropFirst(3)
        #expect(responses.map(\.watchID) == [0, 1, 2])
        #expect(responses.allSatisfy { $0.canceled && !$0.created && $0.events.isEmpty && $0.cancelReason.isEmpty && $0.compactRevision == 0 })
        let count = f.hub.watcherCount
        #expect(count == 0)
    }

    @Test func `a closed stream is sent nothing and leaves nothing behind`() throws {
        var f = try WatchFixture()
        f.create(1, "a")
        f.create(1, "a", to: "c") { $0.startRevision = 1 }
        f.create(1, "a") { $0.startRevision = 77 }
        _ = f.take(1)
        f.hub.closeStream(WatchFixture.stream(1))
        f.hub.closeStream(WatchFixture.stream(1))
        try f.put("a", "1")
        f.catchUp()
        f.progress(1)
        let responses = f.take(1)
        let counts = [f.hub.watcherCount, f.hub.streamCount, f.hub.slowWatcherCount]
        #expect(responses.isEmpty && counts == [0, 0, 0])
    }

    @Test func `a permission check may refuse with its own reason`() throws {
        var f = try WatchFixture()
        let reason = "rpc error: code = PermissionDenied desc = etcdserver: permission denied"
        var outputs = WatchOutputs()
        f.hub.refuse(WatchFixture.stream(1), reason, store: f.store, into: &outputs)
        let (items, heads, _) = outputs.takeBlocks()
        let response = try WatchResponse(decoding: heads.span.subscripted(items[0].head))
        #expect(response.created && response.canceled && response.watchID == -1 && response.cancelReason == reason)
    }
}
