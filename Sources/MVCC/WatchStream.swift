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
