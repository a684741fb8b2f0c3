import Base

/// A flag of a command: `--name value`, `--name=value`, `-n value`; a truth value may stand alone.
package struct CommandFlag: Sendable {
    package enum Kind: Sendable, Equatable {
        case bool, string, int, uint, duration
        /// Comma-separated, and each further use of the flag adds to the list.
        case strings

        /// As help names it; empty for truth values.
        var typeName: String {
            switch self {
            case .bool: ""
            case .string: "string"
            case .int: "int"
            case .uint: "uint"
            case .duration: "duration"
            case .strings: "strings"
            }
        }
    }

    package let name: String
    package let shorthand: Character?
    package let kind: Kind
    /// As it would be written on the command line.
    package let defaultText: String
    package let help: String
    package let isRequired: Bool
    package let isHidden: Bool

    package init(
        _ name: String, _ shorthand: Character? = nil, _ kind: Kind, _ defaultText: String, _ help: String, isRequired: Bool = false,
        isHidden: Bool = false
    ) {
        self.name = name
        self.shorthand = shorthand
        self.kind = kind
        self.defaultText = defaultText
        self.help = help
        self.isRequired = isRequired
        self.isHidden = isHidden
    }

    /// Why `text` is no value of this flag, in the words of Go's library; nil if it is one.
    func fault(of text: String) -> String? {
        switch kind {
        case .string, .strings: nil
        case .bool: FlagDefinition.bool(text) == nil ? "strconv.ParseBool: parsing \(quoted(text)): invalid syntax" : nil
        case .int: CommandFlag.integerFault(text, "strconv.ParseInt", GoInteger.signed(text) != nil)
        case .uint: CommandFlag.integerFault(text, "strconv.ParseUint", GoInteger.unsigned(text) != nil)
        case .duration: durationFault(text)
        }
    }

    private static func integerFault(_ text: String, _ function: String, _ isValue: Bool) -> String? {
        if isValue { return nil }
        let digits = text.hasPrefix("-") && function == "strconv.ParseInt" ? text.dropFirst() : text[...]
        let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return "\(function): parsing \(quoted(text)): " + (isNumber ? "value out of range" : "invalid syntax")
    }

    private func durationFault(_ text: String) -> String? {
        do throws(GoTextError) { _ = try GoText.duration(text) } catch { return error.description }
        return nil
    }

    /// `-w, --write-out` or `--limit`.
    var title: String { (shorthand.map { "-\($0), " } ?? "") + "--\(name)" }
}

func quoted(_ text: String) -> String { "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\"" }

/// The flags of one call: what was given, and the defaults of the rest.
package struct CommandFlags: Sendable {
    let known: [String: CommandFlag]
    private(set) var given: [String: String] = [:]
    private var lists: [String: [String]] = [:]

    init(_ flags: [CommandFlag]) { known = Dictionary(flags.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }) }

    /// Requires that the text is a value of the flag.
    mutating func set(_ flag: CommandFlag, _ text: String) {
        given[flag.name] = text
        if flag.kind == .strings { lists[flag.name, default: []] += CommandFlags.list(text) }
    }

    /// Takes a value from elsewhere, such as the environment, unless the command line has one. Nil: taken; else why not.
    package mutating func supply(_ name: String, _ text: String) -> String? {
        guard given[name] == nil, let flag = known[name] else { return nil }
        if let fault = flag.fault(of: text) { return fault }
        set(flag, text)
        return nil
    }

    package func isSet(_ name: String) -> Bool { given[name] != nil }

    package func text(_ name: String) -> String {
        if let text = given[name] { return text }
        guard let flag = known[name] else { preconditionFailure("no flag --\(name)") }
        return flag.defaultText
    }

    package func bool(_ name: String) -> Bool { FlagDefinition.bool(text(name)) ?? false }
    package func int(_ name: String) -> Int64 { GoInteger.signed(text(name)) ?? 0 }
    package func uint(_ name: String) -> UInt64 { GoInteger.unsigned(text(name)) ?? 0 }
    package func duration(_ name: String) -> Interval { Interval(text: text(name)) ?? .zero }
    package func list(_ name: String) -> [String] { lists[name] ?? CommandFlags.list(text(name)) }

    /// The value as Go's flags print it: lists in brackets, times in their shortest form.
    package func printed(_ name: String) -> String {
        switch known[name]?.kind {
        case .strings: "[\(list(name).joined(separator: ","))]"
        case .duration: duration(name).text
        case .bool: "\(bool(name))"
        case .int, .uint, .string, nil: text(name)
        }
    }

    /// Commas part the list; inside of quotes they don't (a record of RFC 4180).
    private static func list(_ text: String) -> [String] {
        guard !text.isEmpty else { return [] }
        guard text.contains("\"") else { return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        var fields = [""]
        var isQuoted = false
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                rest.removeFirst()
                fields[fields.count - 1].append(character)
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }
}
