import Wire

/// A member of the cluster.
public struct ClusterMember: Equatable, Sendable {
    package let message: Etcdserverpb.Member
    /// Never 0. For people it is written in hexadecimal.
    public var id: UInt64 { message.id }
    /// Empty until the member has started for the first time.
    public var name: String { message.name }
    /// Where other members reach it; at least one.
    public var peerURLs: [String] { message.peerURLs }
    /// Where clients reach it; empty until it has started for the first time.
    public var clientURLs: [String] { message.clientURLs }
    /// Receives the log but has no vote.
    public var isLearner: Bool { message.isLearner }
}

extension EtcdClient {
    /// The members, in the order of their ids. `serializable`: as the member that answers knows them, without asking the others,
    /// so that it works without a quorum and may be out of date.
    public func members(serializable: Bool = false) throws(ClientError) -> [ClusterMember] {
        try memberList(linearizable: !serializable).members.map(ClusterMember.init)
    }

    /// Adds a member, which then can be started; returns it with the id it was given. Refused (`failedPrecondition`, code 9) when a URL
    /// is another member's, and `isUnavailable` while the cluster is not healthy enough to bear one more. Never sent twice.
    @discardableResult
    public func addMember(peerURLs: [String], learner: Bool = false) throws(ClientError) -> ClusterMember {
        ClusterMember(message: try memberAdd(peerURLs, learner: learner).member ?? .init())
    }

    /// Takes a member out of the cluster for good; it stops. Fails with `notFound` (code 5) when there is none with that id.
    public func removeMember(_ id: UInt64) throws(ClientError) { _ = try memberRemove(id) }
    /// Tells all others a member's new peer URLs, in place of the old ones. Fails as `addMember` and `removeMember` do.
    public func updateMember(_ id: UInt64, peerURLs: [String]) throws(ClientError) { _ = try memberUpdate(id, peerURLs) }
    /// Gives a learner its vote; refused (`failedPrecondition`, code 9) until it has caught up: ask again then.
    public func promoteMember(_ id: UInt64) throws(ClientError) { _ = try memberPromote(id) }

    package func memberList(linearizable: Bool = true) throws(ClientError) -> Etcdserverpb.MemberListResponse {
        try call(.memberList, Etcdserverpb.MemberListRequest.with { $0.linearizable = linearizable })
    }

    package func memberAdd(_ peerURLs: [String], learner: Bool) throws(ClientError) -> Etcdserverpb.MemberAddResponse {
        let request = Etcdserverpb.MemberAddRequest.with {
            $0.peerURLs = peerURLs
            $0.isLearner = learner
        }
        return try call(.memberAdd, request)
    }

    package func memberRemove(_ id: UInt64) throws(ClientError) -> Etcdserverpb.MemberRemoveResponse {
        try call(.memberRemove, Etcdserverpb.MemberRemoveRequest.with { $0.id = id })
    }

    package func memberUpdate(_ id: UInt64, _ peerURLs: [String]) throws(ClientError) -> Etcdserverpb.MemberUpdateResponse {
        let request = Etcdserverpb.MemberUpdateRequest.with {
            $0.id = id
            $0.peerURLs = peerURLs
        }
        return try call(.memberUpdate, request)
    }

    package func memberPromote(_ id: UInt64) throws(ClientError) -> Etcdserverpb.MemberPromoteResponse {
        try call(.memberPromote, Etcdserverpb.MemberPromoteRequest.with { $0.id = id })
    }
}
