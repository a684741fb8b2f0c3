import Base

extension ByteBuffer {
    /// Field 1 of every response. Without a stamp, as inside a transaction's response, only the revision is given; always
    /// written, even if empty.
    @inline(__always)
    package mutating func appendResponseHeader(_ stamp: ResponseStamp?, revision: Int64) {
        reserve(2 + 44)
        append(0x0A)
        let start = count
        append(0)
        if let stamp {
            appendNumber(0x08, stamp.clusterID.rawValue)
            appendNumber(0x10, stamp.memberID.rawValue)
        }
        appendNumber(0x18, UInt64(bitPattern: revision))
        if let stamp { appendNumber(0x20, stamp.raftTerm.rawValue) }
        overwrite(UInt8(count - start - 1), at: start)
    }

    /// A varint field; left out when zero.
    @inline(__always)
    mutating func appendNumber(_ tag: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        append(tag)
        append(varint: value)
    }

    /// A length-delimited field, also when empty.
    @inline(__always)
    mutating func appendField(_ tag: UInt8, _ bytes: RawSpan) {
        reserve(11 + bytes.byteCount)
        append(tag)
        append(varint: UInt64(bytes.byteCount))
        append(bytes)
    }

    /// The field `tag` holding the message that `body` appends.
    @inline(__always)
    mutating func appendMessage<E: Error>(_ tag: UInt8, _ body: (inout ByteBuffer) throws(E) -> Void) throws(E) {
        append(tag)
        let start = count
        try body(&self)
        insert(varint: UInt64(count - start), at: start)
    }
}
