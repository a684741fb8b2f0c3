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

    /// A number of this data directory alone, drawn when it was made: other members know by it a member that comes back under
    /// its old name without its data.
    package let incarnation: UInt64

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
        try makeOrUse(path)
        guard Files.isWritable(path) else { throw .notWritable(path) }
        let member = path + "/member"
        let names = try inDirectory { () throws(FileError) in try Files.list(path) }
        if !names.contains("member") {
            // A mount point's own names are no one's data.
            if let foreign = names.first(where: { $0 != "lost+found" && !$0.hasPrefix(".") }) { throw .foreign(path, found: foreign) }
        }
        for directory in [member, member + "/snap"] {
            try makeOrUse(directory)
            guard Files.isWritable(directory) else { throw .notWritable(directory) }
        }
        let lock = try takeLock(member + "/layout")
        let dedicated = trimmed(log ?? "")
        let opened = DataDirectory(
            path: path, log: dedicated.isEmpty ? member + "/wal" : dedicated, incarnation: try takeIncarnation(member + "/incarnation"),
            lock: lock)
        try opened.checkContent()
        try inDirectory { () throws(FileError) in
            try opened.snapshots.removeLeftovers()
            // A process that was killed right after renaming may have left names that a power loss would still take back.
            try Files.syncDirectory(opened.snap)
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

    private init(path: String, log: String, incarnation: UInt64, lock: Lock) {
        self.path = path
        self.log = log
        self.incarnation = incarnation
        self.lock = lock
    }

    private static func makeOrUse(_ directory: String) throws(DataDirectoryError) {
        let kind = try inDirectory { () throws(FileError) in try Files.kind(directory) }
        guard let kind else { return try inDirectory { () throws(FileError) in try Files.makeDirectories(directory) } }
        guard kind == .directory else { throw .notADirectory(directory) }
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

    /// A directory from before there were such numbers, or of another implementation, gets one too.
    private static func takeIncarnation(_ path: String) throws(DataDirectoryError) -> UInt64 {
        let exists = try inDirectory { () throws(FileError) in try Files.kind(path) != nil }
        if exists {
            let text = try inDirectory { () throws(FileError) in String(decoding: try Files.read(path).array, as: UTF8.self) }
            let digits = text.prefix { $0.isHexDigit }
            guard digits.utf8.count == 16, let number = UInt64(digits, radix: 16) else { throw .damagedIncarnation(path, found: text) }
            return number
        }
        let number = Entropy.number()
        let digits = String(number, radix: 16)
        try inDirectory { () throws(FileError) in
            try Files.replace(path, with: Bytes(String(repeating: "0", count: 16 - digits.utf8.count) + digits + "\n"))
        }
        return number
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

private func inDirectory<R: ~Copyable>(_ body: () throws(FileError) -> R) throws(DataDirectoryError) -> R {
    do { return try body() } catch { throw .file(error) }
}
