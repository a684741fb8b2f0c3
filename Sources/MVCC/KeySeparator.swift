import Base
import CSystem

/// A key between two neighbouring nodes, as short as possible: its length, then its bytes. Owned by the inner node it is in.
@safe
struct KeySeparator {
    let base: UnsafeMutableRawPointer

    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// The shortest bytes that are > `left` and ≤ `right`. Requires left < right.
    init(between left: RawSpan, and right: RawSpan) {
        let count = commonPrefix(left, right) + 1
        precondition(count <= right.byteCount)
        guard let memory = unsafe malloc(4 + count) else { fatalError("out of memory: could not grow the key tree") }
        unsafe memory.storeBytes(of: UInt32(count), as: UInt32.self)
        unsafe right.withUnsafeBytes { bytes in unsafe _ = memcpy(memory + 4, bytes.baseAddress.unsafelyUnwrapped, count) }
        unsafe base = memory
    }

    @inline(__always)
    var key: RawSpan {
        @_lifetime(immortal)
        get { unsafe _overrideLifetime(RawSpan(_unsafeStart: UnsafeRawPointer(base) + 4, byteCount: Int(base.load(as: UInt32.self))), borrowing: ()) }
    }

    func free() { unsafe CSystem.free(base) }
}

/// Length of the prefix that both share.
func commonPrefix(_ a: RawSpan, _ b: RawSpan) -> Int {
    let end = min(a.byteCount, b.byteCount)
    var count = 0
    while count < end, a.byte(at: count) == b.byte(at: count) { count += 1 }
    return count
}
