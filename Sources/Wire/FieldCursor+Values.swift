import Base

/// Reads the value of a field whose tag was just read, for the generated decoders of owned messages.
extension FieldCursor {
    package mutating func uint64(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> UInt64 { try number(span, tag) }

    package mutating func int64(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> Int64 {
        Int64(bitPattern: try number(span, tag))
    }

    package mutating func uint32(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try number(span, tag))
    }

    package mutating func bool(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> Bool { try number(span, tag) != 0 }

    package mutating func enumeration<E: OpenEnum>(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> E {
        E(rawValue: Int32(truncatingIfNeeded: try number(span, tag)))
    }

    package mutating func bytes(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> [UInt8] {
        span.subscripted(try range(span, tag)).array
    }

    /// Invalid UTF-8 is repaired: etcd's Go code takes any bytes for a string, and a Swift string cannot.
    package mutating func string(_ span: RawSpan, _ tag: FieldTag) throws(WireError) -> String {
        unsafe span.subscripted(try range(span, tag)).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    package mutating func message<M: WireMessage>(_ span: RawSpan, _ tag: FieldTag, into message: inout M) throws(WireError) {
        var inner = try nested(try range(span, tag))
        try message.merge(&inner, span)
    }

    package mutating func message<M: WireMessage>(_ span: RawSpan, _ tag: FieldTag, into message: inout M?) throws(WireError) {
        var inner = try nested(try range(span, tag))
        if message == nil { message = M() }
        try message!.merge(&inner, span)
    }

    package mutating func message<M: WireMessage>(_ span: RawSpan, _ tag: FieldTag, appendingTo list: inout [M]) throws(WireError) {
        var inner = try nested(try range(span, tag))
        var message = M()
        try message.merge(&inner, span)
        list.append(message)
    }

    /// Numbers come one by one or packed into one field; both are read, whichever way they are declared.
    package mutating func numbers(_ span: RawSpan, _ tag: FieldTag, _ body: (UInt64) -> Void) throws(WireError) {
        guard tag.type == FieldTag.lengthDelimited else { return body(try number(span, tag)) }
        let range = try range(span, tag)
        var inner = FieldCursor(position: Int(range.offset), end: Int(range.offset) + range.count, depth: depth)
        while !inner.isAtEnd { body(try inner.varint(span)) }
    }

    package mutating func uint64s(_ span: RawSpan, _ tag: FieldTag, into list: inout [UInt64]) throws(WireError) {
        try numbers(span, tag) { list.append($0) }
    }

    package mutating func enumerations<E: OpenEnum>(_ span: RawSpan, _ tag: FieldTag, into list: inout [E]) throws(WireError) {
        try numbers(span, tag) { list.append(E(rawValue: Int32(truncatingIfNeeded: $0))) }
    }
}
