import Base
import Raft
import Storage

/// A member's log on its `VirtualDisk`: the same bytes in the same order of writes, syncs and renames as the real writer makes
/// them (formats.md §2.3–§2.5), with a fault site between any two.
///
/// Owned by the member's log thread; `passes` is asked at each site and throws when the member ends there.
final class VirtualLog {
    typealias Passes = (FaultSite) throws(Stop) -> Void

    private let disk: VirtualDisk
    private let limits: WALLimits
    private let metadataBytes: Bytes
    private let passes: Passes
    private var encoder: WALEncoder
    /// Records encoded and not yet written.
    private var pending = ByteBuffer()
    /// Segments held, ascending; the last is written to. Invariant: not empty.
    private var segments: [WALSegmentName]
    private var offset: Int
    private var state: WALHardState
    private var lastIndex: LogIndex
    private var isPrepared = false
    private static let preparedName = "0.tmp"

    private init(
        _ disk: VirtualDisk, _ limits: WALLimits, metadataBytes: Bytes, encoder: WALEncoder, segments: [WALSegmentName], offset: Int,
        state: WALHardState, lastIndex: LogIndex, _ passes: @escaping Passes
    ) {
        self.disk = disk
        self.limits = limits
        self.metadataBytes = metadataBytes
        self.encoder = encoder
        self.segments = segments
        self.offset = offset
        self.state = state
        self.lastIndex = lastIndex
        self.passes = passes
    }

    /// Makes a new log, durable when this returns.
    static func create(
        on disk: VirtualDisk, limits: WALLimits, metadata: WALMetadata, entries: [WALEntry], state: WALHardState,
        _ passes: @escaping Passes
    ) throws(Stop) -> VirtualLog {
        let name = WALSegmentName(sequence: 0, index: .zero)
        var encoder = WALEncoder()
        var records = ByteBuffer()
        encoder.appendChecksum(to: &records)
        let metadataBytes = WALEncoder.message(metadata)
        encoder.append(.metadata, data: metadataBytes.span, to: &records)
        encoder.append(WALSnapshot(), to: &records)
        encoder.append(entries, to: &records)
        encoder.append(state, to: &records)
        try disk.create("wal.tmp")
        try disk.resize("wal.tmp", to: limits.segmentBytes)
        try disk.write(records.span, to: "wal.tmp", at: 0)
        try disk.sync("wal.tmp")
        try disk.rename("wal.tmp", to: name.description)
        disk.syncNames()
        try passes(.startAfterCreation)
        return VirtualLog(
            disk, limits, metadataBytes: metadataBytes, encoder: encoder, segments: [name], offset: records.count, state: state,
            lastIndex: entries.last?.index ?? .zero, passes)
    }

    /// Goes on with a log that was read; what follows its last record is overwritten first.
    static func resume(
        _ log: RecoveredLog, on disk: VirtualDisk, limits: WALLimits, _ passes: @escaping Passes
    ) throws(Stop) -> VirtualLog {
        let tail = log.tail.segment.description
        try disk.zero(tail, from: log.tail.offset)
        try passes(.startAfterZeroing)
        do throws(Stop) { try disk.resize(tail, to: max(limits.segmentBytes, log.tail.offset)) } catch {
            guard error == .diskFull else { throw error }
        }
        try disk.sync(tail)
        // The process before this one may have ended between giving a name and syncing it.
        disk.syncNames()
        return VirtualLog(
            disk, limits, metadataBytes: log.metadataBytes, encoder: WALEncoder(continuing: log.tail.sum), segments: log.segments,
            offset: log.tail.offset, state: log.state, lastIndex: log.lastIndex, passes)
    }

    func add(_ entry: Entry) {
        encoder.append(
            term: entry.term, index: entry.index, kind: WALEntryKind(rawValue: entry.kind.rawValue) ?? .normal, data: entry.data.span,
            to: &pending)
        lastIndex = entry.index
    }

    func add(_ newState: HardState) {
        let newState = WALHardState(term: newState.term, vote: newState.vote, commit: newState.commit)
        guard !newState.isEmpty else { return }
        encoder.append(newState, to: &pending)
        state = newState
    }

    func add(_ snapshot: WALSnapshot) {
        encoder.append(snapshot, to: &pending)
        // The log of a snapshot from the leader goes on behind it.
        lastIndex = max(lastIndex, snapshot.index)
    }

    /// Writes what was added.
    func write() throws(Stop) {
        guard !pending.isEmpty else { return }
        try passes(.walBeforeWrite)
        let name = segments[segments.count - 1].description
        let records = pending.freeze()
        try disk.write(records.span, to: name, at: offset)
        offset += records.count
    }

    /// What was written is durable when this returns.
    func sync() throws(Stop) {
        try passes(.walBeforeSync)
        try disk.sync(segments[segments.count - 1].description)
        try passes(.walAfterSync)
    }

    var isSegmentFull: Bool { offset >= limits.segmentBytes }

    /// As the log thread does in an idle moment. A full disk harms nothing: the log goes on in the present segment.
    func prepare() throws(Stop) {
        guard !isPrepared, offset >= limits.segmentBytes / 2 else { return }
        do throws(Stop) { try prepareNextSegment() } catch { guard error == .diskFull else { throw error } }
    }

    private func prepareNextSegment() throws(Stop) {
        guard !isPrepared else { return }
        try disk.create(Self.preparedName)
        try disk.resize(Self.preparedName, to: limits.segmentBytes)
        isPrepared = true
    }

    /// Ends the present segment and goes on in the next, which gets its name only when its header is durable.
    func cut() throws(Stop) {
        do throws(Stop) { try prepareNextSegment() } catch {
            guard error == .diskFull else { throw error }
            return
        }
        let old = segments[segments.count - 1]
        try passes(.cutBeforeTruncate)
        try disk.resize(old.description, to: offset)
        try disk.sync(old.description)
        try passes(.cutAfterTruncate)
        let name = WALSegmentName(sequence: old.sequence + 1, index: lastIndex.next)
        encoder.appendChecksum(to: &pending)
        let metadata = metadataBytes
        encoder.append(.metadata, data: metadata.span, to: &pending)
        encoder.append(state, to: &pending)
        let header = pending.freeze()
        try disk.write(header.span, to: Self.preparedName, at: 0)
        try disk.sync(Self.preparedName)
        try passes(.cutBeforeRename)
        try disk.rename(Self.preparedName, to: name.description)
        try passes(.cutAfterRename)
        disk.syncNames()
        offset = header.count
        isPrepared = false
        segments.append(name)
    }

    /// Removes the oldest segments that hold only entries up to `index`, beyond those that are kept.
    func purge(through index: LogIndex) {
        let firstNeeded = segments.lastIndex { $0.index < index } ?? 0
        segments.removeFirst(firstNeeded)
        guard limits.segmentsKept > 0 else { return }
        let names = disk.list().compactMap { WALSegmentName(fileName: $0) }
        for name in names.dropLast(limits.segmentsKept) where name < segments[0] { disk.remove(name.description) }
    }
}
