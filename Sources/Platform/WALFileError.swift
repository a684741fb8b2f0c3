import Storage

/// Why the log on disk cannot be read or written. All of them end the member: none is tried again.
package enum WALFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case file(FileError)
    case log(WALError)
    /// Another process holds the file.
    case locked(path: String)
    /// There is a log already where one was to be made.
    case exists(path: String)
    /// The log failed before and takes nothing more.
    case stopped

    package var description: String {
        switch self {
        case .file(let error): return error.description
        case .log(let error): return error.description
        case .locked(let path):
            return "\(path) is locked by another process. Stop the other member that uses this data directory, or choose another one."
        case .exists(let path): return "wal: a log already exists in \(path)."
        case .stopped: return "the log failed earlier and accepts no more writes."
        }
    }
}

/// Runs file operations as part of work on the log.
func asLogWork<R: ~Copyable>(_ body: () throws(FileError) -> R) throws(WALFileError) -> R {
    do { return try body() } catch { throw .file(error) }
}
