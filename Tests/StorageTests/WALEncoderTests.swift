import Base
import Storage
import Testing

@Suite struct WALEncoderTests {
    /// The first records of a log that etcd 3.5.1 wrote for a new member.
    static let recorded: [UInt8] = {
        let text = """
            0400000000000084080410000000000 01d00000000000083 0801108d9cf9161a 1408c0c0caafc1ba96892e1087d5edba
            8fd59dc1040000000e000000000000820805 1087 8cc58d0d1a0408001000 0000
            """.filter { $0.isHexDigit }
        return stride(from: 0, to: text.count, by: 2).map { position in
            let start = text.index(text.startIndex, offsetBy: position)
            return UInt8(text[start..<text.index(start, offsetBy: 2)], radix: 16)!
        }
    }()

    @Test func `the header of a new log has the bytes that etcd writes`() {
        var encoder = WALEncoder()
        var buffer = ByteBuffer()
        encoder.appendChecksum(to: &buffer)
        let metadata = WALMetadata(memberID: MemberID(0x2e12_59d4_15f2_a040), clusterID: ClusterID(0x0482_76a8_f75b_6a87))
        encoder.append(.metadata, data: WALEncoder.message(metadata).span, to: &buffer)
        encoder.append(WALSnapshot(), to: &buffer)
        let bytes = buffer.span.array
        #expect(bytes == Self.recorded)
    }
}
