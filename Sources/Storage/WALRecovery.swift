import Base

/// Decides what a log on disk means (formats.md §2.5): which segments to read, which entries hold, when to refuse.
///
/// The caller lists the directory, then reads each of `segments` in order: `begin`, then `read` window by window as long as it
/// asks for more. A torn write in the last segment comes back as `.torn`: the caller keeps a copy, truncates the file there,
/// and goes on to `finish` as if the log had ended so. Nothing here touches files. Memory: the windows that hold entries after
/// the snapshot, as those entries point into them.
package struct WALRecovery: ~Copyable {
    package enum Demand: Hashable, Sendable {
        /// Call `read` with a window of at least `atLeast` bytes (fewer only at the end of the file) from this file offset.
        case window(from: Int, atLeast: Int)
        case segmentEnd
        /// The last segment ends in an interrupted write that begins at this offset.
        case torn(WALError.Tear, at: Int)
    }

    /// What to read, in order.
    package let segments: [WALSegmentName]

    private let limits: WALLimits
    private var snapshot: WALSnapshot
    private var decoder: WALDecoder
    private var current = -1
    /// Records read of the current segment; the first two have fixed types.
    private var recordsInSegment = 0
    private var metadataBytes: Bytes?
    private var state = WALHardState()
    private var entries: [WALEntry] = []
    private var snapshotFound = false
    private var recordedTerm: Term?
    /// Term of the last entry read at the snapshot's index, when the log still holds it.
    private var termAtSnapshot: Term?

    /// Plans the reading of the log from `snapshot` (index and term) on. `names` are the segments in the directory.
    package init(segments names: [WALSegmentName], from snapshot: WALSnapshot, limits: WALLimits) throws(WALError) {
        self.limits = limits
        self.snapshot = snapshot
        decoder = WALDecoder(fileSize: 0, continuing: 0, recordBytesMax: limits.recordBytesMax)
        segments = try Self.plan(names.sorted(), from: snapshot.index)
    }

    private static func plan(_ names: [WALSegmentName], from index: LogIndex) throws(WALError) -> [WALSegmentName] {
        guard let oldest = names.first else { throw WALError(.noSegments) }
        guard let first = names.lastIndex(where: { $0.index <= index }) else {
            throw WALError(.startMissing(snapshot: index, first: oldest))
        }
        let wanted = Array(names[first...])
        for (name, next) in zip(wanted, wanted.dropFirst()) where next.sequence != name.sequence &+ 1 {
            throw WALError(.segmentMissing(after: name, next: next))
        }
        return wanted
    }

    /// Begins the next segment, whose file is `fileSize` bytes long.
    package mutating func begin(fileSize: Int) -> Demand {
        precondition(current + 1 < segments.count && fileSize >= 0)
        current += 1
        recordsInSegment = 0
        decoder = WALDecoder(fileSize: fileSize, continuing: decoder.sum, recordBytesMax: limits.recordBytesMax)
        return demand(8)
    }

    /// Reads the records in `window`, which begins where the last demand said.
    package mutating func read(_ window: Bytes) throws(WALError) -> Demand {
        let windowStart = decoder.offset
        while true {
            let recordOffset = decoder.offset
            let step: WALDecoder.Step
            do { step = try decoder.next(in: window.span, startingAt: windowStart) } catch {
                throw located(.damaged(error), recordOffset)
            }
            switch step {
            case .needs(let count):
                // The decoder never asks for bytes beyond the end of the file, so a window that fell short was read wrongly.
                precondition(count > window.count - (recordOffset - windowStart))
                return demand(count)
            case .end:
                if let missing = missingHeader { throw located(.damaged(.headerMissing(missing)), recordOffset) }
                return .segmentEnd
            case .torn(let tear):
                guard current == segments.count - 1 else { throw located(.tornInside(tear), recordOffset) }
                if let missing = missingHeader { throw located(.damaged(.headerMissing(missing)), recordOffset) }
                return .torn(tear, at: recordOffset)
            case .record(let type, let data):
                if let missing = missingHeader, missing != type { throw located(.damaged(.headerMissing(missing)), recordOffset) }
                recordsInSegment += 1
                if let problem = apply(type, window.slice(Int(data.offset), count: data.count)) { throw located(problem, recordOffset) }
            }
        }
    }

    /// What was read, once the last segment has ended (or was torn).
    package consuming func finish() throws(WALError) -> RecoveredLog {
        precondition(current == segments.count - 1)
        let place = segments[current]
        guard snapshotFound, snapshot.index <= state.commit || snapshot.index == .zero else {
            if let recordedTerm { throw WALError(.snapshotMismatch(snapshot, recordedTerm: recordedTerm)) }
            throw WALError(.snapshotNotFound(snapshot))
        }
        guard let metadataBytes, let ids = ProtobufField.scalars(in: metadataBytes.span, fields: 2) else {
            throw located(.damaged(.headerMissing(.metadata)), 0)
        }
        let last = entries.last?.index ?? snapshot.index
        guard state.commit <= last else {
            throw WALError(.committedEntriesMissing(commit: state.commit, last: last), segment: place)
        }
        return RecoveredLog(
            snapshot: snapshot, metadata: WALMetadata(memberID: MemberID(ids.0), clusterID: ClusterID(ids.1)),
            metadataBytes: Bytes(copying: metadataBytes.span), state: state, entries: entries,
            tail: .init(segment: place, offset: decoder.offset, sum: decoder.sum), segments: segments)
    }

    /// Bytes to ask for: at least what is needed, and a full window where the file has it.
    private func demand(_ count: Int) -> Demand { .window(from: decoder.offset, atLeast: Swift.max(count, limits.readWindowBytes)) }

    /// The header record that must come next, nil behind the header. It was synced before the segment got its name, so that no
    /// interrupted write explains its absence.
    private var missingHeader: WALRecordType? { recordsInSegment == 0 ? .checksum : recordsInSegment == 1 ? .metadata : nil }

    private func located(_ problem: WALError.Problem, _ offset: Int) -> WALError {
        WALError(problem, segment: segments[current], offset: offset)
    }

    /// Takes one record in; what is wrong with it otherwise.
    private mutating func apply(_ type: WALRecordType, _ data: Bytes) -> WALError.Problem? {
        switch type {
        case .checksum: return nil
        case .entry:
            guard let entry = WALEntry(decoding: data) else { return .damaged(.badContent(.entry)) }
            return apply(entry)
        case .state:
            guard let state = WALHardState(decoding: data.span) else { return .damaged(.badContent(.state)) }
            self.state = state
            return nil
        case .metadata:
            guard ProtobufField.scalars(in: data.span, fields: 2) != nil else { return .damaged(.badContent(.metadata)) }
            if let metadataBytes { return metadataBytes == data ? nil : .conflictingMetadata }
            metadataBytes = data
            return nil
        case .snapshot:
            guard let record = WALSnapshot(decoding: data.span) else { return .damaged(.badContent(.snapshot)) }
            apply(record)
            return nil
        }
    }

    private mutating func apply(_ record: WALSnapshot) {
        guard record.index == snapshot.index else { return }
        guard record.term == snapshot.term else {
            recordedTerm = record.term
            return
        }
        snapshotFound = true
        snapshot.configuration = record.configuration ?? snapshot.configuration
        // A snapshot received from a leader replaces a log that had something else at its index, and all behind it.
        if let termAtSnapshot, termAtSnapshot != snapshot.term { entries.removeAll() }
    }

    private mutating func apply(_ entry: WALEntry) -> WALError.Problem? {
        guard entry.index > snapshot.index else {
            // Writing an entry cuts off all that followed it (Raft §5.3).
            entries.removeAll()
            termAtSnapshot = entry.index == snapshot.index ? entry.term : nil
            return nil
        }
        let position = entry.index.rawValue - snapshot.index.rawValue - 1
        guard position <= UInt64(entries.count) else {
            return .entryGap(expectedAtMost: LogIndex(snapshot.index.rawValue + UInt64(entries.count) + 1), found: entry.index)
        }
        let place = Int(position)
        if let before = place == 0 ? termAtSnapshot : entries[place - 1].term, entry.term < before {
            return .damaged(.termDecreased(from: before, to: entry.term, index: entry.index))
        }
        if place < entries.count {
            guard entry.index > state.commit || entries[place].term == entry.term else {
                return .damaged(.committedEntryReplaced(index: entry.index, commit: state.commit))
            }
            entries.removeSubrange(place...)
        }
        entries.append(entry)
        return nil
    }
}
