import Base
import Raft
import Simulation
import Testing
import Wire

/// One log (revisions 2 to 6) and what watchers on a … c may be told of it.
struct WatchCheckTests {
    private let model: Model
    private let now = Instant(nanoseconds: 0)

    init() {
        var model = Model()
        func apply(_ fill: (inout PB.InternalRaftRequest) -> Void) { _ = model.apply(.with(fill)) }
        apply { $0.put = Story.put("a", "1") }
        apply { $0.put = Story.put("b", "2") }
        apply { $0.put = Story.put("a", "3") }
        apply { $0.put = Story.put("x", "4") }
        apply { $0.deleteRange = .with { ($0.key, $0.rangeEnd) = (Array("a".utf8), Array("c".utf8)) } }
        self.model = model
    }

    private func request(from start: Int64 = 2, _ fill: (inout PB.WatchCreateRequest) -> Void = { _ in }) -> PB.WatchCreateRequest {
        .with {
            ($0.key, $0.rangeEnd, $0.startRevision) = (Array("a".utf8), Array("d".utf8), start)
            fill(&$0)
        }
    }

    private func put(_ row: Mvccpb.KeyValue, previous: Mvccpb.KeyValue? = nil) -> Mvccpb.Event {
        .with { ($0.kv, $0.prevKv) = (row, previous) }
    }

    private func deletion(_ key: String, at revision: Int64, previous: Mvccpb.KeyValue? = nil) -> Mvccpb.Event {
        .with {
            $0.type = .delete
            $0.kv = .with { ($0.key, $0.modRevision) = (Array(key.utf8), revision) }
            $0.prevKv = previous
        }
    }

    private let a2 = Story.row("a", "1", create: 2, mod: 2, version: 1)
    private let b3 = Story.row("b", "2", create: 3, mod: 3, version: 1)
    private let a4 = Story.row("a", "3", create: 2, mod: 4, version: 2)

    private func told(_ events: [Mvccpb.Event], at revision: Int64 = 6, fragment: Bool = false) -> PB.WatchResponse {
        .with {
            $0.header = Story.header(revision)
            $0.events = events
            $0.fragment = fragment
        }
    }

    private func created(at revision: Int64 = 6) -> PB.WatchResponse {
        .with {
            $0.header = Story.header(revision)
            $0.created = true
        }
    }

    /// Whether all of it is in order, the end included.
    private func isGood(_ request: PB.WatchCreateRequest, _ responses: [PB.WatchResponse]) -> Bool {
        var check = WatchCheck(request)
        do throws(Violation) {
            for response in [created()] + responses { _ = try check.receive(response, model, at: now) }
            try check.finish(model, at: now)
            return true
        } catch { return false }
    }

    private var deletions: [Mvccpb.Event] { [deletion("a", at: 6), deletion("b", at: 6)] }

    @Test("All events in order, in one response or several, are in order")
    func good() {
        #expect(isGood(request(), [told([put(a2), put(b3), put(a4)] + deletions)]))
        #expect(
            isGood(request(), [told([put(a2)], at: 2), told([put(b3), put(a4)], at: 4), told([]), told(deletions)].filter { !$0.events.isEmpty }))
        #expect(isGood(request(from: 5), [told(deletions)]))
    }

    @Test("A missing event is found, in the middle and at the end")
    func gap() {
        #expect(!isGood(request(), [told([put(a2), put(a4)] + deletions)]))
        #expect(!isGood(request(), [told([put(a2), put(b3), put(a4)])]))
        #expect(!isGood(request(), [told([put(b3), put(a4)] + deletions)]))
    }

    @Test("An event told twice, too early or out of order is found")
    func repeated() {
        #expect(!isGood(request(), [told([put(a2), put(b3)]), told([put(b3), put(a4)] + deletions)]))
        #expect(!isGood(request(from: 3), [told([put(a2), put(b3), put(a4)] + deletions)]))
        #expect(!isGood(request(), [told([put(b3), put(a2), put(a4)] + deletions)]))
    }

    @Test("A revision in two responses is found, unless they are fragments that were asked for")
    func atomic() {
        let all = [put(a2), put(b3), put(a4)]
        #expect(!isGood(request(), [told(all + [deletions[0]]), told([deletions[1]])]))
        #expect(!isGood(request(), [told(all + [deletions[0]], fragment: true), told([deletions[1]])]))
        #expect(isGood(request { $0.fragment = true }, [told(all + [deletions[0]], fragment: true), told([deletions[1]])]))
    }

    @Test("Events of other keys and filtered kinds do not belong")
    func filtered() {
        let x5 = Story.row("x", "4", create: 5, mod: 5, version: 1)
        #expect(!isGood(request(), [told([put(a2), put(b3), put(a4), put(x5)] + deletions)]))
        #expect(isGood(request { $0.filters = [.noput] }, [told(deletions)]))
        #expect(!isGood(request { $0.filters = [.nodelete] }, [told([put(a2), put(b3), put(a4)] + deletions)]))
    }

    @Test("Previous values must be those of the revision before")
    func previousValues() {
        func events(_ previous: Mvccpb.KeyValue?) -> [Mvccpb.Event] {
            [put(a2), put(b3), put(a4, previous: previous), deletion("a", at: 6, previous: a4), deletion("b", at: 6, previous: b3)]
        }
        #expect(isGood(request { $0.prevKv = true }, [told(events(a2))]))
        #expect(!isGood(request { $0.prevKv = true }, [told(events(nil))]))
        #expect(!isGood(request { $0.prevKv = true }, [told(events(b3))]))
    }

    @Test("Progress ahead of an event that is to come is found (15220)")
    func progress() {
        #expect(isGood(request(), [told([put(a2), put(b3), put(a4)]), told([], at: 5), told(deletions)]))
        #expect(!isGood(request(), [told([put(a2), put(b3), put(a4)]), told([], at: 6), told(deletions)]))
        #expect(!isGood(request(), [told([], at: 2), told([put(a2), put(b3), put(a4)] + deletions)]))
    }

    @Test("Nothing is told below a start that is still to come (20221)")
    func future() {
        #expect(!isGood(request(from: 9), [told([], at: 6)]))
        #expect(!isGood(request(from: 9), [told(deletions)]))
        #expect(isGood(request(from: 9), []))
    }

    @Test("A watch that begins with the present is told only what comes after its creation")
    func present() {
        var check = WatchCheck(request(from: 0))
        #expect(throws: Never.self) { try check.receive(created(at: 4), model, at: now) }
        #expect(throws: Violation.self) { try check.receive(told([put(a4)] + deletions), model, at: now) }
    }

    @Test("A resumed watch goes on where it was, and is told nothing twice")
    func resumed() throws {
        var check = WatchCheck(request())
        _ = try check.receive(created(), model, at: now)
        _ = try check.receive(told([put(a2), put(b3)], at: 3), model, at: now)
        check.disconnected()
        #expect(check.resumption.startRevision == 4)
        _ = try check.receive(created(), model, at: now)
        _ = try check.receive(told([put(a4)] + deletions), model, at: now)
        try check.finish(model, at: now)
    }

    @Test("A cancellation for a compaction is in order only if the compaction took something from the watch")
    func compacted() throws {
        var model = model
        _ = model.apply(.with { $0.compaction = .with { $0.revision = 4 } })
        let response = PB.WatchResponse.with {
            ($0.header, $0.canceled, $0.compactRevision) = (Story.header(6), true, 4)
        }
        var late = WatchCheck(request(from: 3))
        #expect(try late.receive(response, model, at: now) == .compacted(4))
        #expect(late.resumption.startRevision == 4)
        var inTime = WatchCheck(request(from: 4))
        #expect(throws: Violation.self) { try inTime.receive(response, model, at: now) }
        var wrong = response
        wrong.compactRevision = 5
        #expect(throws: Violation.self) { try late.receive(wrong, model, at: now) }
    }
}
