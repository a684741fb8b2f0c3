/// Help texts, in the form of each of etcd's tools.
package enum HelpStyle: Sendable {
    /// etcdctl's: NAME, USAGE, COMMANDS, OPTIONS, columns parted by tabs.
    case sections(version: String, apiVersion: String)
    /// etcdutl's: the command library's own.
    case plain

    func help(_ chain: [Command]) -> String {
        switch self {
        case .sections(let version, let apiVersion): SectionsHelp(chain: chain, version: version, apiVersion: apiVersion).text
        case .plain: PlainHelp(chain: chain).help
        }
    }

    /// What stands behind an error of usage.
    func usage(_ chain: [Command]) -> String {
        switch self {
        case .sections: help(chain)
        case .plain: PlainHelp(chain: chain).usage
        }
    }

    /// Where usage behind an error goes.
    var usesStandardOutputForUsage: Bool {
        switch self {
        case .sections: true
        case .plain: false
        }
    }
}

private struct SectionsHelp {
    let chain: [Command]
    let version: String
    let apiVersion: String
    private var command: Command { chain[chain.count - 1] }

    var text: String {
        let (own, inherited) = CommandParser.flags(of: chain)
        let shown = chain.count == 1 ? command.name : chain.dropFirst().map(\.name).joined(separator: " ")
        var text = "NAME:\n\t\(shown) - \(command.summary)\n\n"
        let usage = (chain.map(\.name) + (command.arguments.isEmpty ? [] : [command.arguments])).joined(separator: " ")
        text += "USAGE:\n\t\(usage) [flags]\n"
        if chain.count == 1 { text += "\nVERSION:\n\t\(version)\n" }
        if command.hasSubcommands {
            text += "\nAPI VERSION:\n\t\(apiVersion)\n\n\nCOMMANDS:\n"
            text += Columns.tabbed(commands.map { ($0.0, $0.1) }, indent: "\t")
        }
        if !command.text.isEmpty {
            text += "\nDESCRIPTION:\n"
            for line in command.text.split(separator: "\n", omittingEmptySubsequences: false) { text += "\t\(line)\n" }
        }
        text += "\nOPTIONS:\n" + options(chain.count == 1 ? own + inherited : own)
        if chain.count > 1, !inherited.isEmpty { text += "\nGLOBAL OPTIONS:\n" + options(inherited) }
        return text + "\n"
    }

    /// The tool lists all commands with their full names, any other the ones right below it.
    private var commands: [(String, String)] {
        if chain.count > 1 { return visible(command).map { ($0.name, $0.summary) }.sorted { $0.0 < $1.0 } }
        var list = visible(command).flatMap { top in
            top.hasSubcommands ? visible(top).map { ("\(top.name) \($0.name)", $0.summary) } : [(top.name, top.summary)]
        }
        list.append(("help", "Help about any command"))
        return list.sorted { $0.0 < $1.0 }
    }

    private func options(_ flags: [CommandFlag]) -> String {
        let sorted = flags.filter { !$0.isHidden }.sorted { $0.name < $1.name }
        return Columns.tabbed(sorted.map { (option($0), $0.help) }, indent: "")
    }

    private func option(_ flag: CommandFlag) -> String {
        let name = (flag.shorthand.map { "  -\($0), " } ?? "      ") + "--\(flag.name)"
        switch flag.kind {
        case .bool: return "\(name)[=\(flag.defaultText)]"
        case .string: return "\(name)=\(quoted(flag.defaultText))"
        case .strings: return "\(name)=[\(flag.defaultText)]"
        case .int, .uint, .duration: return "\(name)=\(flag.defaultText)"
        }
    }
}

private struct PlainHelp {
    let chain: [Command]
    private var command: Command { chain[chain.count - 1] }

    var help: String {
        let first = command.text.isEmpty ? command.summary : command.text
        return (first.isEmpty || chain.count == 1 && command.text.isEmpty ? "" : first + "\n\n") + usage
    }

    var usage: String {
        let (own, inherited) = CommandParser.flags(of: chain)
        let path = chain.map(\.name).joined(separator: " ")
        var text = "Usage:\n"
        if command.action != nil {
            text += "  \(path)\(command.arguments.isEmpty ? "" : " " + command.arguments) [flags]\n"
        }
        if command.hasSubcommands { text += "  \(path) [command]\n" }
        if command.hasSubcommands {
            var list = visible(command).map { ($0.name, $0.summary) }
            if chain.count == 1 { list.append(("help", "Help about any command")) }
            let width = max(11, list.map(\.0.count).max() ?? 0)
            text += "\nAvailable Commands:\n"
            for (name, summary) in list.sorted(by: { $0.0 < $1.0 }) { text += "  \(Columns.padded(name, width)) \(summary)\n" }
        }
        text += "\nFlags:\n" + options(own)
        if !inherited.isEmpty { text += "\nGlobal Flags:\n" + options(inherited) }
        if command.hasSubcommands { text += "\nUse \"\(path) [command] --help\" for more information about a command.\n" }
        return text
    }

    private func options(_ flags: [CommandFlag]) -> String {
        let rows = flags.filter { !$0.isHidden }.sorted { $0.name < $1.name }.map { flag in
            let name = (flag.shorthand.map { "  -\($0), " } ?? "      ") + "--\(flag.name)"
            return (flag.kind == .bool ? name : "\(name) \(flag.kind.typeName)", flag.help + defaultNote(flag))
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "\(Columns.padded($0.0, width))   \($0.1)\n" }.joined()
    }

    private func defaultNote(_ flag: CommandFlag) -> String {
        switch flag.kind {
        case .string: flag.defaultText.isEmpty ? "" : " (default \(quoted(flag.defaultText)))"
        case .bool: flag.defaultText == "true" ? " (default true)" : ""
        case .int, .uint: flag.defaultText == "0" ? "" : " (default \(flag.defaultText))"
        case .duration: flag.defaultText == "0s" ? "" : " (default \(flag.defaultText))"
        case .strings: flag.defaultText.isEmpty ? "" : " (default [\(flag.defaultText)])"
        }
    }
}

private func visible(_ command: Command) -> [Command] { command.subcommands.filter { !$0.isHidden } }

/// Two columns.
enum Columns {
    /// As Go's tabwriter with tab stops every 8: the second column begins at one tab stop for all rows.
    static func tabbed(_ rows: [(String, String)], indent: String) -> String {
        let stop = ((rows.map(\.0.count).max() ?? 0) + 8) / 8 * 8
        return rows.map { row in
            indent + row.0 + String(repeating: "\t", count: (stop - row.0.count + 7) / 8) + row.1 + "\n"
        }.joined()
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
