/// Why bytes are not a message. Positions count from the first byte of the span that was to be decoded.
///
/// The rules are the strictest of the Go implementations that read the same bytes (a request that we log is decoded by every
/// other member): a field of the wrong wire type is an error, not an unknown field.
@frozen
@usableFromInline
package enum WireError: Error, Equatable, Sendable {
    /// The input ends inside a tag, a number or an unfinished group.
    case truncated(at: Int)
    /// A varint of more than 64 bits.
    case varintTooLong(at: Int)
    /// Field number 0 or above 2^29 − 1.
    case badTag(at: Int)
    /// A wire type that does not exist, or not the one that this field has.
    case badWireType(field: UInt32, found: UInt8, at: Int)
    /// A length that reaches past the end of the input or of the enclosing message.
    case lengthPastEnd(at: Int)
    /// The end of a group that did not begin, or of another than the innermost.
    case unmatchedGroupEnd(at: Int)
    /// More than `FieldCursor.depthMax` messages or groups inside each other.
    case tooDeep(at: Int)
    /// Input of 4 GiB or more.
    case tooLong
}

extension WireError: CustomStringConvertible {
    @usableFromInline
    package var description: String {
        switch self {
        case .truncated(let at): "protobuf: the message ends in the middle of a field, at byte \(at)"
        case .varintTooLong(let at): "protobuf: number of more than 64 bits at byte \(at)"
        case .badTag(let at): "protobuf: illegal field number at byte \(at)"
        case .badWireType(let field, let found, let at): "protobuf: wrong wire type \(found) for field \(field) at byte \(at)"
        case .lengthPastEnd(let at): "protobuf: length at byte \(at) reaches past the end of the message"
        case .unmatchedGroupEnd(let at): "protobuf: end of a group that did not begin, at byte \(at)"
        case .tooDeep(let at): "protobuf: nested more than \(FieldCursor.depthMax) deep at byte \(at)"
        case .tooLong: "protobuf: message of 4 GiB or more"
        }
    }
}
