/// Finds the command that a command line means, and its flags.
struct CommandParser {
    let tool: Command

    enum Failure: Error, Equatable {
        /// No such command below the tool; with names that may have been meant.
        case unknownCommand(String, suggestions: [String])
        /// Something is wrong with a flag of the command at `path`.
        case flag(String)
    }

    struct Parsed {
        /// From the tool down to the command.
        var chain: [Command]
        var flags: CommandFlags
        var arguments: [String] = []
        var argumentsBeforeDashes: Int?
        var wantsHelp = false
        var failure: Failure?

        var command: Command { chain[chain.count - 1] }
        var path: [String] { chain.map(\.name) }
    }

    static let help = CommandFlag("help", "h", .bool, "false", "")

    /// Those of the command itself, and those that hold for everything below the commands above it.
    static func flags(of chain: [Command]) -> (own: [CommandFlag], inherited: [CommandFlag]) {
        let last = chain[chain.count - 1]
        let inherited = chain.dropLast().filter(\.flagsAreGlobal).flatMap(\.flags)
        let help = CommandFlag("help", "h", .bool, "false", "help for \(last.name)")
        return (last.flags + (last.flags.contains { $0.name == "help" } ? [] : [help]), inherited)
    }

    func parse(_ words: [String]) -> Parsed {
        var chain = [tool]
        var rest = words
        while let (position, next) = nextCommand(chain, rest) {
            chain.append(next)
            rest.remove(at: position)
        }
        let flags = CommandParser.flags(of: chain)
        var parsed = Parsed(chain: chain, flags: CommandFlags(flags.own + flags.inherited))
        if chain.count == 1, tool.action == nil, let word = firstWord(rest, known: parsed.flags) {
            parsed.failure = .unknownCommand(word, suggestions: suggestions(word))
            return parsed
        }
        do throws(Failure) { try readFlags(rest, into: &parsed) } catch { parsed.failure = error }
        if parsed.failure == nil, !parsed.wantsHelp { checkRequired(flags.own, &parsed) }
        return parsed
    }

    /// What follows the word `help`.
    func parseHelp(_ words: [String]) -> Parsed {
        let chain = [tool, Command("help", arguments: "[command]", "Help about any command")]
        let flags = CommandParser.flags(of: chain)
        var parsed = Parsed(chain: chain, flags: CommandFlags(flags.own + flags.inherited))
        do throws(Failure) { try readFlags(words, into: &parsed) } catch { parsed.failure = error }
        return parsed
    }

    private func checkRequired(_ flags: [CommandFlag], _ parsed: inout Parsed) {
        let missing = flags.filter { $0.isRequired && !parsed.flags.isSet($0.name) }.map { "\"\($0.name)\"" }
        if !missing.isEmpty { parsed.failure = .flag("required flag(s) \(missing.joined(separator: ", ")) not set") }
    }

    /// The first word that is no flag, if it is a command below the last of `chain`.
    private func nextCommand(_ chain: [Command], _ words: [String]) -> (Int, Command)? {
        let flags = CommandParser.flags(of: chain)
        guard let position = firstWordPosition(words, known: CommandFlags(flags.own + flags.inherited)) else { return nil }
        guard let command = chain[chain.count - 1].subcommand(words[position]) else { return nil }
        return (position, command)
    }

    private func firstWord(_ words: [String], known: CommandFlags) -> String? {
        firstWordPosition(words, known: known).map { words[$0] }
    }

    /// Flags that want a value take the next word along; so do unknown ones.
    private func firstWordPosition(_ words: [String], known: CommandFlags) -> Int? {
        var position = 0
        while position < words.count {
            let word = words[position]
            position += 1
            if word == "--" { return nil }
            guard word.hasPrefix("-"), word != "-" else {
                if word.isEmpty || word == "-" { continue }
                return position - 1
            }
            if word.contains("=") { continue }
            if takesNextWord(word, known: known) { position += 1 }
        }
        return nil
    }

    private func takesNextWord(_ word: String, known: CommandFlags) -> Bool {
        if word == "--help" || word == "-h" { return false }
        if word.hasPrefix("--") { return known.known[String(word.dropFirst(2))]?.kind != .bool }
        // Of several letters together the last value is among them already.
        return word.count == 2 && known.known.values.first { $0.shorthand == word.last }?.kind != .bool
    }

    private func readFlags(_ words: [String], into parsed: inout Parsed) throws(Failure) {
        var position = 0
        while position < words.count {
            let word = words[position]
            position += 1
            if word == "--" {
                parsed.argumentsBeforeDashes = parsed.arguments.count
                parsed.arguments += words[position...]
                return
            }
            if word.hasPrefix("--") {
                try readLong(word, words, &position, into: &parsed)
            } else if word.hasPrefix("-"), word != "-" {
                try readShort(word, words, &position, into: &parsed)
            } else {
                parsed.arguments.append(word)
            }
            if parsed.wantsHelp { return }
        }
    }

    private func readLong(_ word: String, _ words: [String], _ position: inout Int, into parsed: inout Parsed) throws(Failure) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !parts[0].isEmpty, !parts[0].hasPrefix("-") else { throw .flag("bad flag syntax: \(word)") }
        guard let flag = parsed.flags.known[parts[0]] else { throw .flag("unknown flag: --\(parts[0])") }
        if parts.count == 2 { return try set(flag, parts[1], into: &parsed) }
        if flag.kind == .bool { return try set(flag, "true", into: &parsed) }
        guard position < words.count else { throw .flag("flag needs an argument: \(word)") }
        position += 1
        try set(flag, words[position - 1], into: &parsed)
    }

    /// `-w json`, `-wjson`, `-w=json`, and truth values together: `-xy`.
    private func readShort(_ word: String, _ words: [String], _ position: inout Int, into parsed: inout Parsed) throws(Failure) {
        var rest = word.dropFirst()
        while let letter = rest.popFirst() {
            guard let flag = parsed.flags.known.values.first(where: { $0.shorthand == letter }) else {
                throw .flag("unknown shorthand flag: '\(letter)' in -\(String(letter) + rest)")
            }
            if rest.hasPrefix("=") { return try set(flag, String(rest.dropFirst()), into: &parsed) }
            if flag.kind == .bool {
                try set(flag, "true", into: &parsed)
                continue
            }
            if !rest.isEmpty { return try set(flag, String(rest), into: &parsed) }
            guard position < words.count else { throw .flag("flag needs an argument: '\(letter)' in -\(letter)") }
            position += 1
            return try set(flag, words[position - 1], into: &parsed)
        }
    }

    private func set(_ flag: CommandFlag, _ text: String, into parsed: inout Parsed) throws(Failure) {
        if let fault = flag.fault(of: text) {
            throw .flag("invalid argument \(quoted(text)) for \(quoted(flag.title)) flag: \(fault)")
        }
        if flag.name == "help" {
            parsed.wantsHelp = FlagDefinition.bool(text) ?? false
        } else {
            parsed.flags.set(flag, text)
        }
    }

    private func suggestions(_ word: String) -> [String] {
        let typed = word.lowercased()
        return tool.subcommands.filter { !$0.isHidden }.map(\.name).filter { name in
            EditDistance.between(typed, name.lowercased()) <= 2 || name.lowercased().hasPrefix(typed)
        }
    }
}
