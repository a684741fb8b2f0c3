import Base
import Glibc
import Storage

extension WALWriter {
    /// Makes a new log in `directory`, with `entries` and `state` as its first save, all of it durable under its name when this
    /// returns: after a crash there is either no log or this one. `directory` must not hold a log.
    package static func create(
        _ directory: String, metadata: WALMetadata, entries: [WALEntry] = [], state: WALHardState = WALHardState(),
        limits: WALLimits = WALLimits(), unsafeNoSync: Bool = false
    ) throws(WALFileError) -> WALWriter {
        guard try !WALReader.exists(directory) else { throw .exists(path: directory) }
        do {
            return try make(directory, metadata: metadata, entries: entries, state: state, limits: limits, unsafeNoSync: unsafeNoSync)
        } catch {
            // Gives back the space it took; what remains is removed by the next attempt.
            try? Files.removeTree(directory + ".tmp")
            throw .file(error)
        }
    }

    private static func make(
        _ directory: String, metadata: WALMetadata, entries: [WALEntry], state: WALHardState, limits: WALLimits, unsafeNoSync: Bool
    ) throws(FileError) -> WALWriter {
        let temporary = directory + ".tmp"
        try Files.makeDirectories(Files.directory(of: directory))
        try Files.removeTree(temporary)
        try Files.makeDirectory(temporary)
        let name = WALSegmentName(sequence: 0, index: .zero)
        var file = try FileDescriptor("\(temporary)/\(name)", [.write, .create, .exclusive])
        guard try file.lockExclusively() else { throw FileError("lock", file.path, code: EAGAIN) }
        try file.allocate(limits.segmentBytes)

        var encoder = WALEncoder()
        var records = ByteBuffer()
        encoder.appendChecksum(to: &records)
        let metadataBytes = WALEncoder.message(metadata)
        encoder.append(.metadata, data: metadataBytes.span, to: &records)
        encoder.append(WALSnapshot(), to: &records)
        encoder.append(entries, to: &records)
        encoder.append(state, to: &records)
        try file.write(records.span, at: 0)
        if !unsafeNoSync {
            try file.sync()
            try Files.syncDirectory(temporary)
        }
        // The name of an empty directory, if there is one, is taken over by the rename.
        try Files.rename(temporary, to: directory)
        if !unsafeNoSync { try Files.syncDirectory(Files.directory(of: directory)) }
        file.path = "\(directory)/\(name)"
        let segment = WALSegmentFile(name: name, file: file)
        return WALWriter(
            directory: directory, limits: limits, isSyncing: !unsafeNoSync, metadataBytes: metadataBytes, encoder: encoder,
            segments: [segment], offset: records.count, state: state, lastIndex: entries.last?.index ?? .zero)
    }

    /// True when the next segment should be made soon, in an idle moment of the log thread.
    package var needsPreparation: Bool { !isPrepared && offset >= limits.segmentBytes / 2 && !hasFailed }

    private var isPrepared: Bool {
        switch prepared {
        case .some: return true
        case .none: return false
        }
    }

    /// Makes the next segment ahead, so that a cut costs no allocation. A failure (disk full) harms nothing: the log goes on in
    /// the present segment.
    package mutating func prepareNextSegment() throws(FileError) {
        guard !isPrepared, !hasFailed else { return }
        let path = "\(directory)/\(preparations % 2).tmp"
        let file = try FileDescriptor(path, [.write, .create, .truncate])
        guard try file.lockExclusively() else { throw FileError("lock", path, code: EAGAIN) }
        do { try file.allocate(limits.segmentBytes) } catch {
            try? Files.remove(path)
            throw error
        }
        preparations += 1
        prepared = consume file
    }

    /// Ends the present segment at its last record and goes on in the next, which gets its name only when its header is durable.
    /// While the disk has no room for another segment, the present one grows.
    mutating func cut() throws(FileError) {
        do throws(FileError) { try prepareNextSegment() } catch {
            guard error.isDiskFull else { throw error }
            return
        }
        let old = segments[segments.count - 1]
        try old.file.truncate(to: offset)
        if isSyncing { try old.file.sync() }
        guard var next = prepared.take() else { preconditionFailure("no segment after preparation") }
        let name = WALSegmentName(sequence: old.name.sequence + 1, index: lastIndex.next)
        encoder.appendChecksum(to: &pending)
        let metadata = metadataBytes
        encoder.append(.metadata, data: metadata.span, to: &pending)
        encoder.append(state, to: &pending)
        try next.write(pending.span, at: 0)
        if isSyncing { try next.sync() }
        let path = "\(directory)/\(name)"
        try Files.rename(next.path, to: path)
        if isSyncing { try Files.syncDirectory(directory) }
        offset = pending.count
        pending.removeAll()
        next.path = path
        segments.append(WALSegmentFile(name: name, file: next))
    }

    /// Removes the oldest segments beyond `kept` (0 keeps all) that this log has let go of, as long as no one else holds their
    /// lock. Returns the names removed.
    package func purge(kept: Int) throws(FileError) -> [String] {
        guard kept > 0 else { return [] }
        let names = try Files.list(directory).compactMap { WALSegmentName(fileName: $0) }.sorted()
        var removed: [String] = []
        for name in names.dropLast(kept) where name < segments[0].name {
            let path = "\(directory)/\(name)"
            let file = try FileDescriptor(path, .write)
            // Those behind a held one are needed too.
            guard try file.lockExclusively() else { break }
            try Files.remove(path)
            removed.append(name.description)
        }
        return removed
    }
}
