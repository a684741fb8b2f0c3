import CSystem

/// Growable bytes with one owner, for encoding. Memory comes from malloc and is not cleared.
///
/// Appending is amortised O(1); `reserve` before a message of known size makes the appends check-only. `freeze` hands the
/// memory over to an immutable `ByteBlock` without copying; `removeAll(keepingCapacity:)` reuses it.
@safe
@frozen
@usableFromInline
package struct ByteBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer?
    @usableFromInline var allocated: Int
    @usableFromInline var used: Int

    @inlinable
    package init() {
        unsafe base = nil
        allocated = 0
        used = 0
    }

    @inlinable
    package init(capacity: Int) {
        self.init()
        if capacity > 0 { grow(toFit: capacity) }
    }

    @inlinable
    deinit { unsafe free(base) }

    @inlinable package var count: Int { used }
    @inlinable package var isEmpty: Bool { used == 0 }
    @inlinable package var capacity: Int { allocated }

    @inlinable
    package var span: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base ?? UnsafeMutableRawPointer(bitPattern: 16)!), byteCount: used)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    @usableFromInline
    mutating func grow(toFit needed: Int) {
        let target = Swift.max(needed, Swift.max(64, allocated * 2))
        guard let memory = unsafe realloc(base, target) else { fatalError("out of memory: could not allocate \(target) bytes") }
        unsafe base = memory
        allocated = target
    }

    /// Makes room for `extra` more bytes.
    @inlinable
    package mutating func reserve(_ extra: Int) {
        precondition(extra >= 0)
        if allocated &- used < extra { grow(toFit: used + extra) }
    }

    @inlinable
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe base.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
        used &+= 1
    }

    @inlinable
    package mutating func append(_ span: RawSpan) {
        let extra = span.byteCount
        guard extra > 0 else { return }
        reserve(extra)
        unsafe span.withUnsafeBytes { source in
            unsafe _ = memcpy(base.unsafelyUnwrapped + used, source.baseAddress.unsafelyUnwrapped, extra)
        }
        used &+= extra
    }

    package mutating func append(_ bytes: [UInt8]) { unsafe append(bytes.span.bytes) }

    package mutating func append(_ string: String) {
        var string = string
        string.withUTF8 { text in unsafe append(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(text))) }
    }

    @inlinable
    package mutating func append(littleEndian value: UInt64) {
        reserve(8)
        unsafe base.unsafelyUnwrapped.storeBytes(of: value.littleEndian, toByteOffset: used, as: UInt64.self)
        used &+= 8
    }

    @inlinable package mutating func append(bigEndian value: UInt64) { append(littleEndian: value.byteSwapped) }

    @inlinable
    package mutating func append(bigEndian value: UInt32) {
        reserve(4)
        unsafe base.unsafelyUnwrapped.storeBytes(of: value.bigEndian, toByteOffset: used, as: UInt32.self)
        used &+= 4
    }

    /// A base-128 varint (protobuf encoding): 1 to 10 bytes.
    @inlinable
    package mutating func append(varint value: UInt64) {
        reserve(10)
        var rest = value
        while rest >= 0x80 {
            unsafe base.unsafelyUnwrapped.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: used, as: UInt8.self)
            used &+= 1
            rest >>= 7
        }
        unsafe base.unsafelyUnwrapped.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: used, as: UInt8.self)
        used &+= 1
    }

    @inlinable
    package mutating func append(zeros count: Int) {
        guard count > 0 else { return }
        reserve(count)
        unsafe _ = memset(base.unsafelyUnwrapped + used, 0, count)
        used &+= count
    }

    /// Overwrites four bytes already written. Requires offset + 4 ≤ count.
    @inlinable
    package mutating func overwrite(bigEndian value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset <= used - 4)
        unsafe base.unsafelyUnwrapped.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Forgets everything from `count` on. Requires count ≤ self.count.
    @inlinable
    package mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= used)
        used = count
    }

    @inlinable
    package mutating func removeAll(keepingCapacity keep: Bool = true) {
        used = 0
        if !keep {
            unsafe free(base)
            unsafe base = nil
            allocated = 0
        }
    }

    /// Lets `body` write at most `capacity` bytes at the end and keeps as many as it returns. For C calls.
    @inlinable
    package mutating func appendUninitialized(_ capacity: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
        guard capacity > 0 else { return }
        reserve(capacity)
        let room = unsafe UnsafeMutableRawBufferPointer(start: base.unsafelyUnwrapped + used, count: capacity)
        let written = unsafe body(room)
        precondition(written >= 0 && written <= capacity)
        used &+= written
    }

    /// Moves the bytes into an immutable block, without copying, and leaves the buffer empty and without memory. With much
    /// slack (over half unused) the memory is trimmed first.
    @inlinable
    package mutating func freeze() -> ByteBlock {
        if allocated > 4096, used < allocated / 2, let smaller = unsafe realloc(base, Swift.max(used, 1)) { unsafe base = smaller }
        let block = unsafe ByteBlock(adopting: base, count: used)
        unsafe base = nil
        allocated = 0
        used = 0
        return block
    }
}

/// Bytes that `value` takes as a varint: 1 to 10.
@inlinable
package func varintSize(_ value: UInt64) -> Int {
    (Int(truncatingIfNeeded: 64 &- (value | 1).leadingZeroBitCount) &* 9 &+ 64) &>> 6
}

/// A run of bytes inside some message, by position: what a decoded view keeps instead of a copy.
@frozen
@usableFromInline
package struct ByteRange: Hashable, Sendable {
    @usableFromInline package var offset: UInt32
    @usableFromInline package var length: UInt32

    @inlinable package init(offset: Int, count: Int) {
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.length = UInt32(truncatingIfNeeded: count)
    }

    @inlinable package init() { self.init(offset: 0, count: 0) }
    @inlinable package var count: Int { Int(length) }
    @inlinable package var isEmpty: Bool { length == 0 }
}

extension RawSpan {
    /// The bytes that `range` names. Requires them to lie inside.
    @inlinable
    @_lifetime(copy self)
    package func subscripted(_ range: ByteRange) -> RawSpan {
        let start = Int(range.offset)
        let count = Int(range.length)
        precondition(start <= byteCount - count)
        return _extracting(unchecked: start, count: count)
    }
}
