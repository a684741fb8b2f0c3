import Base

/// A revision as bucket `key` has it (formats.md §4.3): `BE64(main) '_' BE64(sub)`, and `'t'` after a tombstone's.
///
/// LMDB holds the same 17 or 18 bytes as etcd's bbolt file, so that a live row is found with one exact look-up (a
/// tombstone's revision is then not found), and hashes and snapshot files take the stored bytes as they are.
@safe
package struct RevisionKey: Sendable {
    /// The key's bytes in memory order, zeros behind.
    private var words: (UInt64, UInt64, UInt64)
    package let isTombstone: Bool

    package static let byteCount = 17
    private static let separator = UInt8(ascii: "_")
    private static let tombstoneMark = UInt8(ascii: "t")

    package init(_ revision: Revision, tombstone: Bool = false) {
        let sub = UInt64(bitPattern: revision.sub).byteSwapped
        words.0 = UInt64(bitPattern: revision.main).byteSwapped.littleEndian
        words.1 = (UInt64(Self.separator) | sub << 8).littleEndian
        words.2 = (sub >> 56 | (tombstone ? UInt64(Self.tombstoneMark) << 8 : 0)).littleEndian
        isTombstone = tombstone
    }

    package var byteCount: Int { isTombstone ? Self.byteCount + 1 : Self.byteCount }

    package mutating func withSpan<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        let count = byteCount
        return try unsafe Swift.withUnsafeBytes(of: &words) { (bytes: UnsafeRawBufferPointer) throws(E) -> R in
            try unsafe body(RawSpan(_unsafeStart: bytes.baseAddress.unsafelyUnwrapped, byteCount: count))
        }
    }

    package var array: [UInt8] {
        var copy = self
        return copy.withSpan { $0.array }
    }

    /// nil when `span` is not of this form, or a number is negative.
    package static func decode(_ span: RawSpan) -> (revision: Revision, isTombstone: Bool)? {
        let isTombstone = span.byteCount == byteCount + 1
        guard span.byteCount == byteCount || (isTombstone && span.byte(at: byteCount) == tombstoneMark),
            span.byte(at: 8) == separator
        else { return nil }
        let revision = Revision(
            main: Int64(bitPattern: span.loadBigEndian64(at: 0)), sub: Int64(bitPattern: span.loadBigEndian64(at: 9)))
        guard revision.main >= 0, revision.sub >= 0 else { return nil }
        return (revision, isTombstone)
    }
}

extension Revision {
    package static var least: Revision { Revision(main: 0, sub: 0) }
    package static var greatest: Revision { Revision(main: .max, sub: .max) }
}
