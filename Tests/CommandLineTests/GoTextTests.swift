import CommandLine
import Testing

@Suite struct GoTextTests {
    @Test(arguments: [
        (Array("plain".utf8), #""plain""#), (Array("a\"b\\\t\n".utf8), #""a\"b\\\t\n""#), ([0x78, 0x01, 0xFF, 0x79], #""x\x01\xffy""#),
        (Array("é\u{200B}\u{1F600}".utf8), "\"é\\u200b\u{1F600}\""), ([0xE2, 0x82], #""\xe2\x82""#), ([0x7F, 0], #""\x7f\x00""#), ([], #""""#),
        (Array("\r\n".utf8), #""\r\n""#),
    ])
    func `bytes are quoted as Go's %q does`(bytes: [UInt8], text: String) { #expect(GoText.quote(bytes) == text) }

    @Test(arguments: [
        (0, "0 B"), (9, "9 B"), (10, "10 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (20480, "20 kB"), (4_100_000, "4.1 MB"),
        (77_824, "78 kB"), (1_000_000_000, "1.0 GB"),
    ])
    func `sizes are told as etcdctl tells them`(bytes: UInt64, text: String) { #expect(GoText.size(bytes) == text) }

    @Test func `numbers that are none are refused in Go's words`() {
        #expect(throws: GoTextError(description: "strconv.ParseInt: parsing \"zz\": invalid syntax")) { try GoText.int("zz", radix: 16) }
        #expect(throws: GoTextError(description: "strconv.ParseInt: parsing \"99999999999999999999\": value out of range")) {
            try GoText.int("99999999999999999999", radix: 10)
        }
        #expect(throws: GoTextError(description: "strconv.ParseUint: parsing \"-1\": invalid syntax")) { try GoText.uint("-1", radix: 16) }
        #expect(throws: GoTextError(description: "time: missing unit in duration \"5\"")) { try GoText.duration("5") }
        #expect(throws: GoTextError(description: "time: unknown unit \"x\" in duration \"1x\"")) { try GoText.duration("1x") }
    }

    @Test func `numbers are read in their radix`() throws {
        #expect(try GoText.int("-ff", radix: 16) == -255)
        #expect(try GoText.int("-8000000000000000", radix: 16) == .min)
        #expect(try GoText.uint("ffffffffffffffff", radix: 16) == .max)
        #expect(try GoText.int("0x10") == 16)
    }

    @Test(arguments: [(0.5, 2, "0.50"), (46.137, 2, "46.14"), (0.030141, 6, "0.030141"), (100, 2, "100.00"), (1.005, 0, "1"), (-0.5, 1, "-0.5")])
    func `fractions have the digits asked for`(value: Double, digits: Int, text: String) { #expect(GoText.fixed(value, digits) == text) }
}
