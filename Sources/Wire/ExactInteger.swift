/// A JSON number that is a whole number of at most 64 bits, however it is written: 12, 1.2e1, 120e-1.
struct ExactInteger {
    let isNegative: Bool
    let magnitude: UInt64

    init?(_ text: [UInt8]) {
        var index = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { index = 1 }

        var digits: [UInt8] = []
        let wholeStart = index
        ExactInteger.takeDigits(text, &index, into: &digits)
        let wholeCount = index - wholeStart
        guard wholeCount > 0, wholeCount == 1 || text[wholeStart] != UInt8(ascii: "0") else { return nil }

        var exponent = 0
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index += 1
            let start = index
            ExactInteger.takeDigits(text, &index, into: &digits)
            guard index > start else { return nil }
            exponent = start - index
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            guard let written = ExactInteger.exponent(text, &index) else { return nil }
            exponent += written
        }
        guard index == text.count, let magnitude = ExactInteger.scaled(digits, by: exponent) else { return nil }
        self.isNegative = isNegative && magnitude != 0
        self.magnitude = magnitude
    }

    private static func takeDigits(_ text: [UInt8], _ index: inout Int, into digits: inout [UInt8]) {
        while index < text.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[index] {
            digits.append(text[index] - UInt8(ascii: "0"))
            index += 1
        }
    }

    private static func exponent(_ text: [UInt8], _ index: inout Int) -> Int? {
        let isNegative = index < text.count && text[index] == UInt8(ascii: "-")
        if index < text.count, isNegative || text[index] == UInt8(ascii: "+") { index += 1 }
        var digits: [UInt8] = []
        takeDigits(text, &index, into: &digits)
        guard !digits.isEmpty else { return nil }
        // Beyond this the number is zero or too large, whatever its digits.
        let value = digits.reduce(0) { min($0 * 10 + Int($1), 1 << 40) }
        return isNegative ? -value : value
    }

    /// `digits` × 10^exponent, if that is whole and fits.
    private static func scaled(_ digits: [UInt8], by exponent: Int) -> UInt64? {
        var digits = digits[...]
        var exponent = exponent
        while let first = digits.first, first == 0 { digits.removeFirst() }
        guard !digits.isEmpty else { return 0 }
        while exponent < 0, digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard exponent >= 0, digits.count + exponent <= 20 else { return nil }
        var value: UInt64 = 0
        for digit in digits + repeatElement(0, count: exponent) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }
}
