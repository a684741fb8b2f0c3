import CSystem

extension RawSpan {
    /// `count` bytes from `start`, without checking; the caller has shown that they lie inside.
    @inlinable
    @_lifetime(copy self)
    package func _extracting(unchecked start: Int, count: Int) -> RawSpan {
        unsafe extracting(unchecked: Range(uncheckedBounds: (start, start &+ count)))
    }

    @inlinable
    package func byte(at index: Int) -> UInt8 {
        precondition(index >= 0 && index < byteCount)
        return unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
    }

    package var array: [UInt8] {
        unsafe withUnsafeBytes { bytes in unsafe [UInt8](bytes) }
    }

    /// Bytewise order: negative, zero or positive as `self` sorts before, with or after `other` (a prefix sorts first).
    @inlinable
    package func compare(_ other: RawSpan) -> Int {
        let common = Swift.min(byteCount, other.byteCount)
        let order = unsafe withUnsafeBytes { a in
            unsafe other.withUnsafeBytes { b in common == 0 ? 0 : unsafe memcmp(a.baseAddress!, b.baseAddress!, common) }
        }
        return order != 0 ? Int(order) : byteCount - other.byteCount
    }

    @inlinable
    package func equals(_ other: RawSpan) -> Bool {
        byteCount == other.byteCount && compare(other) == 0
    }

    @inlinable
    package func loadLittleEndian64(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= byteCount - 8)
        return UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    @inlinable
    package func loadBigEndian64(at offset: Int) -> UInt64 {
        loadLittleEndian64(at: offset).byteSwapped
    }

    @inlinable
    package func loadBigEndian32(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset <= byteCount - 4)
        return UInt32(bigEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
    }
}
