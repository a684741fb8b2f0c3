import Base

/// Every bound and timeout of a client's connection, in one value (STYLE 19).
package struct GRPCClientLimits: Sendable {
    /// Largest message accepted from a server; etcd's client takes what a length field can say.
    package var messageBytesMax = Int(Int32.max)
    /// Header fields of one response, names and values.
    package var headerBytesMax = 64 << 10
    package var streamWindowBytes: Int32 = 2 << 20
    package var connectionWindowBytes: Int32 = 16 << 20
    /// Encoded bytes made ahead of what the socket takes.
    package var writeAheadBytes = 256 << 10

    /// From the first attempt to connect until the connection can be used.
    package var dialTimeout = Interval.seconds(2)
    /// With open calls: ping after so much silence. Never less than ten seconds, as grpc-go, because servers cut off who pings more.
    package var keepaliveTime = Interval.seconds(10)
    /// Close when a ping is not answered within it.
    package var keepaliveTimeout = Interval.seconds(6)

    package init() {}
}
