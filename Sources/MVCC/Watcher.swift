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
