import Base
import Storage

/// Reads the log from disk at start, window by window, as `WALRecovery` asks.
///
/// It finds the newest .snap file that the log confirms: a file that cannot be read is put aside as `.broken`, one that the log
/// has no valid record of is passed over. In the usual case the newest fits and the log is read once. An interrupted write at
/// the end of the log is repaired: the segment is copied to `.broken`, then cut (formats.md §2.6).
package struct WALReader {
    package enum Use: Sendable {
        /// Segments are locked, and repaired where needed.
        case append
        /// Nothing is changed: for tools on a copy or a stopped member.
        case inspection
    }

    /// What was read, with the locks on its segments; take out what Raft needs, then hand it to `WALWriter`.
    package struct Recovered: ~Copyable, Sendable {
        package let log: RecoveredLog
        /// The .snap file the log was read from; nil when it begins at index 0.
        package let snapshot: RaftSnapshot?
        let directory: String
        let segments: [WALSegmentFile]
    }

    private let directory: String
    private let limits: WALLimits
    private let use: Use
    private let notice: (String) -> Void
    private let names: [WALSegmentName]
    /// Stays open, and locked, between attempts.
    private var opened: [WALSegmentName: WALSegmentFile] = [:]

    /// Whether `directory` holds a log.
    package static func exists(_ directory: String) throws(WALFileError) -> Bool {
        try asLogWork { () throws(FileError) in
            guard try Files.kind(directory) != nil else { return false }
            return try Files.list(directory).contains { WALSegmentName(fileName: $0) != nil }
        }
    }

    /// Reads the log in `directory` from the newest usable .snap file on. `notice` gets a line for each thing put aside or
    /// repaired.
    package static func recover(
        _ directory: String, snapshots: SnapFiles, use: Use = .append, limits: WALLimits = WALLimits(), notice: (String) -> Void
    ) throws(WALFileError) -> Recovered {
        try withoutActuallyEscaping(notice) { (notice) throws(WALFileError) in
            var reader = try WALReader(directory, use: use, limits: limits, notice: notice)
            return try reader.recover(snapshots)
        }
    }

    private init(_ directory: String, use: Use, limits: WALLimits, notice: @escaping (String) -> Void) throws(WALFileError) {
        self.directory = directory
        self.limits = limits
        self.use = use
        self.notice = notice
        names = try asLogWork { () throws(FileError) in try Files.list(directory).compactMap { WALSegmentName(fileName: $0) }.sorted() }
    }

    private mutating func recover(_ snapshots: SnapFiles) throws(WALFileError) -> Recovered {
        let candidates = try asLogWork { () throws(FileError) in try snapshots.names() }
        for name in candidates.reversed() {
            guard let snapshot = try load(name, from: snapshots) else { continue }
            do {
                let log = try read(from: WALSnapshot(index: snapshot.index, term: snapshot.term))
                return recovered(log, snapshot)
            } catch {
                // A file that the log does not confirm was written just before a crash, and is nothing to rely on.
                guard case .log(let problem) = error, problem.isAboutSnapshot else { throw error }
                notice("snapshot file \(name) is not confirmed by the log and is passed over: \(problem)")
            }
        }
        let log = try read(from: WALSnapshot())
        return recovered(log, nil)
    }

    private func recovered(_ log: RecoveredLog, _ snapshot: RaftSnapshot?) -> Recovered {
        Recovered(log: log, snapshot: snapshot, directory: directory, segments: log.segments.compactMap { opened[$0] })
    }

    private func load(_ name: SnapName, from snapshots: SnapFiles) throws(WALFileError) -> RaftSnapshot? {
        let loaded = try asLogWork { () throws(FileError) in try snapshots.load(name) }
        switch loaded {
        case .success(let snapshot): return snapshot
        case .failure(let failure):
            guard use == .append else {
                notice("snapshot file \(name) is damaged and is passed over: \(failure)")
                return nil
            }
            let aside = try asLogWork { () throws(FileError) in try snapshots.putAside(name) }
            notice("snapshot file \(name) is damaged and was renamed to \(aside): \(failure)")
            return nil
        }
    }

    /// One pass over the log.
    private mutating func read(from snapshot: WALSnapshot) throws(WALFileError) -> RecoveredLog {
        var recovery = try asLog { () throws(WALError) in try WALRecovery(segments: names, from: snapshot, limits: limits) }
        for name in recovery.segments {
            let segment = try open(name)
            let size = try asLogWork { () throws(FileError) in try segment.file.size() }
            var demand = recovery.begin(fileSize: size)
            while case .window(let from, let count) = demand {
                let window = try asLogWork { () throws(FileError) in
                    let wanted = Swift.min(count, size - from)
                    var buffer = ByteBuffer(capacity: wanted)
                    let got = try segment.file.read(wanted, at: from, into: &buffer)
                    guard got == wanted else { throw FileError("read", segment.file.path, code: 0) }
                    return buffer.freeze()
                }
                do { demand = try recovery.read(Bytes(window)) } catch { throw .log(error) }
            }
            if case .torn(let tear, let offset) = demand { try repair(segment, tear, at: offset) }
        }
        do { return try recovery.finish() } catch { throw .log(error) }
    }

    private mutating func open(_ name: WALSegmentName) throws(WALFileError) -> WALSegmentFile {
        if let open = opened[name] { return open }
        let path = "\(directory)/\(name)"
        let file = try asLogWork { () throws(FileError) in try FileDescriptor(path, use == .append ? .write : []) }
        if use == .append {
            guard try asLogWork({ () throws(FileError) in try file.lockExclusively() }) else { throw .locked(path: path) }
        }
        let segment = WALSegmentFile(name: name, file: file)
        opened[name] = segment
        return segment
    }

    private func repair(_ segment: WALSegmentFile, _ tear: WALError.Tear, at offset: Int) throws(WALFileError) {
        guard use == .append else {
            notice("\(tear) in \(segment.name) at offset \(offset); the log is read up to there")
            return
        }
        try asLogWork { () throws(FileError) in
            let aside = try Self.unusedName(segment.file.path + ".broken")
            try Self.copy(segment.file, to: aside)
            try segment.file.truncate(to: offset)
            try segment.file.sync()
            try Files.syncDirectory(directory)
            notice("\(tear) in \(segment.name) at offset \(offset): repaired; the segment as it was is kept as \(aside)")
        }
    }

    private static func unusedName(_ path: String) throws(FileError) -> String {
        var candidate = path
        var count = 0
        while try Files.kind(candidate) != nil {
            count += 1
            candidate = "\(path).\(count)"
        }
        return candidate
    }

    private static func copy(_ file: borrowing FileDescriptor, to path: String) throws(FileError) {
        let copy = try FileDescriptor(path, [.write, .create, .exclusive])
        let size = try file.size()
        var offset = 0
        var buffer = ByteBuffer(capacity: 1 << 20)
        while offset < size {
            buffer.removeAll()
            let count = try file.read(Swift.min(1 << 20, size - offset), at: offset, into: &buffer)
            if count == 0 { break }
            // Preallocated space stays a hole in the copy.
            if !buffer.span.isAllZero { try copy.write(buffer.span, at: offset) }
            offset += count
        }
        try copy.truncate(to: size)
        try copy.sync()
    }
}

private func asLog<R: ~Copyable>(_ body: () throws(WALError) -> R) throws(WALFileError) -> R {
    do { return try body() } catch { throw .log(error) }
}

extension WALError {
    /// Another snapshot may do.
    var isAboutSnapshot: Bool {
        switch problem {
        case .snapshotNotFound, .snapshotMismatch: return true
        default: return false
        }
    }
}
