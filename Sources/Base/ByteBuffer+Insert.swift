import CSystem

extension ByteBuffer {
    /// Inserts a varint at `offset`, moving what follows: for a length that is known only after what it measures was written.
    /// Costs a move of the bytes behind it.
    @inlinable
    package mutating func insert(varint value: UInt64, at offset: Int) {
        precondition(offset >= 0 && offset <= used)
        let size = varintSize(value)
        reserve(size)
        let place = unsafe base.unsafelyUnwrapped + offset
        unsafe _ = memmove(place + size, place, used &- offset)
        var rest = value
        for index in 0..<(size &- 1) {
            unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: index, as: UInt8.self)
            rest >>= 7
        }
        unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: size &- 1, as: UInt8.self)
        used &+= size
    }
}

extension ByteBuffer {
    /// Overwrites a byte already written. Requires offset < count.
    @inlinable
    package mutating func overwrite(_ byte: UInt8, at offset: Int) {
        precondition(offset >= 0 && offset < used)
        unsafe base.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
}
