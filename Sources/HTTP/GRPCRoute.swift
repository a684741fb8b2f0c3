/// Where a gRPC path leads. The number is the delegate's own.
@frozen
@usableFromInline
package enum GRPCRoute: Hashable, Sendable {
    /// One request message, one response message.
    case unary(UInt8)
    /// Everything else: messages are delivered one by one.
    case streaming(UInt8)
    /// No such method; the server answers with Unimplemented.
    case unimplemented
}
