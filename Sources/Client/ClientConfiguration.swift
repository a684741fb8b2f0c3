import Base
import HTTP

/// How a client reaches the cluster.
public struct ClientConfiguration: Sendable {
    /// The members to choose from. At least one.
    public var endpoints: [Endpoint]
    /// How long one attempt to connect may take, in seconds.
    public var dialTimeout: Double = 2
    /// With calls open: how long a server may be silent before it is asked whether it is there, in seconds; at least 10 are taken.
    public var keepaliveTime: Double = 2
    /// How long its answer may take, in seconds.
    public var keepaliveTimeout: Double = 6
    /// How long members without a leader are asked again before a watch is given up, in seconds. An election takes a few; a member
    /// that has just started has none for a moment.
    public var leaderPatience: Double = 10
    /// Sent with every call once it is known, see `EtcdClient.authenticate`.
    public var token: String?

    public init(endpoints: [Endpoint]) { self.endpoints = endpoints }

    /// Makes the transport of a connection; plain sockets unless a later layer sets another.
    package var transport: @Sendable (Int32, Endpoint) -> any GRPCClientTransport = { descriptor, _ in PlainClientTransport(descriptor) }

    package var limits: GRPCClientLimits {
        var limits = GRPCClientLimits()
        limits.dialTimeout = Interval(nanoseconds: Int64(dialTimeout * 1e9))
        limits.keepaliveTime = Interval(nanoseconds: Int64(keepaliveTime * 1e9))
        limits.keepaliveTimeout = Interval(nanoseconds: Int64(keepaliveTimeout * 1e9))
        return limits
    }
}
