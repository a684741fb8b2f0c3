import Base

/// Why a text is no number, in the words of Go's strconv and time packages.
package struct GoTextError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Texts as Go programs read and print them, so that messages and output are the same to the letter.
package enum GoText {
    // MARK: Reading

    package static func bool(_ text: String) throws(GoTextError) -> Bool {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw failure("ParseBool", text, "invalid syntax")
        }
    }

    /// Decimal, or as a prefix (0x, 0o, 0, 0b) says; in `radix` if one is given.
    package static func int(_ text: String, radix: Int? = nil) throws(GoTextError) -> Int64 {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard let magnitude = try magnitude(digits, radix, "ParseInt", text) else { throw failure("ParseInt", text, "value out of range") }
        if isNegative, magnitude <= 1 << 63 { return Int64(truncatingIfNeeded: 0 &- magnitude) }
        guard !isNegative, let value = Int64(exactly: magnitude) else { throw failure("ParseInt", text, "value out of range") }
        return value
    }

    package static func uint(_ text: String, radix: Int? = nil) throws(GoTextError) -> UInt64 {
        guard let value = try magnitude(text, radix, "ParseUint", text) else { throw failure("ParseUint", text, "value out of range") }
        return value
    }

    /// Nil when the number is too large.
    private static func magnitude(_ digits: String, _ radix: Int?, _ function: String, _ text: String) throws(GoTextError) -> UInt64? {
        let plain: (String, Int)
        if let radix {
            plain = (digits, radix)
        } else if let value = GoInteger.unsigned(digits) {
            return value
        } else {
            plain = (digits, 10)
        }
        guard !plain.0.isEmpty, plain.0.allSatisfy({ ($0.hexDigitValue ?? 99) < plain.1 }) else {
            throw failure(function, text, "invalid syntax")
        }
        return UInt64(plain.0, radix: plain.1)
    }

    package static func duration(_ text: String) throws(GoTextError) -> Interval {
        if let value = Interval(text: text) { return value }
        let quoted = quote(text)
        let number = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let digits = number.prefix { $0.isNumber || $0 == "." }
        if digits.isEmpty { throw GoTextError(description: "time: invalid duration \(quoted)") }
        let unit = number.dropFirst(digits.count).prefix { !$0.isNumber && $0 != "." }
        if unit.isEmpty { throw GoTextError(description: "time: missing unit in duration \(quoted)") }
        if !["ns", "us", "µs", "μs", "ms", "s", "m", "h"].contains(String(unit)) {
            throw GoTextError(description: "time: unknown unit \(quote(String(unit))) in duration \(quoted)")
        }
        throw GoTextError(description: "time: invalid duration \(quoted)")
    }

    private static func failure(_ function: String, _ text: String, _ reason: String) -> GoTextError {
        GoTextError(description: "strconv.\(function): parsing \(quote(text)): \(reason)")
    }

    // MARK: Printing

    package static func quote(_ text: String) -> String { quote(Array(text.utf8)) }

    /// As `%q` prints bytes: printable characters as they are, the rest escaped.
    package static func quote(_ bytes: [UInt8]) -> String {
        var out = "\""
        var decoder = UTF8()
        var position = 0
        while position < bytes.count {
            let length = sequenceLength(bytes, position)
            guard length > 0 else {
                out += hexEscape(bytes[position])
                position += 1
                continue
            }
            var iterator = bytes[position..<(position + length)].makeIterator()
            if case .scalarValue(let scalar) = decoder.decode(&iterator) { out += escaped(scalar) }
            decoder = UTF8()
            position += length
        }
        return out + "\""
    }

    /// Bytes of the well-formed character at `position`; 0 when there is none.
    private static func sequenceLength(_ bytes: [UInt8], _ position: Int) -> Int {
        let first = bytes[position]
        let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
        guard length > 0, position + length <= bytes.count else { return 0 }
        return String(validating: bytes[position..<(position + length)], as: UTF8.self) == nil ? 0 : length
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\u{7}": return "\\a"
        case "\u{8}": return "\\b"
        case "\u{C}": return "\\f"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{B}": return "\\v"
        default: break
        }
        if isPrintable(scalar) { return String(scalar) }
        if scalar.value < 0x80 { return hexEscape(UInt8(scalar.value)) }
        return scalar.value < 0x10000 ? "\\u" + hex(UInt64(scalar.value), width: 4) : "\\U" + hex(UInt64(scalar.value), width: 8)
    }

    /// Go: letters, marks, numbers, punctuation, symbols, and the ASCII space.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }

    private static func hexEscape(_ byte: UInt8) -> String { "\\x" + hex(UInt64(byte), width: 2) }

    /// As `%0*x` prints it.
    package static func hex(_ value: UInt64, width: Int = 1) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// As `--hex` prints keys and values: \x66\x6f\x6f.
    package static func hexBytes(_ bytes: [UInt8]) -> String { bytes.map(hexEscape).joined() }

    /// A size in the words of go-humanize: "25 kB", "4.1 MB".
    package static func size(_ bytes: UInt64) -> String {
        if bytes < 10 { return "\(bytes) B" }
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var scale: UInt64 = 1
        var unit = 0
        while unit < units.count - 1, bytes / scale >= 1000 {
            scale *= 1000
            unit += 1
        }
        let tenths = (Double(bytes) / Double(scale) * 10 + 0.5).rounded(.down) / 10
        return tenths < 10 ? "\(fixed(tenths, 1)) \(units[unit])" : "\(fixed(tenths, 0)) \(units[unit])"
    }

    /// As `%.*f` prints it.
    package static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded(.toNearestOrEven)
        guard scaled < 9e18 else { return "\(value)" }
        let number = UInt64(scaled)
        let sign = value < 0 && number > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(number) }
        let text = String(number)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }
}
