import Base

/// One field of a protobuf message, read strictly: the log's messages come from etcd's own encoder, and their type bytes are
/// covered by no checksum, so anything that encoder can't have written is taken for damage.
struct ProtobufField {
    enum Wire { case varint, bytes }

    var number: Int
    var wire: Wire
    /// Of a varint field.
    var value: UInt64
    /// Of a bytes field: where its content lies in the span read.
    var range: ByteRange

    /// The field at `position`, which moves behind it; nil when there is none that lies wholly inside `end`.
    @inline(__always)
    static func next(in span: RawSpan, at position: inout Int, end: Int) -> ProtobufField? {
        guard let tag = varint(in: span, at: &position, end: end), tag >> 3 >= 1, tag >> 3 <= 1 << 28 else { return nil }
        let number = Int(tag >> 3)
        switch tag & 7 {
        case 0:
            guard let value = varint(in: span, at: &position, end: end) else { return nil }
            return ProtobufField(number: number, wire: .varint, value: value, range: ByteRange())
        case 2:
            guard let length = varint(in: span, at: &position, end: end), length <= UInt64(end - position) else { return nil }
            let range = ByteRange(offset: position, count: Int(length))
            position += Int(length)
            return ProtobufField(number: number, wire: .bytes, value: 0, range: range)
        default: return nil
        }
    }

    static func next(in span: RawSpan, at position: inout Int) -> ProtobufField? { next(in: span, at: &position, end: span.byteCount) }

    @inline(__always)
    static func varint(in span: RawSpan, at position: inout Int, end: Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = span.byte(at: position)
            position += 1
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { return nil }
        }
        return nil
    }

    /// A message whose fields 1…3 are varints, each at most once and ascending; nil for any other bytes. Absent ones are 0.
    static func scalars(in span: RawSpan, fields: Int) -> (UInt64, UInt64, UInt64)? {
        var values: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var position = 0
        var previous = 0
        while position < span.byteCount {
            guard let field = next(in: span, at: &position), field.wire == .varint, field.number > previous, field.number <= fields
            else { return nil }
            previous = field.number
            switch field.number {
            case 1: values.0 = field.value
            case 2: values.1 = field.value
            default: values.2 = field.value
            }
        }
        return values
    }
}
