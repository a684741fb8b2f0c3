/// Go's notation of durations, which flags, the JSON of logs and etcd's configuration use: 1h2m3.5s, 100ms, -1.5µs, 0.
extension Interval {
    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ]

    /// Reads one or more numbers with units, and a sign before them. Nil for anything else, or beyond ±292 years.
    package init?(text: String) {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" {
            self = .zero
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = Interval.takePart(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow, sum <= 1 << 63 else { return nil }
            total = sum
        }
        if isNegative {
            self.init(nanoseconds: Int64(truncatingIfNeeded: 0 &- total))
        } else {
            guard let nanoseconds = Int64(exactly: total) else { return nil }
            self.init(nanoseconds: nanoseconds)
        }
    }

    /// One number and its unit, in nanoseconds.
    private static func takePart(_ rest: inout Substring) -> UInt64? {
        let whole = takeDigits(&rest)
        var fraction = Substring()
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = takeDigits(&rest)
        }
        guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
        let name = rest.prefix { !$0.isASCII || $0.isLetter }
        guard let unit = units.first(where: { $0.name == name })?.nanoseconds else { return nil }
        rest = rest.dropFirst(name.count)

        guard let value = whole.isEmpty ? 0 : UInt64(whole) else { return nil }
        let (nanoseconds, overflow) = value.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        // Digits below a nanosecond do not count.
        var scale = unit
        var extra: UInt64 = 0
        for digit in fraction.prefix(18) {
            extra += UInt64(digit.wholeNumberValue ?? 0) * scale / 10
            scale /= 10
        }
        return nanoseconds.addingReportingOverflow(extra).overflow ? nil : nanoseconds + extra
    }

    private static func takeDigits(_ rest: inout Substring) -> Substring {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    /// As Go prints it: the largest units that fit, and the shortest fraction.
    package var text: String {
        if nanoseconds == 0 { return "0s" }
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        if magnitude < 1_000_000_000 {
            let (unit, name): (UInt64, String) = magnitude < 1000 ? (1, "ns") : magnitude < 1_000_000 ? (1000, "µs") : (1_000_000, "ms")
            return sign + Interval.decimal(magnitude, unit) + name
        }
        let seconds = magnitude / 1_000_000_000
        let last = Interval.decimal(magnitude % 60_000_000_000, 1_000_000_000) + "s"
        if seconds < 60 { return sign + last }
        if seconds < 3600 { return sign + "\(seconds / 60)m" + last }
        return sign + "\(seconds / 3600)h\(seconds / 60 % 60)m" + last
    }

    private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
        var text = String(value / unit)
        var fraction = value % unit
        if fraction == 0 { return text }
        text += "."
        var scale = unit / 10
        while fraction > 0 {
            text += String(fraction / scale)
            fraction %= scale
            scale = max(scale / 10, 1)
        }
        return text
    }
}
