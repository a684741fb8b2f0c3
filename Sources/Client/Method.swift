/// A method of etcd's services: its path, and whether calling it twice is as good as once.
package struct Method: Sendable {
    package let path: String
    /// A read, or a write that changes nothing when it comes again: sent anew whenever a server is unavailable. Anything else only
    /// when the first request surely had no effect.
    package let isRepeatable: Bool

    private init(_ service: String, _ name: String, repeatable: Bool) {
        path = "/etcdserverpb.\(service)/\(name)"
        isRepeatable = repeatable
    }

    package static let range = Method("KV", "Range", repeatable: true)
    package static let put = Method("KV", "Put", repeatable: false)
    package static let deleteRange = Method("KV", "DeleteRange", repeatable: false)
    package static let txn = Method("KV", "Txn", repeatable: false)
    package static let compact = Method("KV", "Compact", repeatable: false)
    package static let watch = Method("Watch", "Watch", repeatable: true)
    package static let leaseGrant = Method("Lease", "LeaseGrant", repeatable: false)
    package static let leaseRevoke = Method("Lease", "LeaseRevoke", repeatable: false)
    package static let leaseKeepAlive = Method("Lease", "LeaseKeepAlive", repeatable: true)
    package static let leaseTimeToLive = Method("Lease", "LeaseTimeToLive", repeatable: true)
    package static let leaseLeases = Method("Lease", "LeaseLeases", repeatable: true)
    package static let memberAdd = Method("Cluster", "MemberAdd", repeatable: false)
    package static let memberRemove = Method("Cluster", "MemberRemove", repeatable: false)
    package static let memberUpdate = Method("Cluster", "MemberUpdate", repeatable: false)
    package static let memberList = Method("Cluster", "MemberList", repeatable: true)
    package static let memberPromote = Method("Cluster", "MemberPromote", repeatable: false)
    package static let alarm = Method("Maintenance", "Alarm", repeatable: false)
    package static let alarmList = Method("Maintenance", "Alarm", repeatable: true)
    package static let status = Method("Maintenance", "Status", repeatable: true)
    package static let defragment = Method("Maintenance", "Defragment", repeatable: false)
    package static let hash = Method("Maintenance", "Hash", repeatable: true)
    package static let hashKV = Method("Maintenance", "HashKV", repeatable: true)
    package static let snapshot = Method("Maintenance", "Snapshot", repeatable: true)
    package static let moveLeader = Method("Maintenance", "MoveLeader", repeatable: false)
    package static let downgrade = Method("Maintenance", "Downgrade", repeatable: false)
    package static let authenticate = Method("Auth", "Authenticate", repeatable: false)
}
