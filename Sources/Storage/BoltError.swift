/// What is wrong with a bbolt file, and where.
package enum BoltError: Error, Sendable, Equatable {
    case unreadable(path: String, operation: String, reason: String)
    case malformed(path: String, page: UInt64, reason: String)
    case missingBucket(path: String, name: String)
    case unknownBucket(path: String, name: String)
}

extension BoltError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let operation, let reason): "\(path): \(operation) failed: \(reason)"
        case .malformed(let path, let page, let reason):
            "\(path) is not a sound bbolt database: page \(page): \(reason); use another copy"
        case .missingBucket(let path, let name): "\(path) has no bucket \(name): it is not an etcd database; use another file"
        case .unknownBucket(let path, let name):
            "\(path) has a bucket \(name) that this release does not know; it comes from another program or a later etcd"
        }
    }
}
