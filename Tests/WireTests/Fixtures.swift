import Glibc

/// fixtures.tsv, which make_fixtures.py writes with Python's protobuf.
extension Fixture {
    static let all: [Fixture] = {
        let folder = #filePath.prefix(upTo: #filePath.lastIndex(of: "/")!)
        guard let file = unsafe fopen(folder + "/fixtures.tsv", "rb") else { fatalError("no fixtures.tsv") }
        defer { unsafe fclose(file) }
        var text: [UInt8] = []
        while case let byte = unsafe fgetc(file), byte != EOF { text.append(UInt8(truncatingIfNeeded: byte)) }
        return text.split(separator: UInt8(ascii: "\n")).filter { $0.first != UInt8(ascii: "#") }.map { line in
            let parts = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
            return Fixture(type: MessageType.byName[parts[0]]!, bytes: hexBytes(parts[1]), json: parts[2])
        }
    }()
}

/// Bytes from hexadecimal; blanks are skipped.
func hexBytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    precondition(digits.count % 2 == 0)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
