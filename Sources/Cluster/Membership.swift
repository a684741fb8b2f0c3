import Base

/// The members of the cluster, its version and its removed members: what configuration entries have made of it.
///
/// Decides whether a change is valid; the rows of the buckets `members`, `members_removed` and `cluster` (formats.md §4.2)
/// are written by its owner from the row functions. Owned by the replica's thread. Its text forms are in `+Rows`.
package struct Membership: Sendable, Equatable {
    package var clusterID: ClusterID
    /// In no order; `sorted` is ascending by id.
    package private(set) var members: [MemberID: ClusterMember]
    /// Ids that can never come back.
    package private(set) var removed: Set<MemberID>
    /// Nil until the first leader has decided it.
    package var version: Version?
    /// The target of a downgrade under way.
    package var downgradeTarget: Version?
    /// The database's format as the row `storageVersion` says; nil below 3.6 (formats.md §10).
    package var storageVersion: Version? { (version ?? Version(0, 0)) < Version(3, 6) ? nil : version }

    package init(clusterID: ClusterID, members: [ClusterMember] = [], removed: Set<MemberID> = []) {
        self.clusterID = clusterID
        self.members = Dictionary(members.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.removed = removed
    }

    package var sorted: [ClusterMember] { members.values.sorted { $0.id < $1.id } }

    package subscript(id: MemberID) -> ClusterMember? { members[id] }

    package mutating func add(_ member: ClusterMember) {
        precondition(!removed.contains(member.id), "a removed member's id never comes back")
        members[member.id] = member
    }

    package mutating func remove(_ id: MemberID) {
        members[id] = nil
        removed.insert(id)
    }

    package mutating func promote(_ id: MemberID) { members[id]?.isLearner = false }

    package mutating func update(_ id: MemberID, peerURLs: [String], isLearner: Bool) {
        members[id]?.peerURLs = peerURLs
        members[id]?.isLearner = isLearner
    }

    /// What a member announces about itself when it has started.
    package mutating func setAttributes(_ id: MemberID, name: String, clientURLs: [String]) {
        members[id]?.name = name
        members[id]?.clientURLs = clientURLs
    }
}
