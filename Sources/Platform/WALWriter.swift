import Base
import Storage

/// Appends to the log on disk: encodes, writes, syncs, cuts segments, keeps and releases their locks (formats.md §2.3–§2.5).
///
/// Lives on the log thread. One `save` is one write and at most one sync, whatever the number of entries. A write or sync that
/// fails ends it for good: what reached the disk is unknown then, and only a restart, which reads the log again, can tell.
///
/// Sendable unchecked because of the buffer alone, whose only owner it is: it moves to its thread as a whole.
package struct WALWriter: ~Copyable, @unchecked Sendable {
    let directory: String
    let limits: WALLimits
    /// Without syncs the log survives the process but not the machine.
    let isSyncing: Bool
    let metadataBytes: Bytes
    var encoder: WALEncoder
    /// Records encoded and not yet written.
    var pending = ByteBuffer()
    /// Segments held, ascending; the last is written to. Invariant: not empty.
    var segments: [WALSegmentFile]
    /// Where the next write goes in the last segment.
    package internal(set) var offset: Int
    /// The last state saved: every later segment repeats it.
    package internal(set) var state: WALHardState
    /// The last entry saved.
    package internal(set) var lastIndex: LogIndex
    /// The next segment, made ahead under a temporary name: reserved on disk, locked, empty.
    var prepared: FileDescriptor?
    /// Preparations so far; the temporary name alternates.
    var preparations = 0
    /// A write failed: nothing more is taken.
    package internal(set) var hasFailed = false

    /// Goes on with a log that `WALReader` has read for appending. What follows its last record is overwritten with zeros first,
    /// so that a remainder of an interrupted write is never taken for records.
    package init(_ recovered: consuming WALReader.Recovered, limits: WALLimits = WALLimits(), unsafeNoSync: Bool = false) throws(WALFileError) {
        guard let tail = recovered.segments.last, tail.name == recovered.log.tail.segment else {
            preconditionFailure("the log was read for inspection, not for appending")
        }
        let end = recovered.log.tail.offset
        try asLogWork { () throws(FileError) in
            try tail.file.zeroData(from: end)
            // Only a repaired segment has lost its reservation. On a full disk it goes on without: nothing fails until a write does.
            do throws(FileError) { try tail.file.allocate(Swift.max(limits.segmentBytes, end)) } catch {
                guard error.isDiskFull else { throw error }
            }
            if !unsafeNoSync {
                try tail.file.sync()
                // The process before this one may have ended between giving a name and syncing it: what is written from now on
                // must not hang on a name that a power loss takes back.
                try Files.syncDirectory(recovered.directory)
                try Files.syncDirectory(Files.directory(of: recovered.directory))
            }
        }
        self.init(
            directory: recovered.directory, limits: limits, isSyncing: !unsafeNoSync, metadataBytes: recovered.log.metadataBytes,
            encoder: WALEncoder(continuing: recovered.log.tail.sum), segments: recovered.segments, offset: end,
            state: recovered.log.state, lastIndex: recovered.log.lastIndex)
    }

    init(
        directory: String, limits: WALLimits, isSyncing: Bool, metadataBytes: Bytes, encoder: WALEncoder, segments: [WALSegmentFile],
        offset: Int, state: WALHardState, lastIndex: LogIndex
    ) {
        precondition(!segments.isEmpty)
        self.directory = directory
        self.limits = limits
        self.isSyncing = isSyncing
        self.metadataBytes = metadataBytes
        self.encoder = encoder
        self.segments = segments
        self.offset = offset
        self.state = state
        self.lastIndex = lastIndex
    }

    /// Adds an entry to the next save.
    package mutating func add(term: Term, index: LogIndex, kind: WALEntryKind, data: RawSpan) {
        encoder.append(term: term, index: index, kind: kind, data: data, to: &pending)
        lastIndex = index
    }

    /// Writes what was added, and the state unless it is nil or empty, with one write; then syncs if asked to; then cuts the
    /// segment if it is full. When this returns after `sync`, all of it is durable.
    package mutating func save(_ newState: WALHardState? = nil, sync: Bool) throws(WALFileError) {
        guard !hasFailed else { throw .stopped }
        if let newState, !newState.isEmpty {
            encoder.append(newState, to: &pending)
            state = newState
        }
        guard !pending.isEmpty else { return }
        do {
            try write(sync: sync)
            if offset >= limits.segmentBytes { try cut() }
        } catch {
            hasFailed = true
            throw .file(error)
        }
    }

    package mutating func save(_ entries: [WALEntry], _ newState: WALHardState? = nil, sync: Bool) throws(WALFileError) {
        for entry in entries { add(term: entry.term, index: entry.index, kind: entry.kind, data: entry.data.span) }
        try save(newState, sync: sync)
    }

    /// Records that the .snap file of this index, already durable, covers the log, with a state that makes the record count.
    /// Durable on return.
    package mutating func save(_ snapshot: WALSnapshot, _ newState: WALHardState? = nil) throws(WALFileError) {
        encoder.append(snapshot, to: &pending)
        // The log of a snapshot from the leader goes on behind it.
        if lastIndex < snapshot.index { lastIndex = snapshot.index }
        try save(newState, sync: true)
    }

    /// Lets go of the segments that hold only entries up to `index`, so that the purge may remove them.
    package mutating func releaseLocks(before index: LogIndex) {
        let firstNeeded = segments.lastIndex { $0.name.index < index } ?? 0
        segments.removeFirst(firstNeeded)
    }

    private mutating func write(sync: Bool) throws(FileError) {
        let segment = segments[segments.count - 1]
        try segment.file.write(pending.span, at: offset)
        offset += pending.count
        pending.removeAll(keepingCapacity: pending.capacity <= 1 << 20)
        if sync && isSyncing { try segment.file.syncData() }
    }
}
