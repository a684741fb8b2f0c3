import Base
import Wire

/// All watchers of a member.
///
/// Decides which event goes to which watcher, when and in which response. Leaves to its owner, the replica thread: moving
/// outputs to the client loops, reporting what they drained, permissions, and the end of streams. Rules: etcd's watch
/// guarantees (ordered, unique, reliable, atomic, resumable, bookmarkable) and its v3rpc/watch texts.
///
/// A watcher is in one of three states:
/// ```
///   create ──start > published + 1──▶ waiting ──revision published──▶ live
///      ├─────start = now ──────────────────────────────────────────▶ live ──its stream is full──▶ unsynced
///      └─────start ≤ published ──▶ unsynced ──read from the history up to `published`──▶ live
///                                      └──compaction went past it──▶ cancelled with compact_revision
/// ```
/// A live watcher has been given everything up to `published` and costs memory only for itself; an unsynced one remembers the
/// next revision it needs. So a slow client never makes events pile up here: at most `streamBytesMax` and one response.
package struct WatchHub: ~Copyable {
    static let none = UInt32.max

    /// Of all response headers. The owner keeps the term up to date.
    package var stamp: ResponseStamp
    package let limits: WatchLimits
    /// The last revision whose events were delivered. Invariant: every live watcher's needs begin after it.
    package internal(set) var published: Int64

    var streams: [WatchStream] = []
    private var freeStreams: [UInt32] = []
    private var streamSlots: [WatchStreamID: UInt32] = [:]
    var watchers: [Watcher] = []
    private var freeWatchers: [UInt32] = []
    private var watcherSlots: [WatcherKey: UInt32] = [:]
    var selectors: WatchSelectors
    /// Waiting watchers by the revision they start at.
    var waiting = SlotHeap()
    /// Streams with progress-notified watchers by their next round.
    var progressRounds = SlotHeap()
    /// Streams with unsynced watchers that aren't blocked, in the order in which they are to be served. May hold numbers of
    /// streams that no longer qualify.
    var ready = WatchStreamQueue()
    var random: RandomSource
    var scratch = WatchScratch()
    /// The rows of a catch-up slice.
    var history = ChangeSet()

    private struct WatcherKey: Hashable {
        var stream: UInt32
        var id: Int64
    }

    /// `revision`: the store's current one.
    package init(revision: Int64, stamp: ResponseStamp, limits: WatchLimits = WatchLimits(), seed: UInt64) {
        published = revision
        self.stamp = stamp
        self.limits = limits
        random = RandomSource(seed: seed)
        selectors = WatchSelectors(seed: random.next())
    }

    package var watcherCount: Int { watcherSlots.count }
    package var streamCount: Int { streamSlots.count }
    /// Unsynced watchers: etcd's slow watchers.
    package internal(set) var slowWatcherCount = 0
    /// Whether `catchUp` has something to do.
    package var hasWork: Bool { !ready.isEmpty }

    // MARK: - Requests

    /// A create request that may be watched (permissions are checked before). Opens the stream if it's new.
    package mutating func create(
        _ id: WatchStreamID, _ request: borrowing Etcdserverpb.WatchCreateRequest, store: borrowing Store, now: Instant,
        into outputs: inout WatchOutputs
    ) {
        let stream = open(id)
        guard request.startRevision >= 0 else {
            return refuse(id, "etcdserver: mvcc: required revision has been compacted", store: store, into: &outputs)
        }
        guard let bounds = WatchBounds(request) else {
            return refuse(id, "mvcc: watcher range is empty", store: store, into: &outputs)
        }
        guard let watchID = chooseID(request.watchID, stream) else {
            let reason = "mvcc: duplicate watch ID provided on the WatchStream"
            return refuse(id, reason, store: store, into: &outputs)
        }
        send(stream, .init(watchID: watchID, revision: store.currentRevision, created: true), into: &outputs)
        let next = request.startRevision == 0 ? store.currentRevision + 1 : request.startRevision
        let watcher = add(watchID, stream, bounds, WatchOptions(request), next: next)
        if next < store.compactRevision { return cancelCompacted(watcher, store.compactRevision, into: &outputs) }
        if request.progressNotify { expectProgress(stream, now: now) }
        place(watcher)
    }

    /// Answers a create request with `reason`, on behalf of a permission check too.
    package mutating func refuse(_ id: WatchStreamID, _ reason: String, store: borrowing Store, into outputs: inout WatchOutputs) {
        let head = WatchOutputs.Head(watchID: -1, revision: store.currentRevision, created: true, canceled: true, cancelReason: reason)
        send(open(id), head, into: &outputs)
    }

    /// Nothing is answered when there is no such watcher.
    package mutating func cancel(_ id: WatchStreamID, watchID: Int64, store: borrowing Store, into outputs: inout WatchOutputs) {
        guard let stream = streamSlots[id], let watcher = watcherSlots[WatcherKey(stream: stream, id: watchID)] else { return }
        remove(watcher)
        send(stream, .init(watchID: watchID, revision: store.currentRevision, canceled: true), into: &outputs)
    }

    /// The stream has ended. Nothing more is sent to it.
    package mutating func closeStream(_ id: WatchStreamID) {
        guard let stream = streamSlots.removeValue(forKey: id) else { return }
        while streams[Int(stream)].firstWatcher != Self.none { remove(streams[Int(stream)].firstWatcher) }
        progressRounds.remove(stream)
        let isQueued = streams[Int(stream)].isQueued
        streams[Int(stream)] = WatchStream()
        streams[Int(stream)].isQueued = isQueued
        freeStreams.append(stream)
    }

    /// `bytes` of what was sent to the stream have left the member (`WatchOutput.byteCount` of each message, once).
    package mutating func drained(_ id: WatchStreamID, bytes: Int) {
        guard let stream = streamSlots[id] else { return }
        let left = Swift.max(0, streams[Int(stream)].outstanding - bytes)
        streams[Int(stream)].outstanding = left
        guard streams[Int(stream)].isBlocked, left <= limits.streamBytesMax / 2 else { return }
        streams[Int(stream)].isBlocked = false
        queue(stream)
    }

    /// Whether the stream takes no more at present. Its requests are better left unread meanwhile.
    package func isBlocked(_ id: WatchStreamID) -> Bool {
        guard let stream = streamSlots[id] else { return false }
        return streams[Int(stream)].isBlocked
    }

    /// The store was replaced by a snapshot of revision `revision`. What live watchers missed comes from its history.
    package mutating func restored(revision: Int64) {
        let next = published + 1
        guard revision >= next else { return }
        #if PLANTED_BUGS
            if PlantedBug.isActive(.watchGapAfterSnapshot) { return published = revision }
            if PlantedBug.isActive(.watchRepeatAfterSnapshot) {
                for watcher in watchers.indices where watchers[watcher].state == .live { leaveLive(UInt32(watcher), next: max(1, next - 3)) }
            }
        #endif
        published = revision
        for watcher in watchers.indices where watchers[watcher].state == .live { leaveLive(UInt32(watcher), next: next) }
        admitWaiting()
    }

    // MARK: - Sending

    mutating func send(_ stream: UInt32, _ head: WatchOutputs.Head, into outputs: inout WatchOutputs) {
        guard let id = streams[Int(stream)].id else { return }
        charge(stream, outputs.append(id, head, stamp))
    }

    mutating func charge(_ stream: UInt32, _ bytes: Int) {
        streams[Int(stream)].outstanding += bytes
        if streams[Int(stream)].outstanding > limits.streamBytesMax { streams[Int(stream)].isBlocked = true }
    }

    // MARK: - Records

    func slot(_ id: WatchStreamID) -> UInt32? { streamSlots[id] }

    private mutating func open(_ id: WatchStreamID) -> UInt32 {
        if let stream = streamSlots[id] { return stream }
        let stream: UInt32
        if let free = freeStreams.popLast() {
            stream = free
        } else {
            stream = UInt32(streams.count)
            streams.append(WatchStream())
        }
        streams[Int(stream)].id = id
        streamSlots[id] = stream
        return stream
    }

    /// nil: taken.
    private mutating func chooseID(_ wanted: Int64, _ stream: UInt32) -> Int64? {
        if wanted != 0 { return watcherSlots[WatcherKey(stream: stream, id: wanted)] == nil ? wanted : nil }
        var id = streams[Int(stream)].nextID
        while watcherSlots[WatcherKey(stream: stream, id: id)] != nil { id += 1 }
        streams[Int(stream)].nextID = id + 1
        return id
    }

    private mutating func add(_ id: Int64, _ stream: UInt32, _ bounds: borrowing WatchBounds, _ options: WatchOptions, next: Int64) -> UInt32 {
        let selector = unsafe selectors.acquire(bounds.key.span.bytes, end: bounds.end.span.bytes, kind: bounds.kind)
        var record = Watcher(id: id, next: next, stream: stream, selector: selector, state: .unused, options: options)
        record.nextInStream = streams[Int(stream)].firstWatcher
        let watcher: UInt32
        if let free = freeWatchers.popLast() {
            watcher = free
            watchers[Int(free)] = record
        } else {
            watcher = UInt32(watchers.count)
            watchers.append(record)
        }
        if record.nextInStream != Self.none { watchers[Int(record.nextInStream)].previousInStream = watcher }
        streams[Int(stream)].firstWatcher = watcher
        streams[Int(stream)].watcherCount += 1
        if options.contains(.progress) { streams[Int(stream)].progressCount += 1 }
        watcherSlots[WatcherKey(stream: stream, id: id)] = watcher
        return watcher
    }

    mutating func remove(_ watcher: UInt32) {
        leaveState(watcher)
        let record = watchers[Int(watcher)]
        let stream = Int(record.stream)
        if record.previousInStream == Self.none {
            streams[stream].firstWatcher = record.nextInStream
        } else {
            watchers[Int(record.previousInStream)].nextInStream = record.nextInStream
        }
        if record.nextInStream != Self.none { watchers[Int(record.nextInStream)].previousInStream = record.previousInStream }
        streams[stream].watcherCount -= 1
        if record.options.contains(.progress) {
            streams[stream].progressCount -= 1
            if streams[stream].progressCount == 0 { progressRounds.remove(record.stream) }
        }
        watcherSlots[WatcherKey(stream: record.stream, id: record.id)] = nil
        selectors.release(record.selector)
        freeWatchers.append(watcher)
        if watcherSlots.isEmpty {
            watchers = []
            freeWatchers = []
        }
    }
}
