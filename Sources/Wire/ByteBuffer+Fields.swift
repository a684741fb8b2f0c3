import Base

/// Appends fields, tag and value. Those without `always` leave out a zero, an empty string or a missing message.
extension ByteBuffer {
    @inlinable
    package mutating func field(_ tag: UInt32, always value: UInt64) {
        append(varint: UInt64(tag))
        append(varint: value)
    }

    @inlinable package mutating func field(_ tag: UInt32, uint64 value: UInt64) { if value != 0 { field(tag, always: value) } }

    @inlinable
    package mutating func field(_ tag: UInt32, int64 value: Int64) {
        if value != 0 { field(tag, always: UInt64(bitPattern: value)) }
    }

    @inlinable package mutating func field(_ tag: UInt32, uint32 value: UInt32) { if value != 0 { field(tag, always: UInt64(value)) } }
    @inlinable package mutating func field(_ tag: UInt32, bool value: Bool) { if value { field(tag, always: 1) } }

    @inlinable
    package mutating func field<E: OpenEnum>(_ tag: UInt32, enumeration value: E) {
        if value.rawValue != 0 { field(tag, always: UInt64(bitPattern: Int64(value.rawValue))) }
    }

    @inlinable
    package mutating func field(_ tag: UInt32, always bytes: RawSpan) {
        append(varint: UInt64(tag))
        append(varint: UInt64(bytes.byteCount))
        append(bytes)
    }

    @inlinable package mutating func field(_ tag: UInt32, span: RawSpan) { if !span.isEmpty { field(tag, always: span) } }

    package mutating func field(_ tag: UInt32, always bytes: [UInt8]) { unsafe field(tag, always: bytes.span.bytes) }
    package mutating func field(_ tag: UInt32, bytes: [UInt8]) { if !bytes.isEmpty { field(tag, always: bytes) } }

    package mutating func field(_ tag: UInt32, always string: String) {
        append(varint: UInt64(tag))
        append(varint: UInt64(string.utf8.count))
        append(string)
    }

    package mutating func field(_ tag: UInt32, string: String) { if !string.isEmpty { field(tag, always: string) } }

    package mutating func field<M: WireMessage>(_ tag: UInt32, always message: M) {
        append(varint: UInt64(tag))
        append(varint: UInt64(message.encodedSize))
        message.encode(into: &self)
    }

    package mutating func field<M: WireMessage>(_ tag: UInt32, message: M?) {
        if let message { field(tag, always: message) }
    }

    package mutating func field(_ tag: UInt32, packed list: [UInt64]) {
        guard !list.isEmpty else { return }
        append(varint: UInt64(tag))
        append(varint: UInt64(FieldSize.ofValues(list)))
        for value in list { append(varint: value) }
    }
}
