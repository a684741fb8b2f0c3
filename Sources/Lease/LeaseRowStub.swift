/// Until the generated leasepb messages are there.
import Base
enum Leasepb {
    struct WireStubError: Error {}
    struct Lease {
        var id: Int64 = 0, ttl: Int64 = 0, remainingTTL: Int64 = 0
        init() {}
        init(decoding span: RawSpan) throws(WireStubError) {
            var at = 0
            func varint(_ at: inout Int) throws(WireStubError) -> UInt64 {
                var value: UInt64 = 0, shift: UInt64 = 0
                while at < span.byteCount, shift < 64 {
                    let b = span.byte(at: at); at += 1
                    value |= UInt64(b & 0x7F) << shift
                    if b < 0x80 { return value }
                    shift += 7
                }
                throw WireStubError()
            }
            while at < span.byteCount {
                let tag = try varint(&at)
                let value = Int64(bitPattern: try varint(&at))
                switch tag { case 8: id = value; case 16: ttl = value; case 24: remainingTTL = value; default: throw WireStubError() }
            }
        }
        var encodedSize: Int { 30 }
        func encode(into b: inout ByteBuffer) {
            for (tag, v) in [(8, id), (16, ttl), (24, remainingTTL)] as [(UInt64, Int64)] where v != 0 { b.append(varint: tag); b.append(varint: UInt64(bitPattern: v)) }
        }
    }
}
