import Base

/// Writes log records in etcd's frame into a buffer, carrying the running checksum (formats.md §2.1, §2.2).
///
/// ```
/// byte 0      8                                        8 + n      8 + n + pad (a multiple of 8)
///      LE64 n | 08 type 10 crc… [1a length… data…]     | zeros
///      top byte of n: 0, or 0x80 + pad when pad > 0
/// ```
/// Decides nothing but bytes; when and where they are written, and that a failed write ends the log, is the writer's.
/// Owned by whoever owns the log's tail.
package struct WALEncoder: Sendable {
    /// CRC-32C over the data of all records so far.
    package private(set) var sum: UInt32

    package init(continuing sum: UInt32 = 0) { self.sum = sum }

    /// A type-2 record. The hot path: one pass to copy the data in, one to sum it, no object in between.
    package mutating func append(term: Term, index: LogIndex, kind: WALEntryKind, data: RawSpan, to buffer: inout ByteBuffer) {
        let count = data.byteCount
        let dataField = count == 0 ? 0 : 1 + varintSize(UInt64(count)) + count
        let entrySize = 4 + varintSize(term.rawValue) + varintSize(index.rawValue) + dataField
        unsafe record(.entry, dataSize: entrySize, to: &buffer) { bytes in
            var at = 0
            unsafe bytes.storeBytes(of: 0x08, toByteOffset: 0, as: UInt8.self)
            unsafe bytes.storeBytes(of: kind.rawValue, toByteOffset: 1, as: UInt8.self)
            unsafe bytes.storeBytes(of: 0x10, toByteOffset: 2, as: UInt8.self)
            at = unsafe store(varint: term.rawValue, at: 3, bytes)
            unsafe bytes.storeBytes(of: 0x18, toByteOffset: at, as: UInt8.self)
            at = unsafe store(varint: index.rawValue, at: at + 1, bytes)
            guard count > 0 else { return }
            unsafe bytes.storeBytes(of: 0x22, toByteOffset: at, as: UInt8.self)
            at = unsafe store(varint: UInt64(count), at: at + 1, bytes)
            unsafe data.withUnsafeBytes { source in
                unsafe (bytes + at).copyMemory(from: source.baseAddress.unsafelyUnwrapped, byteCount: count)
            }
        }
    }

    package mutating func append(_ entries: [WALEntry], to buffer: inout ByteBuffer) {
        for entry in entries { append(term: entry.term, index: entry.index, kind: entry.kind, data: entry.data.span, to: &buffer) }
    }

    /// A type-3 record; nothing for an empty state.
    package mutating func append(_ state: WALHardState, to buffer: inout ByteBuffer) {
        guard !state.isEmpty else { return }
        append(.state, data: Self.message([state.term.rawValue, state.vote.rawValue, state.commit.rawValue]).span, to: &buffer)
    }

    /// The data of a type-1 record: etcdserverpb.Metadata.
    package static func message(_ metadata: WALMetadata) -> Bytes {
        message([metadata.memberID.rawValue, metadata.clusterID.rawValue])
    }

    /// A message of varint fields numbered from 1, zeros written too.
    private static func message(_ values: [UInt64]) -> Bytes {
        var message = ByteBuffer(capacity: 33)
        for (position, value) in values.enumerated() {
            message.append(UInt8((position + 1) << 3))
            message.append(varint: value)
        }
        return Bytes(message.freeze())
    }

    /// A type-5 record.
    package mutating func append(_ snapshot: WALSnapshot, to buffer: inout ByteBuffer) {
        var message = ByteBuffer()
        message.append(0x08)
        message.append(varint: snapshot.index.rawValue)
        message.append(0x10)
        message.append(varint: snapshot.term.rawValue)
        if let configuration = snapshot.configuration {
            message.append(0x1A)
            message.append(varint: UInt64(configuration.encodedSize))
            configuration.encode(into: &message)
        }
        append(.snapshot, data: message.span, to: &buffer)
    }

    /// A type-4 record: opens a segment with the sum so far.
    package mutating func appendChecksum(to buffer: inout ByteBuffer) {
        let size = 3 + varintSize(UInt64(sum))
        let pad = -size & 7
        buffer.append(littleEndian: Self.lengthField(size, pad: pad))
        buffer.append(0x08)
        buffer.append(WALRecordType.checksum.rawValue)
        buffer.append(0x10)
        buffer.append(varint: UInt64(sum))
        buffer.append(zeros: pad)
    }

    /// A record of any type with ready data.
    package mutating func append(_ type: WALRecordType, data: RawSpan, to buffer: inout ByteBuffer) {
        unsafe record(type, dataSize: data.byteCount, to: &buffer) { bytes in
            unsafe data.withUnsafeBytes { source in
                guard let start = source.baseAddress, source.count > 0 else { return }
                unsafe bytes.copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    /// Frames a record whose data `fill` writes, `dataSize` bytes. The checksum precedes the data and is itself of varying
    /// length, so the data is first written where it belongs if the checksum takes five bytes (15 times of 16) and moved down
    /// if not.
    @inline(__always)
    private mutating func record(
        _ type: WALRecordType, dataSize: Int, to buffer: inout ByteBuffer, _ fill: (UnsafeMutableRawPointer) -> Void
    ) {
        let lengthSize = varintSize(UInt64(dataSize))
        let previous = sum
        var after = previous
        unsafe buffer.appendUninitialized(8 + 2 + 6 + 1 + lengthSize + dataSize + 7) { room in
            let base = unsafe room.baseAddress.unsafelyUnwrapped
            let expected = 8 + 2 + 6 + 1 + lengthSize
            unsafe fill(base + expected)
            let data = unsafe RawSpan(_unsafeStart: base + expected, byteCount: dataSize)
            after = CRC32C.checksum(continuing: previous, data)
            let start = 8 + 2 + 1 + varintSize(UInt64(after)) + 1 + lengthSize
            if start != expected { unsafe (base + start).copyMemory(from: base + expected, byteCount: dataSize) }
            unsafe base.storeBytes(of: 0x08, toByteOffset: 8, as: UInt8.self)
            unsafe base.storeBytes(of: type.rawValue, toByteOffset: 9, as: UInt8.self)
            unsafe base.storeBytes(of: 0x10, toByteOffset: 10, as: UInt8.self)
            var at = unsafe store(varint: UInt64(after), at: 11, base)
            unsafe base.storeBytes(of: 0x1A, toByteOffset: at, as: UInt8.self)
            at = unsafe store(varint: UInt64(dataSize), at: at + 1, base)
            let end = at + dataSize
            let pad = -(end - 8) & 7
            // Seven zeros always fit; those beyond the padding are overwritten by the next record.
            unsafe base.storeBytes(of: 0, toByteOffset: end, as: UInt32.self)
            unsafe base.storeBytes(of: 0, toByteOffset: end + 3, as: UInt32.self)
            unsafe base.storeBytes(of: Self.lengthField(end - 8, pad: pad).littleEndian, as: UInt64.self)
            return end + pad
        }
        sum = after
    }

    private static func lengthField(_ size: Int, pad: Int) -> UInt64 {
        let flag: UInt64 = pad == 0 ? 0 : UInt64(0x80 | pad) << 56
        return UInt64(size) | flag
    }
}

/// Writes a base-128 varint at `offset` and returns the offset behind it. Requires ten bytes of room.
@inline(__always)
private func store(varint value: UInt64, at offset: Int, _ base: UnsafeMutableRawPointer) -> Int {
    var rest = value
    var at = offset
    while rest >= 0x80 {
        unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: at, as: UInt8.self)
        at &+= 1
        rest >>= 7
    }
    unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: at, as: UInt8.self)
    return at &+ 1
}
