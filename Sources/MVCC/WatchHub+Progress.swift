import Base

/// Progress notifications: "nothing below this revision is still to come".
///
/// A notification follows all events up to its revision on the same stream, because it is only sent when no watcher it speaks
/// for has anything left to be read from the history (etcd #15220), and never to a watcher whose start is still to come
/// (etcd #20221).
extension WatchHub {
    /// A progress request: answered for all watchers of the stream together, as watch id −1, or not at all when one of them
    /// isn't synced (the client asks again).
    package mutating func progress(_ id: WatchStreamID, into outputs: inout WatchOutputs) {
        guard let stream = slot(id) else { return }
        let record = streams[Int(stream)]
        #if PLANTED_BUGS
            if PlantedBug.isActive(.progressAhead) { return send(stream, .init(watchID: -1, revision: published), into: &outputs) }
        #endif
        guard record.watcherCount > 0, record.unsyncedCount == 0, record.waitingCount == 0, !record.isBlocked else { return }
        send(stream, .init(watchID: -1, revision: published), into: &outputs)
    }

    /// When `tick` is to be called next.
    package var nextDeadline: Instant? { progressRounds.first.map { Instant(nanoseconds: $0.rank) } }

    /// Sends the progress notifications that are due. Early and spurious calls do nothing.
    package mutating func tick(_ now: Instant, into outputs: inout WatchOutputs) {
        while let (deadline, stream) = progressRounds.first, deadline <= now.nanoseconds {
            progressRounds.set(stream, rank: (now + jitteredInterval()).nanoseconds)
            notify(stream, into: &outputs)
        }
    }

    mutating func expectProgress(_ stream: UInt32, now: Instant) {
        guard !progressRounds.contains(stream) else { return }
        progressRounds.set(stream, rank: (now + jitteredInterval()).nanoseconds)
    }

    private mutating func notify(_ stream: UInt32, into outputs: inout WatchOutputs) {
        var watcher = streams[Int(stream)].firstWatcher
        while watcher != Self.none {
            let record = watchers[Int(watcher)]
            if record.options.contains(.progress) {
                if record.options.contains(.progressIsDue), record.state == .live, !streams[Int(stream)].isBlocked {
                    send(stream, .init(watchID: record.id, revision: published), into: &outputs)
                }
                watchers[Int(watcher)].options.insert(.progressIsDue)
            }
            watcher = record.nextInStream
        }
    }

    private mutating func jitteredInterval() -> Interval {
        let tenth = limits.progressInterval.nanoseconds / 10
        return limits.progressInterval + Interval(nanoseconds: tenth > 0 ? Int64(random.next() % UInt64(tenth)) : 0)
    }
}
