import Base

extension ChangeSet {
    /// Appends a row for a put. Returns where it and its key stand.
    mutating func appendRow(
        key: RawSpan, value: RawSpan, create: Int64, mod: Int64, version: Int64, lease: LeaseID
    ) -> (kv: ByteRange, key: ByteRange) {
        let start = bytes.count
        bytes.reserve(key.byteCount + value.byteCount + 60)
        bytes.appendField(0x0A, key)
        let keyRange = ByteRange(offset: bytes.count - key.byteCount, count: key.byteCount)
        bytes.appendNumber(0x10, UInt64(bitPattern: create))
        bytes.appendNumber(0x18, UInt64(bitPattern: mod))
        bytes.appendNumber(0x20, UInt64(bitPattern: version))
        if !value.isEmpty { bytes.appendField(0x2A, value) }
        bytes.appendNumber(0x30, UInt64(bitPattern: lease.rawValue))
        return (ByteRange(offset: start, count: bytes.count - start), keyRange)
    }

    /// Appends the row of a tombstone.
    mutating func appendTombstone(key: RawSpan) -> (kv: ByteRange, key: ByteRange) {
        let start = bytes.count
        bytes.appendField(0x0A, key)
        return (
            ByteRange(offset: start, count: bytes.count - start), ByteRange(offset: bytes.count - key.byteCount, count: key.byteCount)
        )
    }
}
