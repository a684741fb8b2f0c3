import Base

/// The bytes of a bbolt file (formats.md §4.1). All integers little endian.
///
/// ```
/// page header     0 id u64 | 8 flags u16 | 10 count u16 | 12 overflow u32
/// leaf element    0 flags u32 (1: bucket) | 4 position u32, from the element's own start | 8 key size u32 | 12 value size u32
/// branch element  0 position u32, likewise | 4 key size u32 | 8 page u64
/// bucket value    0 root page u64 (0: a whole leaf page follows) | 8 sequence u64
/// meta            0 magic u32 | 4 version u32 | 8 page size u32 | 12 flags u32 | 16 root bucket | 32 freelist page u64
///                 40 first page number never used u64 | 48 transaction u64 | 56 FNV-1a-64 of the 56 bytes before
/// ```
enum BoltFormat {
    static let pageBytes = 4096
    static let headerBytes = 16
    static let elementBytes = 16
    static let bucketHeaderBytes = 16
    static let metaBytes = 64
    static let magic: UInt32 = 0xED0C_DAED
    static let version: UInt32 = 2
    static let branchFlag: UInt16 = 1
    static let leafFlag: UInt16 = 2
    static let metaFlag: UInt16 = 4
    static let freelistFlag: UInt16 = 16
    static let bucketElementFlag: UInt32 = 1
    /// A bucket up to this size is stored within its parent.
    static let inlineBytesMax = pageBytes / 4

    static func checksum(_ bytes: RawSpan) -> UInt64 {
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<bytes.byteCount { sum = (sum ^ UInt64(bytes.byte(at: index))) &* 0x0000_0100_0000_01B3 }
        return sum
    }
}

extension RawSpan {
    func loadLittleEndian32(at offset: Int) -> UInt32 { loadBigEndian32(at: offset).byteSwapped }

    func loadLittleEndian16(at offset: Int) -> UInt16 { UInt16(byte(at: offset)) | UInt16(byte(at: offset + 1)) << 8 }
}

extension ByteBuffer {
    mutating func append(littleEndian value: UInt32) { append(bigEndian: value.byteSwapped) }

    mutating func append(littleEndian value: UInt16) {
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func appendBoltHeader(id: UInt64, flags: UInt16, count: Int, overflow: Int = 0) {
        append(littleEndian: id)
        append(littleEndian: flags)
        append(littleEndian: UInt16(count))
        append(littleEndian: UInt32(overflow))
    }
}
