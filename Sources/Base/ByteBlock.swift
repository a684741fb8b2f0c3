import CSystem

/// Immutable bytes on the heap, shared by reference. Made by `ByteBuffer.freeze()` without copying.
///
/// A batch of requests, of log entries or of responses is one block; its parts are `Bytes` that point into it, so that a
/// message costs a retain and no allocation. A block stays alive while any part of it does: what must outlive its batch by
/// much (a key in the index) is copied out.
@safe
@usableFromInline
package final class ByteBlock: Sendable {
    /// Owned; freed in `deinit`. Never written after `init`.
    @usableFromInline nonisolated(unsafe) let base: UnsafeMutableRawPointer?
    @usableFromInline package let count: Int

    /// Takes ownership of malloc'ed memory of at least `count` bytes.
    @usableFromInline
    init(adopting base: UnsafeMutableRawPointer?, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    deinit { unsafe free(base) }

    @usableFromInline package static let empty = unsafe ByteBlock(adopting: nil, count: 0)

    @inlinable
    package var span: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base ?? UnsafeMutableRawPointer(bitPattern: 16)!), byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}

/// A run of bytes inside a `ByteBlock`. 16 bytes wide; copying it retains the block.
@frozen
@usableFromInline
package struct Bytes: Sendable {
    @usableFromInline package let block: ByteBlock
    /// Position of the first byte in the block.
    @usableFromInline package let offset: UInt32
    @usableFromInline let length: UInt32

    /// Requires 0 ≤ offset, 0 ≤ count and offset + count ≤ block.count; blocks are below 4 GiB.
    @inlinable
    package init(_ block: ByteBlock, offset: Int, count: Int) {
        precondition(offset >= 0 && count >= 0 && offset <= block.count - count && block.count <= UInt32.max)
        self.block = block
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.length = UInt32(truncatingIfNeeded: count)
    }

    @inlinable package init(_ block: ByteBlock) { self.init(block, offset: 0, count: block.count) }

    @inlinable package init() { self.init(ByteBlock.empty, offset: 0, count: 0) }

    package init(copying span: RawSpan) {
        var buffer = ByteBuffer(capacity: span.byteCount)
        buffer.append(span)
        self.init(buffer.freeze())
    }

    package init(_ array: [UInt8]) { unsafe self.init(copying: array.span.bytes) }

    package init(_ string: String) { self.init(Array(string.utf8)) }

    @inlinable package var count: Int { Int(length) }
    @inlinable package var isEmpty: Bool { length == 0 }

    @inlinable
    package var span: RawSpan {
        @_lifetime(borrow self)
        get {
            let part = block.span._extracting(unchecked: Int(offset), count: Int(length))
            return unsafe _overrideLifetime(part, borrowing: self)
        }
    }

    /// The bytes from `start`, `count` long, inside this run. Requires them to lie inside.
    @inlinable
    package func slice(_ start: Int, count: Int) -> Bytes {
        precondition(start >= 0 && count >= 0 && start <= self.count - count)
        return Bytes(block, offset: Int(offset) + start, count: count)
    }

    package var array: [UInt8] { span.array }

    /// The bytes as text, invalid UTF-8 repaired.
    package var string: String { String(decoding: array, as: UTF8.self) }
}

extension Bytes: Hashable, Comparable {
    @inlinable package static func == (a: Bytes, b: Bytes) -> Bool { a.span.equals(b.span) }
    @inlinable package static func < (a: Bytes, b: Bytes) -> Bool { a.span.compare(b.span) < 0 }
    @usableFromInline package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        unsafe span.withUnsafeBytes { bytes in unsafe hasher.combine(bytes: bytes) }
    }
}
