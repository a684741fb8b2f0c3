import Base

/// One watcher. 56 bytes; what it watches is in its selector, which others may share.
struct Watcher {
    /// Its number on the stream.
    var id: Int64
    /// Events below this revision are not for it (or were delivered). Exact for unsynced and waiting watchers; a live one has
    /// been given everything published.
    var next: Int64
    var stream: UInt32
    var selector: UInt32
    var state: State
    var options: WatchOptions
    /// The stream's watchers.
    var nextInStream = WatchHub.none
    var previousInStream = WatchHub.none
    /// Live: the selector's live watchers. Unsynced: the stream's unsynced watchers.
    var nextInState = WatchHub.none
    var previousInState = WatchHub.none
    /// The next watcher of the same selector in the present catch-up slice.
    var nextInSlice = WatchHub.none

    enum State: UInt8 {
        case unused
        /// Gets events as they are published.
        case live
        /// Gets events from the store's history until it has caught up.
        case unsynced
        /// Asked to start at a revision that isn't there yet.
        case waiting
        /// Was told that a compaction has passed it. Only its id is kept until the client cancels it, which is answered as for
        /// any other.
        case compacted
    }
}

struct WatchOptions: OptionSet {
    let rawValue: UInt8

    static let noPut = WatchOptions(rawValue: 1)
    static let noDelete = WatchOptions(rawValue: 2)
    static let previousValue = WatchOptions(rawValue: 4)
    static let progress = WatchOptions(rawValue: 8)
    static let fragment = WatchOptions(rawValue: 16)
    /// No event was sent since the last round of progress notifications.
    static let progressIsDue = WatchOptions(rawValue: 32)
    /// A catch-up slice left events out because the stream was full.
    static let wasSkipped = WatchOptions(rawValue: 64)

    /// What decides which events, and in which form, a watcher of a selector gets: 0 to 7.
    var variant: Int { Int(rawValue & 7) }
}

/// One gRPC Watch stream.
struct WatchStream {
    /// nil: the slot is free.
    var id: WatchStreamID?
    /// What the server's next choice of a watch id begins at.
    var nextID: Int64 = 0
    var firstWatcher = WatchHub.none
    /// Unsynced watchers, those served longest ago first.
    var firstUnsynced = WatchHub.none
    var lastUnsynced = WatchHub.none
    var watcherCount: Int32 = 0
    var unsyncedCount: Int32 = 0
    var waitingCount: Int32 = 0
    var progressCount: Int32 = 0
    /// Bytes handed over and not yet reported as drained.
    var outstanding = 0
    /// `outstanding` went over the limit and hasn't fallen to half of it since.
    var isBlocked = false
    /// Invariant: exactly when the slot's number is in `WatchHub.ready`. Outlives the stream.
    var isQueued = false
}

extension WatchHub {
    /// What a watcher and a stream cost, without the selector that watchers of one range share.
    package static var watcherBytes: Int { MemoryLayout<Watcher>.stride }
    package static var streamBytes: Int { MemoryLayout<WatchStream>.stride }
}
