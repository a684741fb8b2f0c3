import Base
import Storage
import Wire

/// Delivery from the history, in slices.
///
/// A slice is one pass over the rows from the revision that its first watcher needs, shared by all unsynced watchers that need
/// something from there on. The first watcher is the one served longest ago on the stream served longest ago, so every
/// watcher gets on, however many others there are and wherever they begin.
extension WatchHub {
    /// Runs one slice. To be called again, between other work, while `hasWork`.
    package mutating func catchUp(store: borrowing Store, into outputs: inout WatchOutputs) {
        chooseCandidates(compactRevision: store.compactRevision, into: &outputs)
        if let first = scratch.candidates.first {
            var rows = ChangeSet()
            swap(&rows, &history)
            rows.removeAll()
            if let end = readSlice(store, from: watchers[Int(first)].next, into: &rows) {
                deliverSlice(rows, store, into: &outputs)
                advanceCandidates(past: end)
            } else {
                for place in scratch.touched.indices { forgetMatches(of: scratch.touched[place]) }
                scratch.endDelivery()
            }
            // A transaction may have been far above the bound; its room isn't kept.
            if rows.bytes.capacity <= 4 * limits.sliceBytes { swap(&rows, &history) }
            for place in scratch.candidates.indices { endSlice(scratch.candidates[place]) }
        }
        for place in scratch.servedStreams.indices.dropFirst() { queue(scratch.servedStreams[place]) }
        if let first = scratch.servedStreams.first { queue(first) }
        scratch.candidates.removeAll(keepingCapacity: true)
        scratch.servedStreams.removeAll(keepingCapacity: true)
    }

    /// Takes unsynced watchers in the order of their turn, cancels those that a compaction has passed, and enters the others
    /// in their selectors. Those that need earlier rows than the first keep their place in the line.
    private mutating func chooseCandidates(compactRevision: Int64, into outputs: inout WatchOutputs) {
        var start: Int64?
        var looked = 0
        while looked < limits.sliceWatchers, let stream = nextReady() {
            scratch.servedStreams.append(stream)
            var watcher = streams[Int(stream)].firstUnsynced
            var left = streams[Int(stream)].unsyncedCount
            while left > 0, looked < limits.sliceWatchers {
                let record = watchers[Int(watcher)]
                if record.next < compactRevision {
                    cancelCompacted(watcher, compactRevision, into: &outputs)
                } else if record.next >= start ?? record.next {
                    start = start ?? record.next
                    unlinkUnsynced(watcher)
                    linkUnsynced(watcher)
                    let selector = Int(record.selector)
                    watchers[Int(watcher)].nextInSlice = selectors.records[selector].firstInSlice
                    selectors.records[selector].firstInSlice = watcher
                    scratch.candidates.append(watcher)
                }
                watcher = record.nextInState
                left -= 1
                looked += 1
            }
        }
    }

    /// Copies the rows that candidates watch, and returns the revision up to which everything was read; whole transactions
    /// only. nil: the backend failed, nothing was read.
    private mutating func readSlice(_ store: borrowing Store, from start: Int64, into rows: inout ChangeSet) -> Int64? {
        var seen = 0
        var end = published
        var lastMain = start
        store.backend.scanRows(from: Revision(main: start, sub: 0), through: Revision(main: published, sub: .max)) {
            revision, isTombstone, row in
            if revision.main != lastMain, seen >= limits.sliceRows || rows.bytes.count >= limits.sliceBytes {
                end = lastMain
                return false
            }
            lastMain = revision.main
            seen += 1
            take(revision, isTombstone, row, into: &rows)
            return true
        }
        return store.backend.fault == nil ? end : nil
    }

    private mutating func take(_ revision: Revision, _ isTombstone: Bool, _ row: RawSpan, into rows: inout ChangeSet) {
        guard let view = try? Mvccpb.KeyValue.View(decoding: row) else {
            fatalError("bucket key: the row at revision \(revision.main)_\(revision.sub) changed while this member ran; it is not a KeyValue")
        }
        scratch.found.removeAll(keepingCapacity: true)
        selectors.match(row.subscripted(view.key), into: &scratch.found)
        var isTaken = false
        for place in scratch.found.indices {
            let selector = scratch.found[place]
            guard selectors.records[Int(selector)].firstInSlice != Self.none else { continue }
            note(rows.changes.count, for: selector)
            isTaken = true
        }
        guard isTaken else { return }
        let start = rows.bytes.count
        rows.bytes.append(row)
        let isCreate = !isTombstone && view.createRevision == view.modRevision
        rows.changes.append(
            ChangeSet.Change(
                revision: revision, isDelete: isTombstone, kv: ByteRange(offset: start, count: row.byteCount),
                key: ByteRange(offset: start + Int(view.key.offset), count: view.key.count),
                previous: isCreate ? nil : WatchHub.unknownRevision, oldLease: .zero, newLease: LeaseID(view.lease)))
    }

    private mutating func deliverSlice(_ rows: borrowing ChangeSet, _ store: borrowing Store, into outputs: inout WatchOutputs) {
        guard !scratch.touched.isEmpty else { return }
        scratch.beginDelivery(changes: rows.changes.count)
        let bytesMax = outputs.events.count + limits.eventBytesPerCall
        for place in scratch.touched.indices {
            let selector = scratch.touched[place]
            var sets = InlineArray<8, EventSet>(repeating: EventSet())
            var watcher = selectors.records[Int(selector)].firstInSlice
            while watcher != Self.none {
                let record = watchers[Int(watcher)]
                let variant = record.options.variant
                if !sets[variant].isMade, outputs.events.count < bytesMax {
                    sets[variant] = makeSet(selector, variant: variant, rows, store, into: &outputs)
                }
                let set = sets[variant]
                var mark = set.firstMark
                while mark < set.firstMark + set.count, scratch.marks[mark].main < record.next { mark += 1 }
                let hasEvents = mark < set.firstMark + set.count
                if !set.isMade || (hasEvents && streams[Int(record.stream)].isBlocked) {
                    watchers[Int(watcher)].options.insert(.wasSkipped)
                } else if hasEvents {
                    deliver(watcher, set, from: mark, revision: published, into: &outputs)
                }
                watcher = record.nextInSlice
            }
            forgetMatches(of: selector)
        }
        scratch.endDelivery()
    }

    private mutating func advanceCandidates(past end: Int64) {
        for index in scratch.candidates.indices {
            let watcher = scratch.candidates[index]
            guard !watchers[Int(watcher)].options.contains(.wasSkipped), watchers[Int(watcher)].next <= end else { continue }
            watchers[Int(watcher)].next = end + 1
            guard end == published else { continue }
            leaveState(watcher)
            place(watcher)
        }
    }

    private mutating func endSlice(_ watcher: UInt32) {
        watchers[Int(watcher)].options.remove(.wasSkipped)
        watchers[Int(watcher)].nextInSlice = Self.none
        selectors.records[Int(watchers[Int(watcher)].selector)].firstInSlice = Self.none
    }
}
