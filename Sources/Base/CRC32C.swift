import CSystem

/// CRC-32C (Castagnoli), the checksum of etcd's WAL and of all its hashes: reflected polynomial 0x82F63B78, initial value and
/// final xor 0xFFFFFFFF. `continuing` a sum over parts equals the sum over the whole.
package enum CRC32C {
    private static let hasInstruction = csystem_has_crc32c() != 0

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? (sum >> 1) ^ 0x82F6_3B78 : sum >> 1 }
    }

    package static func checksum(continuing sum: UInt32 = 0, _ bytes: RawSpan) -> UInt32 {
        guard hasInstruction else { return checksumByTable(continuing: sum, bytes) }
        return unsafe bytes.withUnsafeBytes { raw in
            guard let start = raw.baseAddress else { return sum }
            return unsafe csystem_crc32c_hardware(sum, start.assumingMemoryBound(to: UInt8.self), raw.count)
        }
    }

    /// The same sum without the processor's instruction; for other machines, and to check the fast one.
    package static func checksumByTable(continuing sum: UInt32 = 0, _ bytes: RawSpan) -> UInt32 {
        var rest = ~sum
        for index in 0..<bytes.byteCount {
            rest = table[Int(UInt8(truncatingIfNeeded: rest) ^ bytes.byte(at: index))] ^ (rest >> 8)
        }
        return ~rest
    }
}
