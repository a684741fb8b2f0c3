import Base

/// Live delivery.
extension WatchHub {
    /// Delivers what was just applied to the live watchers. Requires that `changes` begins right after `published`.
    ///
    /// A watcher whose stream is full becomes unsynced; it misses nothing, because it reads these revisions from the history.
    package mutating func publish(_ changes: borrowing ChangeSet, store: borrowing Store, into outputs: inout WatchOutputs) {
        guard let last = changes.changes.last?.revision.main, last > published else { return }
        let first = published + 1
        assert(changes.changes.first?.revision.main == first)
        guard !selectors.isEmpty else {
            published = last
            return
        }
        published = last
        // Those that start amid these revisions read them from the history; those that start after them become live below.
        while let (next, watcher) = waiting.first, next <= last {
            leaveState(watcher)
            place(watcher)
        }
        match(changes)
        if !scratch.touched.isEmpty { deliverLive(changes, store, first: first, into: &outputs) }
        admitWaiting()
    }

    private mutating func match(_ changes: borrowing ChangeSet) {
        for index in changes.changes.indices {
            scratch.found.removeAll(keepingCapacity: true)
            selectors.match(changes.bytes.span.subscripted(changes.changes[index].key), into: &scratch.found)
            guard !scratch.found.isEmpty else { continue }
            for place in scratch.found.indices {
                let selector = scratch.found[place]
                if selectors.records[Int(selector)].firstLive != Self.none { note(index, for: selector) }
            }
        }
    }

    private mutating func deliverLive(
        _ changes: borrowing ChangeSet, _ store: borrowing Store, first: Int64, into outputs: inout WatchOutputs
    ) {
        scratch.beginDelivery(changes: changes.changes.count)
        let bytesMax = outputs.events.count + limits.eventBytesPerCall
        for place in scratch.touched.indices {
            let selector = scratch.touched[place]
            var sets = InlineArray<8, EventSet>(repeating: EventSet())
            var watcher = selectors.records[Int(selector)].firstLive
            while watcher != Self.none {
                let record = watchers[Int(watcher)]
                let variant = record.options.variant
                if !sets[variant].isMade, outputs.events.count < bytesMax {
                    sets[variant] = makeSet(selector, variant: variant, changes, store, into: &outputs)
                }
                let set = sets[variant]
                if !set.isMade || (set.count > 0 && streams[Int(record.stream)].isBlocked) {
                    leaveLive(watcher, next: first)
                } else if set.count > 0 {
                    let revision = scratch.marks[set.firstMark + set.count - 1].main
                    deliver(watcher, set, from: set.firstMark, revision: revision, into: &outputs)
                }
                watcher = record.nextInState
            }
            forgetMatches(of: selector)
        }
        scratch.endDelivery()
    }
}
