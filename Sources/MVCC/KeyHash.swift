import Base

/// A keyed 64-bit hash of a key: words are folded by 64 × 64 → 128-bit multiplications.
///
/// The seed keeps clients from choosing keys that collide; it never influences an order that anyone sees.
@inline(__always)
func keyHash(_ key: RawSpan, seed: UInt64) -> UInt64 {
    @inline(__always)
    func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
    @inline(__always)
    func word(_ offset: Int) -> UInt64 { unsafe key.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self) }
    let first: UInt64 = 0xA076_1D64_78BD_642F
    let second: UInt64 = 0xE703_7ED1_A0B4_28DB
    let count = key.byteCount
    var hash = seed ^ first
    var tail: (UInt64, UInt64) = (0, 0)
    if count >= 16 {
        var offset = 0
        while offset &+ 16 < count {
            hash = fold(word(offset) ^ first, word(offset &+ 8) ^ hash)
            offset &+= 16
        }
        tail = (word(count &- 16), word(count &- 8))
    } else if count >= 8 {
        tail = (word(0), word(count &- 8))
    } else {
        for index in 0..<count { tail.0 = tail.0 << 8 | UInt64(key.byte(at: index)) }
    }
    hash = fold(tail.0 ^ first, tail.1 ^ hash)
    return fold(hash ^ second, UInt64(truncatingIfNeeded: count) ^ first)
}
