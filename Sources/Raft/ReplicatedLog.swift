import Base

/// The log as one member has it: entries in memory, and how far they are handed to the log thread, durable, committed,
/// handed to apply and applied. Decides nothing about terms or quorums; the node does.
///
///     base        handedToApply   committed            durable      handedToLog   last
///      │  applied ───┤                │                   │              │          │
///      ▼  ▼          ▼                ▼                   ▼              ▼          ▼
///      ┼──┼──────────┼────────────────┼───────────────────┼──────────────┼──────────┤
///                    └ next to apply: up to min(committed, durable)      └ next to write
///
/// Invariants: base ≤ applied ≤ handedToApply ≤ committed ≤ last; applied ≤ durable ≤ handedToLog ≤ last; all but the first
/// `base ≤ applied` (and handedToApply, durable) also while a snapshot is being installed.
///
/// Nothing is applied before it is durable *here*, even if a majority has it: the store must never be ahead of the log.
struct ReplicatedLog: ~Copyable {
    private var ring = EntryRing()
    /// The entry before the first in memory.
    private(set) var base: LogPosition
    private(set) var committed: LogIndex
    private(set) var applied: LogIndex
    private(set) var handedToApply: LogIndex
    private(set) var handedToLog: LogIndex
    private(set) var durable: LogIndex
    /// A snapshot that takes the log's place and is not yet in an output.
    private(set) var snapshotToWrite: Snapshot?
    /// The snapshot the caller is installing; nothing is handed to apply meanwhile.
    private(set) var snapshotInstalling: LogIndex?
    /// Data bytes of the entries after `committed`.
    private(set) var uncommittedBytes = 0

    /// A synced write that is not yet durable, and how much of the present log is on disk once it is.
    private struct Flight {
        var number: WriteNumber
        var last: LogIndex
    }
    /// Ascending by number; a handful.
    private var flights: [Flight] = []
    private(set) var lastWrite = WriteNumber.zero
    private(set) var lastSyncedWrite = WriteNumber.zero
    private(set) var durableWrite = WriteNumber.zero

    init(_ recovered: RecoveredState) throws(RaftError) {
        base = recovered.base
        var last = recovered.base
        ring.reserve(recovered.entries.count)
        for entry in recovered.entries {
            guard entry.index == last.index.next else {
                throw .recoveredEntriesNotConsecutive(expected: last.index.next, found: entry.index)
            }
            guard entry.term >= last.term else { throw .recoveredTermsDescend(at: entry.index) }
            last = LogPosition(index: entry.index, term: entry.term)
            ring.append(entry)
        }
        guard recovered.hardState.commit <= last.index else {
            throw .recoveredCommitBeyondLog(commit: recovered.hardState.commit, last: last.index)
        }
        guard recovered.applied <= last.index else {
            throw .recoveredAppliedBeyondLog(applied: recovered.applied, last: last.index)
        }
        guard recovered.applied >= base.index else {
            throw .recoveredAppliedBeforeLog(applied: recovered.applied, base: base.index)
        }
        // Only what was committed is applied or left out of the log; the saved commit may lag behind both.
        committed = Swift.max(recovered.hardState.commit, recovered.applied)
        applied = recovered.applied
        handedToApply = recovered.applied
        handedToLog = last.index
        durable = last.index
        for offset in Int(committed.rawValue - base.index.rawValue)..<ring.count { uncommittedBytes += ring.dataBytes(at: offset) }
    }

    // MARK: Reading

    var last: LogPosition {
        ring.count == 0 ? base : LogPosition(index: lastIndex, term: ring.term(at: ring.count - 1))
    }

    var lastIndex: LogIndex { LogIndex(base.index.rawValue &+ UInt64(ring.count)) }
    var firstIndex: LogIndex { base.index.next }

    private func offset(of index: LogIndex) -> Int { Int(truncatingIfNeeded: index.rawValue &- base.index.rawValue &- 1) }

    /// Nil before `base` and after the last entry.
    func term(at index: LogIndex) -> Term? {
        if index == base.index { return base.term }
        guard index > base.index, index <= lastIndex else { return nil }
        return ring.term(at: offset(of: index))
    }

    /// Requires firstIndex ≤ index ≤ lastIndex.
    func entry(at index: LogIndex) -> Entry {
        precondition(index > base.index && index <= lastIndex, "entry \(index) is not in memory (\(firstIndex)...\(lastIndex))")
        return ring[offset(of: index)]
    }

    /// The entries from `index` to `through` as far as they lie in one piece; at least one.
    @_lifetime(borrow self)
    func run(from index: LogIndex, through: LogIndex) -> Span<Entry> {
        precondition(index > base.index && index <= through && through <= lastIndex)
        return ring.run(from: offset(of: index), limit: offset(of: through) - offset(of: index) + 1)
    }

    /// Entries from `index` on whose encoded sizes add up to at most `bytesMax`, but at least one if there is one.
    func entries(from index: LogIndex, bytesMax: Int) -> [Entry] {
        precondition(index > base.index)
        guard index <= lastIndex else { return [] }
        let start = offset(of: index)
        var end = start
        var bytes = 0
        while end < ring.count {
            bytes += ring.dataBytes(at: end) + Entry.overheadBytes
            if bytes > bytesMax && end > start { break }
            end += 1
        }
        var result: [Entry] = []
        result.reserveCapacity(end - start)
        for offset in start..<end { result.append(ring[offset]) }
        return result
    }

    /// The last index at or before `index` whose term is at most `term`: where a log that has `term` there can first agree
    /// with this one, so that a whole term is skipped in one exchange (Raft §5.3, last paragraphs). Terms never descend, so
    /// this is a binary search.
    func lastIndex(atOrBefore index: LogIndex, termAtMost term: Term) -> LogIndex {
        var low = base.index.rawValue
        var high = Swift.min(index, lastIndex).rawValue
        guard high >= low, base.term <= term else { return Swift.min(index, base.index) }
        while low < high {
            let middle = low + (high - low + 1) / 2
            if ring.term(at: offset(of: LogIndex(middle))) <= term { low = middle } else { high = middle - 1 }
        }
        return LogIndex(low)
    }

    /// Raft §5.4.1: the later last term wins; with equal terms the longer log.
    func isUpToDate(candidate: LogPosition) -> Bool {
        #if PLANTED_BUGS
            if PlantedBug.isActive(.voteForShorterLog) { return true }
        #endif
        return candidate.term > last.term || (candidate.term == last.term && candidate.index >= lastIndex)
    }

    func hasConfigurationChange(after: LogIndex, through: LogIndex) -> Bool {
        var index = Swift.max(after, base.index).next
        while index <= through {
            if ring.kind(at: offset(of: index)) != .normal { return true }
            index = index.next
        }
        return false
    }

    // MARK: Writing

    mutating func reserve(_ extra: Int) { ring.reserve(extra) }

    mutating func append(_ entry: consuming Entry) {
        precondition(entry.index == lastIndex.next)
        assert(entry.term >= last.term)
        uncommittedBytes += entry.data.count
        ring.append(entry)
    }

    /// Forgets all entries after `index`, which another leader's entries replace (Raft §5.3). Requires that they aren't
    /// committed. Writes under way still bring the rest of the log to disk, but no longer the tail.
    mutating func truncate(after index: LogIndex) {
        precondition(index >= committed && index <= lastIndex)
        var position = index.next
        while position <= lastIndex {
            uncommittedBytes -= ring.dataBytes(at: offset(of: position))
            position = position.next
        }
        ring.removeLast(Int(lastIndex.rawValue - index.rawValue))
        limitDurable(to: index)
        handedToLog = Swift.min(handedToLog, index)
        assert(lastIndex == index)
    }

    private mutating func limitDurable(to index: LogIndex) {
        durable = Swift.min(durable, index)
        for position in flights.indices { flights[position].last = Swift.min(flights[position].last, index) }
    }

    /// True if that moved. Requires `index` ≤ lastIndex. Never goes back.
    mutating func commit(to index: LogIndex) -> Bool {
        guard index > committed else { return false }
        precondition(index <= lastIndex, "commit \(index) beyond the last entry \(lastIndex)")
        var position = committed.next
        while position <= index {
            uncommittedBytes -= ring.dataBytes(at: offset(of: position))
            position = position.next
        }
        committed = index
        assert(uncommittedBytes >= 0)
        return true
    }

    /// Replaces the whole log by a snapshot. Requires it to be ahead of what is committed.
    mutating func restore(_ snapshot: Snapshot) {
        let position = snapshot.metadata.position
        precondition(position.index > committed)
        ring.removeFirst(ring.count)
        limitDurable(to: Swift.min(durable, committed))
        base = position
        committed = position.index
        handedToLog = position.index
        uncommittedBytes = 0
        snapshotToWrite = snapshot
        snapshotInstalling = position.index
        assert(lastIndex == position.index && durable < position.index)
    }

    mutating func snapshotApplied(_ index: LogIndex) {
        guard let installing = snapshotInstalling, index >= applied else { return }
        precondition(index <= installing, "snapshot \(index) applied, which was never received")
        applied = index
        handedToApply = Swift.max(handedToApply, index)
        if index == installing { snapshotInstalling = nil }
    }

    /// Forgets the entries up to `index`. Requires them to be applied.
    mutating func compact(through index: LogIndex) {
        precondition(index <= applied && applied <= lastIndex, "compaction to \(index) beyond the applied entry \(applied)")
        guard index > base.index, snapshotInstalling == nil, let term = term(at: index) else { return }
        ring.removeFirst(Int(index.rawValue - base.index.rawValue))
        base = LogPosition(index: index, term: term)
    }

    // MARK: Handing out

    /// Appends what is new since the last call to `entries` and counts it as write `number`. True if there was something.
    mutating func takeEntries(into entries: inout [Entry]) -> Bool {
        guard handedToLog < lastIndex else { return false }
        var offset = offset(of: handedToLog.next)
        entries.reserveCapacity(ring.count - offset)
        while offset < ring.count {
            entries.append(ring[offset])
            offset += 1
        }
        handedToLog = lastIndex
        return true
    }

    mutating func takeSnapshot() -> Snapshot? { snapshotToWrite.take() }

    /// Counts a write of everything taken so far.
    mutating func beginWrite(synced: Bool) -> WriteNumber {
        lastWrite = WriteNumber(lastWrite.rawValue + 1)
        if synced {
            lastSyncedWrite = lastWrite
            flights.append(Flight(number: lastWrite, last: handedToLog))
            #if PLANTED_BUGS
                if PlantedBug.isActive(.acknowledgeBeforeSync) { persisted(through: lastWrite) }
            #endif
        }
        return lastWrite
    }

    mutating func persisted(through number: WriteNumber) {
        precondition(number <= lastWrite, "write \(number.rawValue) was never asked for")
        guard number > durableWrite else { return }
        durableWrite = number
        var done = 0
        while done < flights.count, flights[done].number <= number {
            durable = Swift.max(durable, flights[done].last)
            done += 1
        }
        flights.removeFirst(done)
        assert(durable <= handedToLog)
    }

    /// The entries that may now be applied, counted as handed out. Empty (last < first) if none.
    mutating func takeToApply() -> (first: LogIndex, last: LogIndex) {
        let first = handedToApply.next
        guard snapshotInstalling == nil else { return (first, handedToApply) }
        handedToApply = Swift.max(handedToApply, Swift.min(committed, durable))
        #if PLANTED_BUGS
            if PlantedBug.isActive(.applyBeforeDurable) { handedToApply = Swift.max(handedToApply, committed) }
        #endif
        return (first, handedToApply)
    }

    mutating func applied(through index: LogIndex) {
        precondition(index <= handedToApply, "entry \(index) was never handed out to be applied")
        applied = Swift.max(applied, index)
    }
}
