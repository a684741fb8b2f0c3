/// Why the store on disk can't be opened, read or written. Each message says what is wrong, where, and what to do.
package enum BackendError: Error, Sendable, Equatable {
    /// The directory holds the database of a Go member and none of ours: it is to be imported (`BoltImport`).
    case foreignBoltDatabase(path: String)
    /// The file is no store of ours.
    case notOurs(path: String, reason: String)
    /// A later release wrote the file.
    case newerFormat(path: String, found: String, known: String)
    /// The file is damaged.
    case corrupt(path: String, reason: String)
    /// Another process has it open.
    case locked(path: String)
    /// The map has no room for the write; nothing of it was stored.
    case full(path: String, mapBytes: Int)
    /// A system call or LMDB failed.
    case system(path: String, operation: String, reason: String)
    /// The bbolt file given is malformed.
    case bolt(BoltError)
}

extension BackendError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .foreignBoltDatabase(let path):
            "\(path) is the database of a Go etcd member and has not been imported into this member's store; import it, or start "
                + "with an empty data directory"
        case .notOurs(let path, let reason):
            "\(path) is not a store of this etcd (\(reason)); move it away, or name the right data directory"
        case .newerFormat(let path, let found, let known):
            "\(path) has format \(found), this release knows up to \(known); start the release that wrote it, or restore a snapshot"
        case .corrupt(let path, let reason):
            "\(path) is damaged: \(reason); restore this member from a snapshot, or remove it from the cluster and add it anew"
        case .locked(let path):
            "another process has \(path) open; stop it first, or use another data directory"
        case .full(let path, let mapBytes):
            "\(path) has used up its \(mapBytes) bytes of address space; raise --quota-backend-bytes, or compact and defragment"
        case .system(let path, let operation, let reason):
            "\(path): \(operation) failed: \(reason)"
        case .bolt(let error): error.description
        }
    }
}
