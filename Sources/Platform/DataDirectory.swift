import Base
import Storage

/// A member's data directory: checked, made where missing, and held under a lock for as long as this value lives.
///
/// It never removes anything but the leftovers that formats.md §1 names. What the log and the database say is for others.
package struct DataDirectory: Sendable {
    package let path: String
    /// The directory of the log: `member/wal`, or a dedicated one (`--wal-dir`).
    package let log: String
    package var member: String { path + "/member" }
    package var snap: String { path + "/member/snap" }
    package var snapshots: SnapFiles { SnapFiles(snap) }

    /// Held while any copy of this value lives.
    private let lock: Lock

    private final class Lock: Sendable {
        let file: FileDescriptor
        init(_ file: consuming FileDescriptor) { self.file = file }
    }

    /// The layout that this program writes and reads; kept in `member/layout`, which etcd ignores.
    package static let layout = 1

    /// Opens or makes the data directory at `path`, whose log is at `log` unless that is nil or empty.
    package static func open(_ path: String, log: String? = nil) throws(DataDirectoryError) -> DataDirectory {
        let path = trimmed(path)
        try inDirectory { () throws(FileError) in
            switch try Files.kind(path) {
            case nil: return try Files.makeDirectories(path)
            case .directory: return
            default: throw FileError("use", path, code: 20)
            }
        }
        guard Files.isWritable(path) else { throw .notWritable(path) }
        let member = path + "/member"
        let names = try inDirectory { () throws(FileError) in try Files.list(path) }
        if !names.contains("member") {
            // A mount point's own names are no one's data.
            if let foreign = names.first(where: { $0 != "lost+found" && !$0.hasPrefix(".") }) { throw .foreign(path, found: foreign) }
        }
        for directory in [member, member + "/snap"] {
            try inDirectory { () throws(FileError) in try makeOrUse(directory) }
            guard Files.isWritable(directory) else { throw .notWritable(directory) }
        }
        let lock = try takeLock(member + "/layout")
        let dedicated = trimmed(log ?? "")
        let opened = DataDirectory(path: path, log: dedicated.isEmpty ? member + "/wal" : dedicated, lock: lock)
        try opened.checkContent()
        try inDirectory { () throws(FileError) in
            try opened.snapshots.removeLeftovers()
            try Files.syncDirectory(member)
        }
        return opened
    }

    /// Names are made by adding to the path, so that it must not end in a slash.
    private static func trimmed(_ path: String) -> String {
        var path = path[...]
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    private init(path: String, log: String, lock: Lock) {
        self.path = path
        self.log = log
        self.lock = lock
    }

    private static func makeOrUse(_ directory: String) throws(FileError) {
        switch try Files.kind(directory) {
        case nil:
            try Files.makeDirectory(directory)
            try Files.syncDirectory(Files.directory(of: directory))
        case .directory: return
        default: throw FileError("use", directory, code: 20)
        }
    }

    /// The layout file is the lock as well. Its number is checked under the lock.
    private static func takeLock(_ path: String) throws(DataDirectoryError) -> Lock {
        let lock = Lock(try inDirectory { () throws(FileError) in try FileDescriptor(path, [.write, .create]) })
        guard try inDirectory({ () throws(FileError) in try lock.file.lockExclusively() }) else { throw .locked(path) }
        let text = try inDirectory { () throws(FileError) in
            var buffer = ByteBuffer(capacity: 32)
            try lock.file.read(32, at: 0, into: &buffer)
            return String(decoding: buffer.span.array.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
        if text.isEmpty {
            try inDirectory { () throws(FileError) in
                try lock.file.write(Bytes("\(layout)\n").span, at: 0)
                try lock.file.sync()
            }
            return lock
        }
        guard let found = Int(text), found > 0, found <= layout else { throw .unknownLayout(path, found: text) }
        return lock
    }

    /// .snap files without a log are a data directory that lost its log: starting afresh in it would lose the cluster's data.
    private func checkContent() throws(DataDirectoryError) {
        let hasLog: Bool
        do { hasLog = try WALReader.exists(log) } catch { throw .log(error) }
        guard !hasLog else { return }
        let names = try inDirectory { () throws(FileError) in try snapshots.names() }
        if let name = names.last { throw .logMissing(log, snapshot: "\(snap)/\(name)") }
    }
}

/// Why a data directory cannot be used.
package enum DataDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    case file(FileError)
    case log(WALFileError)
    case notWritable(String)
    case foreign(String, found: String)
    case locked(String)
    case unknownLayout(String, found: String)
    case logMissing(String, snapshot: String)

    package var description: String {
        switch self {
        case .file(let error): return "data directory: \(error)"
        case .log(let error): return "data directory: \(error)"
        case .notWritable(let path):
            return "data directory: \(path) is not writable. Let the user that runs this program own it and be able to read, write and enter it."
        case .foreign(let path, let found):
            return "data directory: \(path) holds other data (\(found)) and no member of etcd. Choose an empty or a new directory with --data-dir."
        case .locked(let path):
            return "data directory: \(path) is locked by another process. Stop the other member that uses this directory, or choose another one."
        case .unknownLayout(let path, let found):
            return "data directory: \(path) says layout \(found); this program knows layouts up to \(DataDirectory.layout). "
                + "Use the release that wrote it, or a newer one."
        case .logMissing(let path, let snapshot):
            return "data directory: there is a snapshot \(snapshot), but no log in \(path). Put the log back, restore the directory from a backup, "
                + "or remove the member from its cluster and add it again with an empty directory."
        }
    }
}

private func inDirectory<R: ~Copyable>(_ body: () throws(FileError) -> R) throws(DataDirectoryError) -> R {
    do { return try body() } catch { throw .file(error) }
}
