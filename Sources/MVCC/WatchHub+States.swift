import Base

/// Moving watchers between the states, and the lists that go with them.
extension WatchHub {
    /// Puts a watcher that is in no state into the one that its next revision asks for.
    mutating func place(_ watcher: UInt32) {
        let next = watchers[Int(watcher)].next
        if next > published + 1 {
            watchers[Int(watcher)].state = .waiting
            waiting.set(watcher, rank: next)
            streams[Int(watchers[Int(watcher)].stream)].waitingCount += 1
        } else if next == published + 1 {
            becomeLive(watcher)
        } else {
            becomeUnsynced(watcher)
        }
    }

    /// Waiting watchers whose revision has come.
    mutating func admitWaiting() {
        while let (next, watcher) = waiting.first, next <= published + 1 {
            leaveState(watcher)
            place(watcher)
        }
    }

    /// A live watcher is to be given the events from `next` on later.
    mutating func leaveLive(_ watcher: UInt32, next: Int64) {
        leaveState(watcher)
        watchers[Int(watcher)].next = next
        becomeUnsynced(watcher)
    }

    /// Tells the watcher from where on it could have its events, which it can't any more (etcd #17529).
    mutating func cancelCompacted(_ watcher: UInt32, _ compactRevision: Int64, into outputs: inout WatchOutputs) {
        leaveState(watcher)
        watchers[Int(watcher)].state = .compacted
        let record = watchers[Int(watcher)]
        let head = WatchOutputs.Head(watchID: record.id, revision: 0, canceled: true, compactRevision: compactRevision)
        send(record.stream, head, into: &outputs)
    }

    mutating func leaveState(_ watcher: UInt32) {
        let record = watchers[Int(watcher)]
        let stream = Int(record.stream)
        switch record.state {
        case .unused, .compacted: return
        case .waiting:
            waiting.remove(watcher)
            streams[stream].waitingCount -= 1
        case .live:
            if record.previousInState == Self.none {
                selectors.records[Int(record.selector)].firstLive = record.nextInState
            } else {
                watchers[Int(record.previousInState)].nextInState = record.nextInState
            }
            if record.nextInState != Self.none { watchers[Int(record.nextInState)].previousInState = record.previousInState }
        case .unsynced:
            unlinkUnsynced(watcher)
            streams[stream].unsyncedCount -= 1
            slowWatcherCount -= 1
        }
        watchers[Int(watcher)].state = .unused
        watchers[Int(watcher)].nextInState = Self.none
        watchers[Int(watcher)].previousInState = Self.none
    }

    private mutating func becomeLive(_ watcher: UInt32) {
        let selector = Int(watchers[Int(watcher)].selector)
        let first = selectors.records[selector].firstLive
        watchers[Int(watcher)].state = .live
        watchers[Int(watcher)].nextInState = first
        if first != Self.none { watchers[Int(first)].previousInState = watcher }
        selectors.records[selector].firstLive = watcher
    }

    private mutating func becomeUnsynced(_ watcher: UInt32) {
        let stream = watchers[Int(watcher)].stream
        watchers[Int(watcher)].state = .unsynced
        linkUnsynced(watcher)
        streams[Int(stream)].unsyncedCount += 1
        slowWatcherCount += 1
        queue(stream)
    }

    /// To the end of its stream's list.
    mutating func linkUnsynced(_ watcher: UInt32) {
        let stream = Int(watchers[Int(watcher)].stream)
        let last = streams[stream].lastUnsynced
        watchers[Int(watcher)].previousInState = last
        watchers[Int(watcher)].nextInState = Self.none
        if last == Self.none { streams[stream].firstUnsynced = watcher } else { watchers[Int(last)].nextInState = watcher }
        streams[stream].lastUnsynced = watcher
    }

    mutating func unlinkUnsynced(_ watcher: UInt32) {
        let record = watchers[Int(watcher)]
        let stream = Int(record.stream)
        if record.previousInState == Self.none {
            streams[stream].firstUnsynced = record.nextInState
        } else {
            watchers[Int(record.previousInState)].nextInState = record.nextInState
        }
        if record.nextInState == Self.none {
            streams[stream].lastUnsynced = record.previousInState
        } else {
            watchers[Int(record.nextInState)].previousInState = record.previousInState
        }
    }

    /// Lines the stream up for catching up if it has a reason to.
    mutating func queue(_ stream: UInt32) {
        let record = streams[Int(stream)]
        guard !record.isQueued, !record.isBlocked, record.unsyncedCount > 0 else { return }
        streams[Int(stream)].isQueued = true
        ready.append(stream)
    }

    /// The next stream to be caught up.
    mutating func nextReady() -> UInt32? {
        while let stream = ready.popFirst() {
            streams[Int(stream)].isQueued = false
            if !streams[Int(stream)].isBlocked, streams[Int(stream)].unsyncedCount > 0 { return stream }
        }
        return nil
    }
}
