import Base

/// Reads the frames of one segment and tells apart clean end, interrupted write and damage (formats.md §2.1, §2.2, §2.6).
///
/// It sees the segment through windows that the caller reads, each beginning at `offset`, so that memory stays bounded by the
/// window and the longest record. Content is `WALRecovery`'s matter; this type knows frames and the checksum only.
///
/// An interrupted write (kill, power loss) loses whole 512-byte sectors, which then read as zeros, or cuts the file short. The
/// frames are aligned to 8 bytes, so a length field is in one sector and is there whole or not at all. From this follow two
/// refusals where etcd would cut the log: a record that is intact behind a wrong length field, and a zero length field whose
/// sector goes on with data. Both are proof of damage to what was once written, and cutting would lose good entries.
package struct WALDecoder: Sendable {
    package enum Step: Sendable {
        /// The record's data lies in the window at `data`; `offset` has moved behind it.
        case record(WALRecordType, data: ByteRange)
        /// The window must hold at least so many bytes from `offset` on.
        case needs(Int)
        case end
        case torn(WALError.Tear)
    }

    /// Where the next frame begins in the file.
    package private(set) var offset = 0
    /// The running checksum.
    package private(set) var sum: UInt32
    private let fileSize: Int
    private let recordBytesMax: Int
    private static let sectorBytes = 512

    package init(fileSize: Int, continuing sum: UInt32, recordBytesMax: Int) {
        self.fileSize = fileSize
        self.sum = sum
        self.recordBytesMax = recordBytesMax
    }

    /// The next record. `window` holds the file's bytes from `windowStart` ≤ `offset` on, as many as were read.
    package mutating func next(in window: RawSpan, startingAt windowStart: Int) throws(WALError.Damage) -> Step {
        precondition(windowStart >= 0 && windowStart <= offset)
        let left = fileSize - offset
        guard left > 0 else { return .end }
        guard left >= 8 else { return .torn(.lengthField) }
        let at = offset - windowStart
        // A zero length field is judged with the rest of its sector.
        let sectorRest = Swift.min(Self.sectorBytes - offset % Self.sectorBytes, left)
        guard window.byteCount - at >= sectorRest else { return .needs(sectorRest) }
        let field = window.loadLittleEndian64(at: at)
        if field == 0 {
            guard window.isZero(from: at, count: sectorRest) else { throw .zeroLengthBeforeData }
            return .end
        }
        let length = Int(field & 0x00FF_FFFF_FFFF_FFFF)
        let pad = field >> 63 == 1 ? Int(field >> 56) & 7 : 0
        if length > left - 8 - pad { return try damaged(field, in: window, at: at, left: left, otherwise: .torn(.record(length))) }
        guard length <= recordBytesMax else {
            return try damaged(field, in: window, at: at, left: left, otherwise: .refused(.recordTooLong(length)))
        }
        guard window.byteCount - at >= 8 + length + pad else { return .needs(8 + length + pad) }
        return try record(field, in: window, at: at, length: length, pad: pad, left: left)
    }

    @inline(__always)
    private mutating func record(
        _ field: UInt64, in window: RawSpan, at: Int, length: Int, pad: Int, left: Int
    ) throws(WALError.Damage) -> Step {
        let start = at + 8
        guard let record = Record(in: window, at: start, end: start + length) else {
            return try damaged(field, in: window, at: at, left: left, otherwise: tornOr(.notARecord, in: window, at: start, size: length + pad))
        }
        let isCanonical = field == Self.lengthField(length)
        let data = record.data ?? ByteRange(offset: start, count: 0)
        if record.type == UInt64(WALRecordType.checksum.rawValue) {
            guard isCanonical else { throw .lengthField(field) }
            guard record.data == nil else { throw .badContent(.checksum) }
            guard sum == 0 || sum == record.sum else { throw .segmentChecksum(stored: record.sum, computed: sum) }
            sum = record.sum
            offset += 8 + length + pad
            return .record(.checksum, data: data)
        }
        let computed = CRC32C.checksum(continuing: sum, window.subscripted(data))
        #if PLANTED_BUGS
            if PlantedBug.isActive(.tornTailAccepted), computed != record.sum,
                let type = WALRecordType(rawValue: UInt8(truncatingIfNeeded: record.type))
            {
                sum = computed
                offset += 8 + length + pad
                return .record(type, data: data)
            }
        #endif
        guard computed == record.sum else {
            let damage = WALError.Damage.checksum(stored: record.sum, computed: computed)
            return try damaged(field, in: window, at: at, left: left, otherwise: tornOr(damage, in: window, at: start, size: length + pad))
        }
        guard isCanonical else { throw .lengthField(field) }
        guard record.type <= 255, let type = WALRecordType(rawValue: UInt8(record.type)) else { throw .unknownType(record.type) }
        sum = computed
        offset += 8 + length + pad
        return .record(type, data: data)
    }

    /// The length field of a record of `size` bytes.
    private static func lengthField(_ size: Int) -> UInt64 {
        UInt64(size) | (size & 7 == 0 ? 0 : 0x80 | UInt64(-size & 7)) << 56
    }

    private enum Verdict {
        case torn(WALError.Tear)
        case refused(WALError.Damage)
    }

    /// An interrupted write when a sector of the record is zero, otherwise `damage`.
    private func tornOr(_ damage: WALError.Damage, in window: RawSpan, at start: Int, size: Int) -> Verdict {
        var piece = start
        var position = offset + 8
        let end = start + size
        while piece < end {
            let count = Swift.min(Self.sectorBytes - position % Self.sectorBytes, end - piece)
            if window.isZero(from: piece, count: count) { return .torn(.zeroSector) }
            piece += count
            position += count
        }
        return .refused(damage)
    }

    /// The verdict on a frame that is not right, unless an undamaged record begins behind its length field, going by the lengths
    /// inside the record: then it is the length field that was damaged.
    private func damaged(
        _ field: UInt64, in window: RawSpan, at: Int, left: Int, otherwise verdict: Verdict
    ) throws(WALError.Damage) -> Step {
        // type, crc, tag and length of data take at most 32 bytes.
        let headReach = Swift.min(left, 8 + 32)
        guard window.byteCount - at >= headReach else { return .needs(headReach) }
        if let (stored, dataStart, count) = recordHead(in: window, at: at + 8, end: at + headReach),
            count <= recordBytesMax, dataStart - at + count <= left
        {
            guard window.byteCount - dataStart >= count else { return .needs(dataStart - at + count) }
            let data = window._extracting(unchecked: dataStart, count: count)
            // Where only padding is cut off, the length is right.
            let size = dataStart - at - 8 + count
            if field != Self.lengthField(size), CRC32C.checksum(continuing: sum, data) == stored { throw .lengthField(field) }
        }
        switch verdict {
        case .torn(let tear): return .torn(tear)
        case .refused(let damage): throw damage
        }
    }

    /// Checksum, begin and size of the data of the record at `start`; nil when none begins there.
    private func recordHead(in window: RawSpan, at start: Int, end: Int) -> (sum: UInt32, dataStart: Int, count: Int)? {
        var position = start
        guard let type = ProtobufField.next(in: window, at: &position, end: end), type.number == 1, type.wire == .varint,
            let stored = ProtobufField.next(in: window, at: &position, end: end), stored.number == 2, stored.wire == .varint,
            let value = UInt32(exactly: stored.value),
            ProtobufField.varint(in: window, at: &position, end: end) == 0x1A,
            let count = ProtobufField.varint(in: window, at: &position, end: end), count <= UInt64(Int.max / 2)
        else { return nil }
        return (value, position, Int(count))
    }

    /// walpb.Record, its fields in the order in which they are written.
    private struct Record {
        var type: UInt64 = 0
        var sum: UInt32 = 0
        var data: ByteRange?

        @inline(__always)
        init?(in window: RawSpan, at start: Int, end: Int) {
            var position = start
            var previous = 0
            while position < end {
                guard let field = ProtobufField.next(in: window, at: &position, end: end), field.number > previous else { return nil }
                previous = field.number
                switch (field.number, field.wire) {
                case (1, .varint): type = field.value
                case (2, .varint):
                    guard let value = UInt32(exactly: field.value) else { return nil }
                    sum = value
                case (3, .bytes): data = field.range
                default: return nil
                }
            }
        }
    }
}

extension RawSpan {
    /// Whether all `count` bytes from `start` are zero.
    func isZero(from start: Int, count: Int) -> Bool {
        for position in start..<start + count where byte(at: position) != 0 { return false }
        return true
    }
}
