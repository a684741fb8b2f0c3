import Base
import HTTP

/// How a client reaches the cluster. Times are in seconds; what is longer than 292 years, or infinite, is as long as that.
public struct ClientConfiguration: Sendable {
    /// The members to choose from. At least one, else no client can be made.
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

    /// The members at `endpoints`, and etcdctl's own defaults for the rest.
    public init(endpoints: [Endpoint]) { self.endpoints = endpoints }

    /// Makes the transport of a connection; plain sockets unless a later layer sets another.
    package var transport: @Sendable (Int32, Endpoint) -> any GRPCClientTransport = { descriptor, _ in PlainClientTransport(descriptor) }

    package var limits: GRPCClientLimits {
        var limits = GRPCClientLimits()
        limits.dialTimeout = Interval(seconds: dialTimeout)
        limits.keepaliveTime = Interval(seconds: keepaliveTime)
        limits.keepaliveTimeout = Interval(seconds: keepaliveTimeout)
        return limits
    }
}
