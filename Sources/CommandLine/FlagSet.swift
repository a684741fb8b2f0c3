/// The flags that a program has, and how its command line and environment set them.
///
/// Syntax is that of Go's flag package: -x or --x, a value after = or as the next word, booleans alone or with =, everything
/// after -- left over. A flag may come several times; the last counts. A flag and its environment variable both set is an
/// error, as in etcd (pitfall 13).
package struct FlagSet: Sendable {
    package let program: String
    /// "ETCD"; environment variables are this, an underscore and the flag's name in capitals. Nil: none.
    package let environmentPrefix: String?
    package let definitions: [FlagDefinition]
    private let byName: [String: FlagDefinition]

    package init(program: String, environmentPrefix: String?, _ definitions: [FlagDefinition]) {
        self.program = program
        self.environmentPrefix = environmentPrefix
        self.definitions = definitions
        byName = Dictionary(uniqueKeysWithValues: definitions.map { ($0.name, $0) })
    }

    /// `arguments` without the program's name; `environment` as name and value.
    package func parse(_ arguments: [String], environment: [(name: String, value: String)]) throws(UsageError) -> FlagSettings {
        var settings = FlagSettings(byName)
        try readArguments(arguments, into: &settings)
        if settings.wantsHelp || settings.wantsVersion { return settings }
        try readEnvironment(environment, into: &settings)
        if byName["config-file"] != nil, !settings.text("config-file").isEmpty {
            return try parse(file: settings.text("config-file"), beside: settings)
        }
        try refuseUnsupported(settings)
        return settings
    }

    func definition(of name: String) -> FlagDefinition? { byName[name] }

    func makeSettings() -> FlagSettings { FlagSettings(byName) }

    private func readArguments(_ arguments: [String], into settings: inout FlagSettings) throws(UsageError) {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            guard argument.hasPrefix("-"), argument != "-" else { throw notAFlag(argument) }
            if argument == "--" {
                guard index == arguments.count else { throw notAFlag(arguments[index]) }
                return
            }
            let body = argument.dropFirst(argument.hasPrefix("--") ? 2 : 1)
            let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard !name.isEmpty, !name.hasPrefix("-") else { throw usage("bad flag syntax: \(argument)") }
            if name == "help" || name == "h" {
                settings.wantsHelp = true
                return
            }
            guard let definition = byName[name] else { throw unknown(name) }
            let text: String
            if parts.count == 2 {
                text = String(parts[1])
            } else if definition.kind == .bool {
                text = "true"
            } else if definition.kind == .ignored {
                text = ""
                if index < arguments.count, !arguments[index].hasPrefix("-") { index += 1 }
            } else {
                guard index < arguments.count else { throw usage("flag --\(name) needs a value") }
                text = arguments[index]
                index += 1
            }
            try set(definition, text, .commandLine, in: &settings)
            if name == "version" { settings.wantsVersion = settings.bool("version") }
        }
    }

    private func readEnvironment(
        _ environment: [(name: String, value: String)], into settings: inout FlagSettings
    ) throws(UsageError) {
        guard let prefix = environmentPrefix else { return }
        let variables = Dictionary(
            definitions.filter { $0.name != "version" }.map { ($0.environmentName(prefix: prefix), $0) },
            uniquingKeysWith: { first, _ in first })
        for (variable, text) in environment.sorted(by: { $0.name < $1.name }) where variable.hasPrefix(prefix + "_") {
            guard let definition = variables[variable] else {
                let names = variables.keys.map { String($0.dropFirst(prefix.count + 1)) }
                let nearest = suggestion(String(variable.dropFirst(prefix.count + 1)), among: names, prefix: prefix + "_")
                settings.warnings.append("unrecognized environment variable \(variable)" + nearest)
                continue
            }
            guard !text.isEmpty else { continue }
            let target = canonicalName(definition)
            if settings.isSet(target), case .commandLine = settings.setting(target).origin {
                throw UsageError(
                    "both the environment variable \(variable) and the flag --\(settings.setting(target).writtenName) are set; "
                        + "unset the variable or leave out the flag")
            }
            try set(definition, text, .environment(variable), in: &settings)
        }
    }

    private func canonicalName(_ definition: FlagDefinition) -> String {
        if case .renamed(let name) = definition.support { name } else { definition.name }
    }

    func set(
        _ definition: FlagDefinition, _ text: String, _ origin: FlagSettings.Origin, in settings: inout FlagSettings
    ) throws(UsageError) {
        let name = definition.name
        guard let value = definition.value(of: text) else { throw badValue(definition, text, origin) }
        switch definition.support {
        case .supported, .unsupported: break
        case .renamed(let newName): settings.warnings.append("--\(name) is deprecated; use --\(newName)")
        case .deprecated(let advice): settings.warnings.append("--\(name) is deprecated; \(advice)")
        case .ignored:
            settings.warnings.append("--\(name) is no longer used and was ignored")
            return
        }
        let target = canonicalName(definition)
        if settings.isSet(target), settings.setting(target).writtenName != name, settings.setting(target).value != value {
            throw UsageError(
                "\(settings.describe(target)) and --\(name) \"\(text)\" are the same setting with different values; leave one out")
        }
        settings.set(target, FlagSettings.Setting(value: value, text: text, origin: origin, writtenName: name))
    }

    func refuseUnsupported(_ settings: FlagSettings) throws(UsageError) {
        for definition in definitions where settings.isSet(definition.name) {
            guard case .unsupported(let feature) = definition.support else { continue }
            let isDefault = definition.value(of: definition.defaultText) == settings.setting(definition.name).value
            guard isDefault else {
                throw UsageError(
                    "\(settings.describe(definition.name)): \(feature) is not supported yet by this build of \(program); leave it out")
            }
        }
    }

    // Messages

    private func usage(_ message: String) -> UsageError {
        UsageError(message + (message.hasSuffix("?") ? "" : ".") + " See '\(program) --help'.", status: 2)
    }

    private func notAFlag(_ argument: String) -> UsageError {
        usage("'\(argument)' is not a valid flag" + (byName[argument] != nil ? "; did you mean --\(argument)?" : ""))
    }

    private func unknown(_ name: String) -> UsageError {
        usage("unknown flag --\(name) (command line)" + suggestion(name, among: definitions.map(\.name), prefix: "--"))
    }

    private func suggestion(_ name: String, among known: [String], prefix: String = "") -> String {
        guard let nearest = EditDistance.nearest(to: name, among: known) else { return "" }
        return "; did you mean \(prefix)\(nearest)?"
    }

    private func badValue(_ definition: FlagDefinition, _ text: String, _ origin: FlagSettings.Origin) -> UsageError {
        let expected = definition.expectation(for: text)
        switch origin {
        case .environment(let variable): return usage("invalid value \"\(text)\" for \(variable) (environment variable): \(expected)")
        case .file(let path, let line):
            return UsageError("invalid value \"\(text)\" for \(definition.name) (\(path), line \(line)): \(expected)")
        case .commandLine, .defaultValue: break
        }
        return usage("invalid value \"\(text)\" for --\(definition.name) (command line): \(expected)")
    }

    /// All flags by section, with defaults. Flags that do nothing, or are older names, are left out.
    package var help: String {
        var sections: [String] = []
        for definition in definitions where !sections.contains(definition.section) { sections.append(definition.section) }
        var text = ""
        for section in sections {
            let shown = definitions.filter { $0.section == section && FlagSet.isShown($0) }
            if shown.isEmpty { continue }
            text += "\n\(section):\n"
            for definition in shown {
                text += "  --\(definition.name) '\(definition.defaultText)'\n    \(definition.help)"
                if case .deprecated(let advice) = definition.support { text += " Deprecated: \(advice)." }
                text += "\n"
            }
        }
        return text
    }

    private static func isShown(_ definition: FlagDefinition) -> Bool {
        switch definition.support {
        case .supported: true
        case .deprecated: !definition.name.hasPrefix("experimental-")
        case .renamed, .ignored, .unsupported: false
        }
    }
}
