import Base
import MVCC
import Testing
import Wire

/// Random histories against etcd's watch guarantees: filtered, ordered, unique, atomic, reliable, resumable, bookmarkable,
/// previous value right, is-create right. A failing seed repeats.
@Suite struct WatchModelTests {
    @Test(arguments: 1...60)
    func `watches keep their guarantees`(seed: Int) throws {
        var run = try WatchModelRun(seed: UInt64(seed))
        for _ in 0..<400 { try run.step() }
        run.finish()
    }
}

struct WatchModelRun: ~Copyable {
    private var random: RandomSource
    private var f: WatchFixture
    /// Every event so far, in order.
    private var events: [Entry] = []
    private var live: [String: Mvccpb.KeyValue] = [:]
    private var published: Int64 = 1
    private var watchers: [WatcherKey: Expectation] = [:]
    /// Told of a compaction, their ids not yet given back.
    private var ended: Set<WatcherKey> = []

    private struct Entry {
        var event: Mvccpb.Event
        var previous: Mvccpb.KeyValue?
        var key: String
        var main: Int64
    }

    private struct WatcherKey: Hashable {
        var stream: UInt64
        var id: Int64
    }

    private struct Expectation {
        var request: Etcdserverpb.WatchCreateRequest
        var start: Int64
        /// How many entries of `events` were looked at.
        var position = 0
        var lastRevision: Int64 = 0
        var fragmentRevision: Int64?
    }

    init(seed: UInt64) throws {
        random = RandomSource(seed: seed)
        var limits = WatchLimits()
        limits.streamBytesMax = Int.random(in: 100...3000, using: &random)
        limits.sliceRows = Int.random(in: 1...20, using: &random)
        limits.sliceBytes = Int.random(in: 50...1000, using: &random)
        limits.sliceWatchers = Int.random(in: 1...8, using: &random)
        limits.fragmentBytes = Int.random(in: 100...400, using: &random)
        limits.eventBytesPerCall = Int.random(in: 200...5000, using: &random)
        limits.progressInterval = .seconds(10)
        f = try WatchFixture(limits, seed: seed)
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    private mutating func anyKey() -> String { String(Character(UnicodeScalar(UInt8(97 + Int.random(in: 0..<8, using: &random))))) }
    private mutating func anyStream() -> UInt64 { UInt64.random(in: 1...5, using: &random) }

    mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45:
            for _ in 0..<Int.random(in: 1...3, using: &random) { try write() }
            if chance(90) { publish() }
        case 45..<57: create()
        case 57..<60: cancel()
        case 60..<61: close(anyStream())
        case 61..<75: f.slice()
        case 75..<88: f.drain(anyStream(), messages: Int.random(in: 1...20, using: &random))
        case 88..<91: try compact()
        case 91..<96: f.progress(anyStream())
        default: f.tick(after: .seconds(Int64.random(in: 0...8, using: &random)))
        }
        check()
    }

    mutating func finish() {
        publish()
        for _ in 0..<5000 {
            f.catchUp()
            for stream in 1...5 as ClosedRange<UInt64> { f.drain(stream) }
            check()
            if !f.hub.hasWork { break }
        }
        let isIdle = !f.hub.hasWork
        let slow = f.hub.slowWatcherCount
        #expect(isIdle && slow == 0)
        for (key, expectation) in watchers {
            var expectation = expectation
            let missing = next(&expectation)
            #expect(missing == nil, "stream \(key.stream) watcher \(key.id) misses events from \(missing?.main ?? 0)")
        }
        let count = f.hub.watcherCount
        #expect(count == watchers.count + ended.count)
    }

    // MARK: - Doing

    private mutating func write() throws {
        let revision = f.store.currentRevision + 1
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6:
            let key = anyKey()
            try f.write(put: key, "\(revision)")
            note(put: key, revision)
        case 6..<8:
            let key = anyKey()
            let end = chance(50) ? anyKey() : ""
            try f.write(delete: key, to: end)
            note(delete: key, to: end, revision)
        default:
            var keys: Set<String> = []
            for _ in 0..<Int.random(in: 2...5, using: &random) { keys.insert(anyKey()) }
            let order = keys.sorted().shuffled(using: &random)
            let deletes = order.map { _ in chance(40) }
            try f.write(transaction: zip(order, deletes).map { $1 ? .delete($0) : .put($0, "\(revision)") })
            for (key, isDelete) in zip(order, deletes) {
                if isDelete { note(delete: key, to: "", revision) } else { note(put: key, revision) }
            }
        }
    }

    private mutating func note(put key: String, _ revision: Int64) {
        let previous = live[key]
        var kv = Mvccpb.KeyValue()
        kv.key = Array(key.utf8)
        kv.value = Array("\(revision)".utf8)
        kv.createRevision = previous?.createRevision ?? revision
        kv.modRevision = revision
        kv.version = (previous?.version ?? 0) + 1
        live[key] = kv
        var event = Mvccpb.Event()
        event.kv = kv
        events.append(Entry(event: event, previous: previous, key: key, main: revision))
    }

    private mutating func note(delete key: String, to end: String, _ revision: Int64) {
        for found in live.keys.filter({ end.isEmpty ? $0 == key : $0 >= key && $0 < end }).sorted() {
            var kv = Mvccpb.KeyValue()
            kv.key = Array(found.utf8)
            kv.modRevision = revision
            var event = Mvccpb.Event()
            event.type = .delete
            event.kv = kv
            events.append(Entry(event: event, previous: live.removeValue(forKey: found), key: found, main: revision))
        }
    }

    private mutating func publish() {
        f.publish()
        published = f.store.currentRevision
    }

    private mutating func create() {
        let stream = anyStream()
        var request = Etcdserverpb.WatchCreateRequest()
        let key = anyKey()
        request.key = Array(key.utf8)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: request.rangeEnd = [0]
        case 1: request.rangeEnd = Array(anyKey().utf8)
        default: break
        }
        if chance(60) { request.startRevision = Int64.random(in: 1...f.store.currentRevision + 5, using: &random) }
        if chance(20) { request.filters = [chance(50) ? .noput : .nodelete] }
        request.prevKv = chance(50)
        request.progressNotify = chance(30)
        request.fragment = chance(30)
        if chance(30) { request.watchID = Int64.random(in: 1...9, using: &random) }
        let current = f.store.currentRevision
        let compacted = f.store.compactRevision
        check()
        f.create(stream, key) { $0 = request }
        let responses = f.take(stream)
        guard !responses[0].canceled else {
            let wanted = WatcherKey(stream: stream, id: request.watchID)
            let isTaken = watchers[wanted] != nil || ended.contains(wanted)
            let isEmpty = request.rangeEnd != [0] && !request.rangeEnd.isEmpty && request.rangeEnd.lexicographicallyPrecedes(request.key)
            #expect(responses.count == 1 && (isTaken || isEmpty || request.rangeEnd == request.key))
            return
        }
        #expect(responses[0].created && responses[0].header!.revision == current)
        if responses.count == 2 {
            ended.insert(WatcherKey(stream: stream, id: responses[0].watchID))
            #expect(request.startRevision < compacted && responses[1].compactRevision == compacted && responses[1].canceled)
            return
        }
        let start = request.startRevision == 0 ? current + 1 : request.startRevision
        let id = WatcherKey(stream: stream, id: responses[0].watchID)
        #expect(watchers[id] == nil && !ended.contains(id))
        watchers[id] = Expectation(request: request, start: start)
    }

    private mutating func cancel() {
        check()
        let keys = (Array(watchers.keys) + ended).sorted { ($0.stream, $0.id) < ($1.stream, $1.id) }
        guard let key = keys.randomElement(using: &random) else { return }
        f.cancel(key.stream, key.id)
        let response = f.take(key.stream)[0]
        #expect(response.canceled && response.watchID == key.id)
        watchers[key] = nil
        ended.remove(key)
    }

    private mutating func close(_ stream: UInt64) {
        check()
        f.hub.closeStream(WatchFixture.stream(stream))
        f.drain(stream)
        watchers = watchers.filter { $0.key.stream != stream }
        ended = ended.filter { $0.stream != stream }
    }

    private mutating func compact() throws {
        let low = Swift.max(2, f.store.compactRevision + 1)
        guard low <= f.store.currentRevision else { return }
        try f.store.compact(to: Int64.random(in: low...f.store.currentRevision, using: &random))
        if chance(70) { f.compactBackend() }
    }

    // MARK: - Checking

    private mutating func check() {
        for stream in 1...5 as ClosedRange<UInt64> {
            for response in f.take(stream) { check(response, stream) }
        }
    }

    private mutating func check(_ response: WatchResponse, _ stream: UInt64) {
        let revision = response.header!.revision
        guard response.watchID != -1 else {
            for (key, expectation) in watchers where key.stream == stream { checkProgress(expectation, revision) }
            return
        }
        let key = WatcherKey(stream: stream, id: response.watchID)
        guard var expectation = watchers[key] else {
            Issue.record("a response to the unknown watcher \(key)")
            return
        }
        if response.canceled {
            let missing = next(&expectation)
            #expect(response.compactRevision > expectation.lastRevision + 1 && revision == 0)
            #expect(missing == nil || missing!.main >= expectation.lastRevision)
            watchers[key] = nil
            ended.insert(key)
            return
        }
        guard !response.events.isEmpty else { return checkProgress(expectation, revision) }
        let firstRevision = response.events[0].kv!.modRevision
        #expect(firstRevision > expectation.lastRevision || expectation.fragmentRevision == firstRevision)
        #expect(expectation.request.fragment || !response.fragment)
        for event in response.events {
            guard let wanted = next(&expectation) else {
                Issue.record("watcher \(key) got \(event.line), which it should not")
                return
            }
            var plain = event
            plain.prevKv = nil
            #expect(plain == wanted.event)
            check(event, against: wanted, expectation.request)
        }
        let last = response.events.last!.kv!.modRevision
        #expect(revision >= last)
        expectation.lastRevision = last
        expectation.fragmentRevision = response.fragment ? last : nil
        watchers[key] = expectation
    }

    private func check(_ event: Mvccpb.Event, against wanted: Entry, _ request: Etcdserverpb.WatchCreateRequest) {
        if !request.prevKv {
            #expect(event.prevKv == nil)
        } else if wanted.main - 1 >= f.store.compactRevision {
            #expect(event.prevKv == wanted.previous)
        } else {
            #expect(event.prevKv == nil || event.prevKv == wanted.previous)
        }
    }

    private func checkProgress(_ expectation: Expectation, _ revision: Int64) {
        var expectation = expectation
        let missing = next(&expectation)
        #expect(missing == nil || missing!.main > revision)
        #expect(revision >= expectation.start - 1)
    }

    /// The next event that the watcher is owed.
    private func next(_ expectation: inout Expectation) -> Entry? {
        let request = expectation.request
        while expectation.position < events.count {
            let entry = events[expectation.position]
            guard entry.main <= published else { return nil }
            expectation.position += 1
            let key = Array(entry.key.utf8)
            let isInRange =
                request.rangeEnd.isEmpty
                ? key == request.key
                : !key.lexicographicallyPrecedes(request.key) && (request.rangeEnd == [0] || key.lexicographicallyPrecedes(request.rangeEnd))
            guard isInRange, entry.main >= expectation.start else { continue }
            guard !request.filters.contains(entry.event.type == .put ? .noput : .nodelete) else { continue }
            return entry
        }
        return nil
    }
}
