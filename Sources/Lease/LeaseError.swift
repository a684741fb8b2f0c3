/// Why the lessor refused. Texts and codes are etcd's (contract errors.tsv).
package enum LeaseError: Error, Equatable {
    case notFound
    case alreadyExists
    case ttlTooLarge
    /// This member does not keep the deadlines; the request belongs to the leader.
    case notPrimary
    /// A row of bucket `lease` is damaged. `key` is the row's key in hexadecimal.
    case damagedRow(key: String, reason: String)

    /// The status code of gRPC.
    package var code: Int {
        switch self {
        case .notFound: 5
        case .alreadyExists: 9
        case .ttlTooLarge: 11
        case .notPrimary: 14
        case .damagedRow: 13
        }
    }

    package var message: String {
        switch self {
        case .notFound: "etcdserver: requested lease not found"
        case .alreadyExists: "etcdserver: lease already exists"
        case .ttlTooLarge: "etcdserver: too large lease TTL"
        case .notPrimary: "not a primary lessor"
        case .damagedRow(let key, let reason):
            "bucket lease, key \(key): \(reason); restore this member from a snapshot or remove it from the cluster and add it anew"
        }
    }
}
