import Wire

/// What every answer says of the cluster.
public struct ResponseHeader: Equatable, Sendable {
    package let message: Etcdserverpb.ResponseHeader

    package init(_ message: Etcdserverpb.ResponseHeader?) { self.message = message ?? .init() }

    /// The cluster that answered. For people it is written in hexadecimal.
    public var clusterID: UInt64 { message.clusterID }
    /// The member that answered.
    public var memberID: UInt64 { message.memberID }
    /// The store's revision when the request was carried out; 0 where the answer has nothing to do with it.
    public var revision: Int64 { message.revision }
    /// The member's term: it grows with each election.
    public var raftTerm: UInt64 { message.raftTerm }
}
