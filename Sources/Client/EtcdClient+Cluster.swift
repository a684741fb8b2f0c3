import Wire

/// A member of the cluster.
public struct ClusterMember: Equatable, Sendable {
    package let message: Etcdserverpb.Member
    public var id: UInt64 { message.id }
    /// Empty until the member has started for the first time.
    public var name: String { message.name }
    public var peerURLs: [String] { message.peerURLs }
    /// Where clients reach it; empty until it has started for the first time.
    public var clientURLs: [String] { message.clientURLs }
    /// Receives the log but has no vote.
    public var isLearner: Bool { message.isLearner }
}

extension EtcdClient {
    /// The members. `serializable`: as the member that answers knows them, without asking the others.
    public func members(serializable: Bool = false) throws(ClientError) -> [ClusterMember] {
        try memberList(linearizable: !serializable).members.map(ClusterMember.init)
    }

    /// Adds a member, which then can be started; returns it with the id it was given.
    @discardableResult
    public func addMember(peerURLs: [String], learner: Bool = false) throws(ClientError) -> ClusterMember {
        ClusterMember(message: try memberAdd(peerURLs, learner: learner).member ?? .init())
    }

    public func removeMember(_ id: UInt64) throws(ClientError) { _ = try memberRemove(id) }
    public func updateMember(_ id: UInt64, peerURLs: [String]) throws(ClientError) { _ = try memberUpdate(id, peerURLs) }
    /// Gives a learner its vote; refused until it has caught up.
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
