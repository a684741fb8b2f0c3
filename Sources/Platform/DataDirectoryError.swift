/// Why a data directory cannot be used.
package enum DataDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    case file(FileError)
    case log(WALFileError)
    case notADirectory(String)
    case notWritable(String)
    case foreign(String, found: String)
    case locked(String)
    case unknownLayout(String, found: String)
    case damagedIncarnation(String, found: String)
    case logMissing(String, snapshot: String)

    package var description: String {
        switch self {
        case .file(let error): return "data directory: \(error)"
        case .log(let error): return "data directory: \(error)"
        case .notADirectory(let path):
            return "data directory: \(path) is a file. Remove it, or choose another directory with --data-dir."
        case .notWritable(let path):
            return "data directory: \(path) is not writable. Let the user that runs this program own it and be able to read, write and enter it."
        case .foreign(let path, let found):
            return "data directory: \(path) holds other data (\(found)) and no member of etcd. Choose an empty or a new directory with --data-dir."
        case .locked(let path):
            return "data directory: \(path) is locked by another process. Stop the other member that uses this directory, or choose another one."
        case .unknownLayout(let path, let found):
            return "data directory: \(path) says layout \(found); this program knows layouts up to \(DataDirectory.layout). "
                + "Use the release that wrote it, or a newer one."
        case .damagedIncarnation(let path, let found):
            return "data directory: \(path) should hold 16 hexadecimal digits, and holds \"\(found.prefix(40))\". Restore the directory from a "
                + "backup, or remove the member from its cluster and add it again with an empty directory."
        case .logMissing(let path, let snapshot):
            return "data directory: there is a snapshot \(snapshot), but no log in \(path). Put the log back, restore the directory from a backup, "
                + "or remove the member from its cluster and add it again with an empty directory."
        }
    }
}
