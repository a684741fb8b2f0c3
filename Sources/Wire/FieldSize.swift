import Base

/// Sizes of encoded fields, tag included; each mirrors the method of `ByteBuffer` with the same labels.
@usableFromInline
package enum FieldSize {
    @inlinable package static func of(_ tag: UInt32, always value: UInt64) -> Int { varintSize(UInt64(tag)) &+ varintSize(value) }
    @inlinable package static func of(_ tag: UInt32, uint64 value: UInt64) -> Int { value == 0 ? 0 : of(tag, always: value) }

    @inlinable package static func of(_ tag: UInt32, int64 value: Int64) -> Int {
        value == 0 ? 0 : of(tag, always: UInt64(bitPattern: value))
    }

    @inlinable package static func of(_ tag: UInt32, uint32 value: UInt32) -> Int { value == 0 ? 0 : of(tag, always: UInt64(value)) }
    @inlinable package static func of(_ tag: UInt32, bool value: Bool) -> Int { value ? of(tag, always: 1) : 0 }

    @inlinable package static func of<E: OpenEnum>(_ tag: UInt32, enumeration value: E) -> Int {
        value.rawValue == 0 ? 0 : of(tag, always: UInt64(bitPattern: Int64(value.rawValue)))
    }

    /// Of a field that holds `count` bytes.
    @inlinable package static func of(_ tag: UInt32, byteCount count: Int) -> Int {
        varintSize(UInt64(tag)) &+ varintSize(UInt64(count)) &+ count
    }

    package static func of(_ tag: UInt32, always bytes: [UInt8]) -> Int { of(tag, byteCount: bytes.count) }
    package static func of(_ tag: UInt32, bytes: [UInt8]) -> Int { bytes.isEmpty ? 0 : of(tag, byteCount: bytes.count) }
    package static func of(_ tag: UInt32, always string: String) -> Int { of(tag, byteCount: string.utf8.count) }
    package static func of(_ tag: UInt32, string: String) -> Int { string.isEmpty ? 0 : of(tag, always: string) }
    package static func of<M: WireMessage>(_ tag: UInt32, always message: M) -> Int { of(tag, byteCount: message.encodedSize) }

    package static func of<M: WireMessage>(_ tag: UInt32, message: M?) -> Int {
        if let message { of(tag, always: message) } else { 0 }
    }

    package static func of(_ tag: UInt32, packed list: [UInt64]) -> Int {
        list.isEmpty ? 0 : of(tag, byteCount: ofValues(list))
    }

    static func ofValues(_ list: [UInt64]) -> Int { list.reduce(0) { $0 + varintSize($1) } }
}
