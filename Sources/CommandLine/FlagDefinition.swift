import Base

/// One flag: its name, type and default, and what help says about it.
package struct FlagDefinition: Sendable {
    /// What a flag's text must be.
    package enum Kind: Sendable, Equatable {
        case bool, string, int, uint, uint32, uint64, duration
        /// Comma-separated texts.
        case strings
        /// Comma-separated `TransportURL`s.
        case urls
        /// One of these words.
        case oneOf([String])
        /// Any text, or none: the flag does nothing any more.
        case ignored
    }

    /// What becomes of a flag that is set.
    package enum Support: Sendable, Equatable {
        case supported
        /// An older name of another flag.
        case renamed(to: String)
        /// Works, but will go; says what to do.
        case deprecated(String)
        /// Nothing, with a warning.
        case ignored
        /// Belongs to a feature that this build does not have: only its default is accepted.
        case unsupported(feature: String)
    }

    package let name: String
    package let kind: Kind
    /// As it would be written on the command line.
    package let defaultText: String
    package let section: String
    package let help: String
    package let support: Support

    package init(
        _ name: String, _ kind: Kind, _ defaultText: String, _ section: String, _ help: String, support: Support = .supported
    ) {
        self.name = name
        self.kind = kind
        self.defaultText = defaultText
        self.section = section
        self.help = help
        self.support = support
    }

    /// snapshot-count → ETCD_SNAPSHOT_COUNT.
    package func environmentName(prefix: String) -> String {
        prefix + "_" + name.uppercased().map { $0 == "-" || $0 == "." ? "_" : String($0) }.joined()
    }

    /// The value that `text` means, nil if it means none.
    package func value(of text: String) -> FlagValue? {
        switch kind {
        case .bool: FlagDefinition.bool(text).map { .bool($0) }
        case .string, .ignored: .text(text)
        case .int: GoInteger.signed(text).map { .int($0) }
        case .uint, .uint64: GoInteger.unsigned(text).map { .uint($0) }
        case .uint32: GoInteger.unsigned(text).flatMap { $0 <= UInt64(UInt32.max) ? .uint($0) : nil }
        case .duration: Interval(text: text).map { .duration($0) }
        case .strings: .list(FlagDefinition.list(text))
        case .urls: (try? TransportURL.list(text)).map { .urls($0) }
        case .oneOf(let words): words.contains(text) ? .text(text) : nil
        }
    }

    /// What to say about a text that is no value.
    package func expectation(for text: String) -> String {
        switch kind {
        case .bool: "expected true or false"
        case .string, .ignored, .strings: "expected text"
        case .int: "expected a whole number"
        case .uint, .uint64: "expected a whole number that is not negative"
        case .uint32: "expected a whole number from 0 to \(UInt32.max)"
        case .duration: "expected a duration such as 100ms, 5s or 1h30m"
        case .oneOf(let words): "expected one of: \(words.joined(separator: ", "))"
        case .urls: reason(text)
        }
    }

    private func reason(_ text: String) -> String {
        do throws(TransportURLError) { _ = try TransportURL.list(text) } catch { return error.reason }
        return "expected a list of URLs"
    }

    static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    private static func list(_ text: String) -> [String] {
        var seen: [String] = []
        for part in text.split(separator: ",") where !seen.contains(String(part)) { seen.append(String(part)) }
        return seen
    }
}

/// A flag's value, by its kind.
package enum FlagValue: Sendable, Equatable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case duration(Interval)
    case text(String)
    case list([String])
    case urls([TransportURL])
}

/// Whole numbers as Go's flags take them: decimal, 0x, 0o or 0, 0b, with underscores between digits.
enum GoInteger {
    static func signed(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard let magnitude = unsigned(digits) else { return nil }
        if isNegative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int64(exactly: magnitude)
    }

    static func unsigned(_ text: String) -> UInt64? {
        let lower = text.lowercased()
        let (digits, radix): (Substring, Int) =
            if lower.hasPrefix("0x") {
                (lower.dropFirst(2), 16)
            } else if lower.hasPrefix("0b") {
                (lower.dropFirst(2), 2)
            } else if lower.hasPrefix("0o") {
                (lower.dropFirst(2), 8)
            } else if lower.hasPrefix("0"), lower.count > 1 {
                (lower.dropFirst(), 8)
            } else {
                (lower[...], 10)
            }
        let parts = digits.split(separator: "_", omittingEmptySubsequences: false)
        let isPrefixed = radix != 10
        guard parts.allSatisfy({ !$0.isEmpty }) || (isPrefixed && parts.dropFirst().allSatisfy { !$0.isEmpty }) else { return nil }
        guard !digits.hasPrefix("+"), !digits.hasPrefix("-") else { return nil }
        return UInt64(parts.joined(), radix: radix)
    }
}
