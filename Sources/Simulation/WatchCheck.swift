import Base
import Wire

/// One watch of one client, resumed as often as its connection ends: whether what it is told is filtered, ordered, unique,
/// atomic, reliable, resumable and bookmarkable, with the right previous values (etcd's watch guarantees).
///
/// The model has every revision before a watcher is told of it, so each response is judged as it arrives.
package struct WatchCheck: Sendable {
    package let request: Etcdserverpb.WatchCreateRequest
    /// The first revision that has not been told; nil: not known yet, the watch begins with the present.
    package private(set) var next: Int64?
    /// A member knows of it: progress of the whole stream is its progress too.
    package private(set) var isCreated = false
    private var fragments: [Mvccpb.Event] = []

    package enum End: Sendable, Equatable {
        /// To be resumed from here.
        case compacted(Int64)
        case cancelled(String)
    }

    package init(_ request: Etcdserverpb.WatchCreateRequest) {
        self.request = request
        next = request.startRevision > 0 ? request.startRevision : nil
    }

    /// The create request with which the client goes on at another member.
    package var resumption: Etcdserverpb.WatchCreateRequest {
        var resumed = request
        resumed.startRevision = next ?? 0
        return resumed
    }

    /// The connection has ended; what was gathered of a response in fragments is void.
    package mutating func disconnected() {
        fragments = []
        isCreated = false
    }

    /// nil: the watch goes on.
    package mutating func receive(
        _ response: Etcdserverpb.WatchResponse, _ model: borrowing Model, at now: Instant
    ) throws(Violation) -> End? {
        let revision = response.header?.revision ?? 0
        guard revision <= model.revision else {
            throw violation("a response names revision \(revision), the log is at \(model.revision)", now)
        }
        if response.canceled { return try cancelled(response, model, now) }
        if response.created {
            guard response.events.isEmpty else { throw violation("events in the answer to a creation", now) }
            if next == nil { next = revision + 1 }
            isCreated = true
            return nil
        }
        guard let next else { throw violation("a response before the answer to the creation", now) }
        if response.events.isEmpty, fragments.isEmpty {
            try progress(revision, from: next, model, now)
        } else {
            try events(response, next, model, now)
        }
        return nil
    }

    private mutating func cancelled(_ response: Etcdserverpb.WatchResponse, _ model: borrowing Model, _ now: Instant) throws(Violation) -> End {
        guard response.compactRevision > 0 else { return .cancelled(response.cancelReason) }
        guard response.compactRevision <= model.compactRevision else {
            throw violation("cancelled for a compaction at \(response.compactRevision), the log's last is \(model.compactRevision)", now)
        }
        // Revision `compactRevision` itself can still be had.
        if let next, next >= response.compactRevision {
            throw violation("cancelled for a compaction at \(response.compactRevision), which takes nothing from \(next) on", now)
        }
        disconnected()
        next = response.compactRevision
        return .compacted(response.compactRevision)
    }

    private mutating func progress(_ revision: Int64, from next: Int64, _ model: borrowing Model, _ now: Instant) throws(Violation) {
        guard revision >= next - 1 else {
            throw violation("a notification of progress to \(revision), with \(next - 1) told or asked for before", now)
        }
        if let missed = firstExpected(from: next, through: revision, model) {
            throw violation("progress to \(revision) before the event of revision \(missed)", now)
        }
        self.next = revision + 1
    }

    private mutating func events(
        _ response: Etcdserverpb.WatchResponse, _ next: Int64, _ model: borrowing Model, _ now: Instant
    ) throws(Violation) {
        fragments += response.events
        if response.fragment {
            guard request.fragment else { throw violation("a fragment that was not asked for", now) }
            return
        }
        let told = fragments
        fragments = []
        var place = model.firstChange(after: next - 1)
        var last: Int64 = next
        for event in told {
            let revision = event.kv?.modRevision ?? 0
            guard revision >= next else { throw violation("event of revision \(revision) again or too early: \(next) is the next", now) }
            while place < model.changes.count, !isWanted(model.changes[place], model) { place += 1 }
            guard place < model.changes.count else { throw violation("an event at \(revision) that nothing explains", now) }
            let change = model.changes[place]
            guard change.revision == revision else {
                throw violation("event of revision \(revision) where that of \(change.revision) follows", now)
            }
            try compare(event, change, model, now)
            last = revision
            place += 1
        }
        while place < model.changes.count, model.changes[place].revision == last {
            guard !isWanted(model.changes[place], model) else { throw violation("revision \(last) in parts", now) }
            place += 1
        }
        guard last <= response.header?.revision ?? 0 else {
            throw violation("events up to \(last) under a header of revision \(response.header?.revision ?? 0)", now)
        }
        self.next = last + 1
    }

    private func compare(_ event: Mvccpb.Event, _ change: Model.Change, _ model: borrowing Model, _ now: Instant) throws(Violation) {
        let version = model.version(change)
        var expected = Mvccpb.Event()
        if version.isDelete {
            expected.type = .delete
            expected.kv = .with {
                $0.key = model.keys[change.key]
                $0.modRevision = change.revision
            }
        } else {
            expected.kv = model.row(change.key, version)
        }
        let previous = model.live(change.key, at: change.revision - 1)
        if request.prevKv, let previous { expected.prevKv = model.row(change.key, previous) }
        if event == expected { return }
        // A previous value that a compaction has taken is left out.
        if event.prevKv == nil, change.revision - 1 < model.compactRevision {
            expected.prevKv = nil
            if event == expected { return }
        }
        throw violation("event \(event), should be \(expected)", now)
    }

    private func isWanted(_ change: Model.Change, _ model: borrowing Model) -> Bool {
        guard Model.contains(model.keys[change.key], request.key, request.rangeEnd) else { return false }
        let isDelete = model.version(change).isDelete
        return !request.filters.contains(isDelete ? .nodelete : .noput)
    }

    /// The revision of the first event that is still to be told, of those up to `last`.
    private func firstExpected(from first: Int64, through last: Int64, _ model: borrowing Model) -> Int64? {
        var place = model.firstChange(after: first - 1)
        while place < model.changes.count, model.changes[place].revision <= last {
            if isWanted(model.changes[place], model) { return model.changes[place].revision }
            place += 1
        }
        return nil
    }

    /// Everything has come to rest: nothing may be missing.
    package func finish(_ model: borrowing Model, at now: Instant) throws(Violation) {
        guard let next else { throw Violation(.liveness, "the watch on \(name) was never created", at: now) }
        if let missed = firstExpected(from: next, through: model.revision, model) {
            throw violation("the event of revision \(missed) never came; \(next) is the next, the log is at \(model.revision)", now)
        }
    }

    package var name: String { "\(readable(request.key))…\(readable(request.rangeEnd))" }

    private func violation(_ text: String, _ now: Instant) -> Violation {
        Violation(.watch, "watch on \(name) from \(request.startRevision): \(text)", at: now)
    }
}

extension Model {
    package func version(_ change: Change) -> Version { versions[change.key][change.version] }
}
