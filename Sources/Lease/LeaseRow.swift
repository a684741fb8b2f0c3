import Base
import Wire

/// A lease as bucket `lease` stores it: key BE64 id, value leasepb.Lease (formats.md §4.2).
///
/// The id is any number but 0: clients of older releases chose negative ones, and those must come back after a restart too
/// (etcd #14239). Unsigned big-endian order then puts them last, which nothing depends on.
package struct LeaseRow: Equatable, Sendable {
    package var id: LeaseID
    /// The granted TTL, seconds.
    package var ttl: Int64
    /// Seconds left as of the last checkpoint; 0: none was made.
    package var remainingTTL: Int64

    package init(id: LeaseID, ttl: Int64, remainingTTL: Int64 = 0) {
        self.id = id
        self.ttl = ttl
        self.remainingTTL = remainingTTL
    }

    package init(key: RawSpan, value: RawSpan) throws(LeaseError) {
        let hex = key.array.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        guard key.byteCount == 8 else { throw .damagedRow(key: hex, reason: "a lease's key has 8 bytes, not \(key.byteCount)") }
        let message: Leasepb.Lease
        do { message = try Leasepb.Lease(decoding: value) } catch {
            throw .damagedRow(key: hex, reason: "the value is not a leasepb.Lease (\(error))")
        }
        let id = Int64(bitPattern: key.loadBigEndian64(at: 0))
        guard id == message.id, id != 0 else {
            throw .damagedRow(key: hex, reason: "the value names lease \(message.id)")
        }
        self.init(id: LeaseID(id), ttl: message.ttl, remainingTTL: message.remainingTTL)
    }

    /// The row's key of a lease.
    package static func key(_ id: LeaseID) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: id.rawValue >> (56 - 8 * $0)) }
    }

    package var value: [UInt8] {
        var message = Leasepb.Lease()
        message.id = id.rawValue
        message.ttl = ttl
        message.remainingTTL = remainingTTL
        var buffer = ByteBuffer(capacity: message.encodedSize)
        message.encode(into: &buffer)
        return buffer.span.array
    }
}
