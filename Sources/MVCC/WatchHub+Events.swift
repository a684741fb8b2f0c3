import Base
import Storage
import Wire

/// From matched changes to responses.
///
/// An event is encoded once for each of its two forms (with and without the previous value) and its bytes are named by every
/// response that holds it alone or between the same neighbours; only a set of events that are not adjacent in the buffer is
/// encoded again.
extension WatchHub {
    typealias EventSet = WatchScratch.EventSet

    /// Notes that the selector matches the change. Changes come in order.
    mutating func note(_ change: Int, for selector: UInt32) {
        let match = UInt32(scratch.matches.count)
        scratch.matches.append(WatchScratch.Match(change: UInt32(change), next: Self.none))
        let last = selectors.records[Int(selector)].lastMatch
        if last == Self.none {
            selectors.records[Int(selector)].firstMatch = match
            scratch.touched.append(selector)
        } else {
            scratch.matches[Int(last)].next = match
        }
        selectors.records[Int(selector)].lastMatch = match
    }

    /// To be called for each touched selector when it has been served.
    mutating func forgetMatches(of selector: UInt32) {
        selectors.records[Int(selector)].firstMatch = Self.none
        selectors.records[Int(selector)].lastMatch = Self.none
        scratch.marks.removeAll(keepingCapacity: true)
    }

    /// The events of one variant for the selector's matches.
    mutating func makeSet(
        _ selector: UInt32, variant: Int, _ changes: borrowing ChangeSet, _ store: borrowing Store, into outputs: inout WatchOutputs
    ) -> EventSet {
        let isFull = variant & 4 != 0
        var set = EventSet(isMade: true, firstMark: scratch.marks.count)
        scratch.chosen.removeAll(keepingCapacity: true)
        var isAdjacent = true
        var match = selectors.records[Int(selector)].firstMatch
        while match != Self.none {
            let change = scratch.matches[Int(match)].change
            match = scratch.matches[Int(match)].next
            guard variant & (changes.changes[Int(change)].isDelete ? 2 : 1) == 0 else { continue }
            let known = isFull ? scratch.fullEvents[Int(change)] : scratch.plainEvents[Int(change)]
            if known.isEmpty || (!scratch.chosen.isEmpty && Int(known.offset) != set.end) { isAdjacent = false }
            set.end = Int(known.offset) + known.count
            scratch.chosen.append(change)
        }
        set.count = scratch.chosen.count
        for place in 0..<set.count {
            let change = Int(scratch.chosen[place])
            if !isAdjacent { encode(change, isFull: isFull, changes, store, into: &outputs.events) }
            let event = isFull ? scratch.fullEvents[change] : scratch.plainEvents[change]
            scratch.marks.append(.init(main: changes.changes[change].revision.main, offset: Int(event.offset)))
            set.end = Int(event.offset) + event.count
        }
        return set
    }

    /// Sends a watcher the events of `set` from mark `first` on, all in one response unless it wants fragments.
    mutating func deliver(_ watcher: UInt32, _ set: EventSet, from first: Int, revision: Int64, into outputs: inout WatchOutputs) {
        let record = watchers[Int(watcher)]
        guard let id = streams[Int(record.stream)].id else { return }
        watchers[Int(watcher)].options.remove(.progressIsDue)
        let start = scratch.marks[first].offset
        let events = ByteRange(offset: start, count: set.end - start)
        let count = set.firstMark + set.count - first
        if record.options.contains(.fragment), count >= 2, events.count + 64 >= limits.fragmentBytes {
            return deliverFragments(watcher, id, set, from: first, revision: revision, into: &outputs)
        }
        charge(record.stream, outputs.append(id, watchID: record.id, revision: revision, stamp, events: events))
    }

    /// Each fragment is below the limit or a single event; all but the last say that more follows. 64 bytes stand for a head.
    private mutating func deliverFragments(
        _ watcher: UInt32, _ id: WatchStreamID, _ set: EventSet, from first: Int, revision: Int64, into outputs: inout WatchOutputs
    ) {
        let record = watchers[Int(watcher)]
        let last = set.firstMark + set.count
        var mark = first
        while mark < last {
            let start = scratch.marks[mark].offset
            var end = start
            repeat {
                end = mark + 1 < last ? scratch.marks[mark + 1].offset : set.end
                mark += 1
            } while mark < last && (mark + 1 < last ? scratch.marks[mark + 1].offset : set.end) - start + 64 < limits.fragmentBytes
            let head = WatchOutputs.Head(watchID: record.id, revision: revision, isFragment: mark < last)
            charge(record.stream, outputs.append(id, head, stamp, events: ByteRange(offset: start, count: end - start)))
        }
    }

    /// Appends the event as element of WatchResponse.events.
    private mutating func encode(
        _ index: Int, isFull: Bool, _ changes: borrowing ChangeSet, _ store: borrowing Store, into events: inout ByteBuffer
    ) {
        let change = changes.changes[index]
        let row = changes.bytes.span.subscripted(change.kv)
        // A deletion's row holds the key alone; the event says when it happened too.
        let rowSize = row.byteCount + (change.isDelete ? FieldSize.of(0x18, int64: change.revision.main) : 0)
        var size = (change.isDelete ? 2 : 0) + FieldSize.of(0x12, byteCount: rowSize)
        let start = events.count
        if isFull, let previous = previousRow(of: change, in: changes, store) {
            size += FieldSize.of(0x1A, byteCount: previous.byteCount)
            appendStart(change, row, rowSize, size, to: &events)
            events.field(0x1A, always: previous)
        } else {
            appendStart(change, row, rowSize, size, to: &events)
        }
        let range = ByteRange(offset: start, count: events.count - start)
        if isFull { scratch.fullEvents[index] = range } else { scratch.plainEvents[index] = range }
    }

    private func appendStart(_ change: ChangeSet.Change, _ row: RawSpan, _ rowSize: Int, _ size: Int, to events: inout ByteBuffer) {
        events.reserve(size + 16)
        events.append(varint: 0x5A)
        events.append(varint: UInt64(size))
        events.field(0x08, bool: change.isDelete)
        events.append(varint: 0x12)
        events.append(varint: UInt64(rowSize))
        events.append(row)
        if change.isDelete { events.field(0x18, int64: change.revision.main) }
    }

    /// The live row that the change replaced, as of the revision before it; nil when there was none or a compaction has passed
    /// that revision.
    @_lifetime(borrow store)
    private func previousRow(of change: ChangeSet.Change, in changes: borrowing ChangeSet, _ store: borrowing Store) -> RawSpan? {
        guard change.revision.main - 1 >= store.compactRevision else { return nil }
        var previous = change.previous
        // As etcd: the value before the transaction, also for a key that the transaction itself changes twice.
        if previous == WatchHub.unknownRevision || previous?.main == change.revision.main {
            previous = store.revision(of: changes.bytes.span.subscripted(change.key), at: change.revision.main - 1)
        }
        guard let previous else { return nil }
        return store.backend.row(at: previous)
    }

    /// Stands in a change read from the history for a previous row that is to be looked up if anyone wants it.
    static var unknownRevision: Revision { Revision(main: -1, sub: 0) }
}
