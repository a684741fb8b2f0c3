import Base
import Testing

@Suite struct ByteBufferTests {
    @Test func `a varint takes as many bytes as its size says and the buffer freezes without loss`() {
        for value: UInt64 in [0, 1, 127, 128, 300, 16383, 16384, 1 << 32, .max] {
            var buffer = ByteBuffer()
            buffer.append(varint: value)
            let size = buffer.count
            #expect(size == varintSize(value))
            let block = buffer.freeze()
            let isEmpty = buffer.isEmpty
            #expect(isEmpty)
            var decoded: UInt64 = 0
            for (position, byte) in Bytes(block).array.enumerated() { decoded |= UInt64(byte & 0x7F) << (7 * UInt64(position)) }
            #expect(decoded == value)
        }
    }

    @Test func `the processor's CRC equals the table's at every length and when continued`() {
        var random = RandomSource(seed: 1)
        let bytes = (0..<257).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        for count in 0...257 {
            let part = Bytes(Array(bytes[..<count]))
            #expect(CRC32C.checksum(part.span) == CRC32C.checksumByTable(part.span))
            let head = CRC32C.checksum(part.slice(0, count: count / 3).span)
            #expect(CRC32C.checksum(continuing: head, part.slice(count / 3, count: count - count / 3).span) == CRC32C.checksum(part.span))
        }
        #expect(CRC32C.checksum(Bytes("123456789").span) == 0xE306_9283)
        #expect(CRC32C.checksum(Bytes("key").span) == 1_084_519_789)
    }

    @Test func `bytes compare as memory does, a prefix first`() {
        #expect(Bytes("a") < Bytes("ab"))
        #expect(Bytes([0x80]) > Bytes([0x7F, 0xFF]))
        #expect(Bytes("abc").slice(1, count: 1) == Bytes("b"))
        #expect(Bytes() == Bytes(""))
    }
}
