import Base
import Storage

/// The .snap files of a member: written whole or not at all, listed, loaded, purged (formats.md §1, §3).
///
/// Owner: the background thread, or whoever starts the member.
package struct SnapFiles: Sendable {
    package let directory: String

    package init(_ directory: String) { self.directory = directory }

    /// Writes the file so that it is durable under its name before this returns. Save the log's record of it only then.
    package func save(_ snapshot: RaftSnapshot) throws(FileError) {
        let temporary = "\(directory)/tmp-\(snapshot.name)"
        let block = SnapCodec.encode(snapshot)
        do {
            let file = try FileDescriptor(temporary, [.write, .create, .truncate], permissions: 0o666)
            try file.write(block.span, at: 0)
            try file.sync()
        } catch {
            try? Files.remove(temporary)
            throw error
        }
        try Files.rename(temporary, to: path(snapshot.name))
        try Files.syncDirectory(directory)
    }

    /// All .snap files, oldest first.
    package func names() throws(FileError) -> [SnapName] { try Files.list(directory).compactMap { SnapName(fileName: $0) }.sorted() }

    /// The file's snapshot, or why it is none.
    package func load(_ name: SnapName) throws(FileError) -> Result<RaftSnapshot, SnapCodec.Failure> {
        let bytes = try Files.read(path(name))
        do { return .success(try SnapCodec.decode(bytes, named: name)) } catch { return .failure(error) }
    }

    /// Renames a damaged file to `.broken` and returns the new name.
    package func putAside(_ name: SnapName) throws(FileError) -> String {
        let aside = "\(name).broken"
        try Files.rename(path(name), to: "\(directory)/\(aside)")
        try Files.syncDirectory(directory)
        return aside
    }

    /// Removes what interrupted work left: snapshots being received and defragmentation targets. At start only.
    package func removeLeftovers() throws(FileError) {
        for name in try Files.list(directory) where name.hasPrefix("tmp") || name.hasPrefix("db.tmp.") {
            try Files.removeTree("\(directory)/\(name)")
        }
    }

    /// Removes the oldest files beyond `kept` (0 keeps all), and received databases older than the newest snapshot. Returns the
    /// names removed.
    package func purge(kept: Int) throws(FileError) -> [String] {
        let all = try names()
        var removed: [String] = []
        if kept > 0 { removed = all.dropLast(kept).map(\.description) }
        if let newest = all.last {
            removed += try Files.list(directory).filter { name in
                guard let index = Self.databaseIndex(name) else { return false }
                return index < newest.index
            }
        }
        for name in removed { try Files.remove("\(directory)/\(name)") }
        return removed
    }

    /// The index in a name of the form `hex16(index).snap.db`.
    private static func databaseIndex(_ name: String) -> LogIndex? {
        guard name.utf8.count == 24, name.hasSuffix(".snap.db"), let index = UInt64(name.prefix(16), radix: 16) else { return nil }
        return LogIndex(index)
    }

    private func path(_ name: SnapName) -> String { "\(directory)/\(name)" }
}
