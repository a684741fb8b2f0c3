import Wire

/// A key with its value, as it was at some revision.
public struct KeyValue: Equatable, Sendable {
    package let message: Mvccpb.KeyValue

    package init(_ message: Mvccpb.KeyValue) { self.message = message }

    /// Any bytes; never empty.
    public var key: [UInt8] { message.key }
    /// Any bytes; empty for a deleted key, and when only keys were asked for.
    public var value: [UInt8] { message.value }
    /// The revision in which the key came into being.
    public var createRevision: Int64 { message.createRevision }
    /// The revision of its last change.
    public var modRevision: Int64 { message.modRevision }
    /// How often it has changed since it was created; 0 for a deleted key.
    public var version: Int64 { message.version }
    /// The lease it is attached to; 0: none.
    public var lease: Int64 { message.lease }
}
