/// Two numbers in 16 lower-case hexadecimal digits each with a dash between: the names of segments and .snap files.
private func hex16(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

func hexPair(_ a: UInt64, _ b: UInt64) -> String { hex16(a) + "-" + hex16(b) }

func parseHexPair(_ name: String, suffix: String) -> (UInt64, UInt64)? {
    let text = Array(name.utf8)
    guard text.count == 33 + suffix.utf8.count, text[16] == UInt8(ascii: "-"), text[33...].elementsEqual(suffix.utf8) else { return nil }
    func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
    guard let first = number(text[..<16]), let second = number(text[17..<33]) else { return nil }
    return (first, second)
}
