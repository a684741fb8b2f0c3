/// The buckets of etcd's database (formats.md §4.2). Raw values are in the order of the names, which is the order in which
/// a bbolt file lists them and in which `Maintenance.Hash` adds them up.
package enum Bucket: UInt8, CaseIterable, Sendable {
    case alarm, auth, authRoles, authUsers, cluster, key, lease, members, membersRemoved, meta

    package var name: String {
        switch self {
        case .alarm: "alarm"
        case .auth: "auth"
        case .authRoles: "authRoles"
        case .authUsers: "authUsers"
        case .cluster: "cluster"
        case .key: "key"
        case .lease: "lease"
        case .members: "members"
        case .membersRemoved: "members_removed"
        case .meta: "meta"
        }
    }

    package init?(name: [UInt8]) {
        guard let bucket = Bucket.allCases.first(where: { Array($0.name.utf8) == name }) else { return nil }
        self = bucket
    }
}

/// Keys of bucket `meta`.
package enum MetaKey: String, Sendable {
    case consistentIndex = "consistent_index"
    case term
    case confState
    case scheduledCompactRevision = "scheduledCompactRev"
    case finishedCompactRevision = "finishedCompactRev"
    case storageVersion

    package var bytes: [UInt8] { Array(rawValue.utf8) }
}
