import Base

/// A position in an encoded message. Holds no bytes, so that it is plain data; every method takes the span it was made for,
/// and every access to that is checked.
///
/// Positions are absolute in that span, also inside sub-messages. Nothing is allocated for a length before as many bytes
/// have been seen to exist.
@frozen
@usableFromInline
package struct FieldCursor {
    /// Of the next byte to read. Invariant: ≤ end.
    @usableFromInline package internal(set) var position: Int
    /// Where the innermost message ends.
    @usableFromInline let end: Int
    /// Messages around the innermost one.
    @usableFromInline let depth: Int

    /// Nesting allowed, messages and groups together; Go's and C++'s implementations allow this much as well.
    @inlinable package static var depthMax: Int { 100 }

    @inlinable
    package init(_ span: RawSpan) throws(WireError) {
        guard span.byteCount <= Int(UInt32.max) else { throw .tooLong }
        self.init(position: 0, end: span.byteCount, depth: 0)
    }

    @inlinable
    init(position: Int, end: Int, depth: Int) {
        self.position = position
        self.end = end
        self.depth = depth
    }

    @inlinable package var isAtEnd: Bool { position >= end }

    /// Reads a tag. Requires that the cursor is not at the end.
    @inlinable
    package mutating func tag(_ span: RawSpan) throws(WireError) -> FieldTag {
        let start = position
        let raw = try varint(span)
        guard raw >= 8, raw <= UInt64(UInt32.max) else { throw .badTag(at: start) }
        return FieldTag(rawValue: UInt32(truncatingIfNeeded: raw))
    }

    @inlinable
    package mutating func varint(_ span: RawSpan) throws(WireError) -> UInt64 {
        if position < end {
            let byte = span.byte(at: position)
            if byte < 0x80 {
                position &+= 1
                return UInt64(byte)
            }
        }
        return try longVarint(span)
    }

    @usableFromInline
    mutating func longVarint(_ span: RawSpan) throws(WireError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = span.byte(at: position)
            // The tenth byte has room for one bit.
            if shift == 63, byte > 1 { throw .varintTooLong(at: start) }
            position &+= 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
        throw .truncated(at: start)
    }

    /// Reads a length and steps over as many bytes.
    @inlinable
    package mutating func range(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> ByteRange {
        guard tag.type == FieldTag.lengthDelimited else { throw wrongType(tag) }
        let start = position
        let length = try varint(span)
        guard length <= UInt64(truncatingIfNeeded: end &- position) else { throw .lengthPastEnd(at: start) }
        let range = ByteRange(offset: position, count: Int(truncatingIfNeeded: length))
        position &+= range.count
        return range
    }

    @inlinable
    package mutating func number(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> UInt64 {
        guard tag.type == FieldTag.varint else { throw wrongType(tag) }
        return try varint(span)
    }

    @usableFromInline
    func wrongType(_ tag: FieldTag) -> WireError {
        tag.type == FieldTag.groupEnd
            ? .unmatchedGroupEnd(at: position) : .badWireType(field: tag.number, found: tag.type, at: position)
    }

    /// A cursor over the sub-message that `range` of this one's bytes holds.
    @inlinable
    package func nested(_ range: ByteRange) throws(WireError) -> FieldCursor {
        guard depth < FieldCursor.depthMax else { throw .tooDeep(at: Int(range.offset)) }
        return FieldCursor(position: Int(range.offset), end: Int(range.offset) &+ range.count, depth: depth &+ 1)
    }

    /// Steps over the value of an unknown field.
    @usableFromInline
    package mutating func skip(_ span: RawSpan, _ tag: FieldTag) throws(WireError) {
        try skip(span, tag, groups: depth)
    }

    private mutating func skip(_ span: RawSpan, _ tag: FieldTag, groups: Int) throws(WireError) {
        switch tag.type {
        case FieldTag.varint: _ = try varint(span)
        case FieldTag.fixed64: try advance(8)
        case FieldTag.lengthDelimited: _ = try range(span, tag)
        case FieldTag.groupStart: try skipGroup(span, tag.number, groups: groups + 1)
        case FieldTag.fixed32: try advance(4)
        default: throw wrongType(tag)
        }
    }

    private mutating func skipGroup(_ span: RawSpan, _ number: UInt32, groups: Int) throws(WireError) {
        guard groups <= FieldCursor.depthMax else { throw .tooDeep(at: position) }
        while position < end {
            let start = position
            let tag = try tag(span)
            if tag.type == FieldTag.groupEnd {
                guard tag.number == number else { throw .unmatchedGroupEnd(at: start) }
                return
            }
            try skip(span, tag, groups: groups)
        }
        throw .truncated(at: position)
    }

    private mutating func advance(_ count: Int) throws(WireError) {
        guard count <= end - position else { throw .truncated(at: position) }
        position += count
    }
}

/// A field's number and wire type, as encoded.
@frozen
@usableFromInline
package struct FieldTag: Equatable, Sendable {
    @usableFromInline package let rawValue: UInt32

    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable package var number: UInt32 { rawValue >> 3 }
    @inlinable package var type: UInt8 { UInt8(truncatingIfNeeded: rawValue & 7) }

    @inlinable static var varint: UInt8 { 0 }
    @inlinable static var fixed64: UInt8 { 1 }
    @inlinable static var lengthDelimited: UInt8 { 2 }
    @inlinable static var groupStart: UInt8 { 3 }
    @inlinable static var groupEnd: UInt8 { 4 }
    @inlinable static var fixed32: UInt8 { 5 }
}
