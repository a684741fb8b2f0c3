import Base
import Wire

/// Why the store refuses a request. Nothing was changed then.
package enum StoreError: Error, Equatable, Sendable {
    case emptyKey
    case keyNotFound
    case valueProvided
    case leaseProvided
    case tooManyOperations
    case duplicateKey
    case invalidSortOption
    case compacted
    case futureRevision
    case leaseNotFound
    /// The request's bytes are not the message they should be.
    case malformed(WireError)
    /// The index names a row that the backend does not have or that is no KeyValue: this member's data is damaged. The
    /// member must stop; a write may have been applied in part.
    case damaged(Revision)

    /// What the client is told; nil for `malformed` and `damaged`, which have no text of etcd's.
    package var status: GRPCError? {
        switch self {
        case .emptyKey: .emptyKey
        case .keyNotFound: .keyNotFound
        case .valueProvided: .valueProvided
        case .leaseProvided: .leaseProvided
        case .tooManyOperations: .tooManyOps
        case .duplicateKey: .duplicateKey
        case .invalidSortOption: .invalidSortOption
        case .compacted: .compacted
        case .futureRevision: .futureRev
        case .leaseNotFound: .leaseNotFound
        case .malformed, .damaged: nil
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let error): "the request cannot be decoded: \(error)"
        case .damaged(let revision):
            "the database has no readable row for revision \(revision.main).\(revision.sub), which the key index names; "
                + "restore this member from a snapshot or let it join anew with an empty data directory"
        default: status?.text ?? ""
        }
    }
}
