import Base

/// How a bucket's key is stored, since LMDB takes no key over 511 bytes.
///
/// A longer one is cut after 479 bytes and its SHA-256 put behind; the whole key then stands before the value. Keys from 480
/// bytes on are all treated so: a stored key of 511 bytes is always a cut one, and cut keys with the same beginning lie next
/// to each other with nothing between, so that putting such a run in order is all a scan needs to keep the keys' own order.
struct LMDBKey {
    let bytes: [UInt8]
    let isCut: Bool

    static let cutBytes = 511
    static let keptBytes = cutBytes - SHA256.byteCount

    init(_ key: RawSpan) {
        precondition(key.byteCount > 0)
        isCut = key.byteCount > Self.keptBytes
        bytes = isCut ? key._extracting(unchecked: 0, count: Self.keptBytes).array + SHA256.digest(key) : key.array
    }

    /// What is stored under the key.
    func stored(_ value: [UInt8], of key: RawSpan) -> [UInt8] {
        guard isCut else { return value }
        let length = UInt64(key.byteCount)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + key.array + value
    }

    /// Key and value of a cut key's stored value, as positions; nil when it is malformed.
    static func parts(_ stored: RawSpan) -> (key: Range<Int>, value: Range<Int>)? {
        guard stored.byteCount >= 8 else { return nil }
        let length = stored.loadLittleEndian64(at: 0)
        guard length <= UInt64(stored.byteCount - 8) else { return nil }
        let end = 8 + Int(length)
        return (8..<end, end..<stored.byteCount)
    }
}
