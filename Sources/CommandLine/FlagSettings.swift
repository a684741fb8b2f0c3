import Base

/// The flags of one run: what was set, from where, and the defaults of the rest.
package struct FlagSettings: Sendable {
    package enum Origin: Sendable, Equatable {
        case commandLine
        case environment(String)
        case file(String, line: Int)
        case defaultValue
    }

    package struct Setting: Sendable {
        package let value: FlagValue
        package let text: String
        package let origin: Origin
        /// The name under which it was set, if that is an older one.
        let writtenName: String
    }

    private(set) var settings: [String: Setting] = [:]
    private let definitions: [String: FlagDefinition]
    /// What should be logged at start.
    package internal(set) var warnings: [String] = []
    package internal(set) var wantsHelp = false
    package internal(set) var wantsVersion = false

    init(_ definitions: [String: FlagDefinition]) { self.definitions = definitions }

    mutating func set(_ name: String, _ setting: Setting) { settings[name] = setting }

    package func isSet(_ name: String) -> Bool { settings[name] != nil }

    /// Requires a flag of the set.
    package func setting(_ name: String) -> Setting {
        if let setting = settings[name] { return setting }
        guard let definition = definitions[name], let value = definition.value(of: definition.defaultText) else {
            preconditionFailure("no flag --\(name), or its default is not a value")
        }
        return Setting(value: value, text: definition.defaultText, origin: .defaultValue, writtenName: name)
    }

    /// The name of a flag as messages have it, with where its value came from.
    package func describe(_ name: String) -> String {
        let setting = setting(name)
        switch setting.origin {
        case .commandLine: return "--\(setting.writtenName) \"\(setting.text)\" (command line)"
        case .environment(let variable): return "\(variable) \"\(setting.text)\" (environment variable)"
        case .file(let path, let line): return "\(setting.writtenName) \"\(setting.text)\" (\(path), line \(line))"
        case .defaultValue: return "--\(name) \"\(setting.text)\" (default)"
        }
    }

    package func bool(_ name: String) -> Bool {
        guard case .bool(let value) = setting(name).value else { preconditionFailure("--\(name) is no bool") }
        return value
    }

    package func int(_ name: String) -> Int64 {
        guard case .int(let value) = setting(name).value else { preconditionFailure("--\(name) is no int") }
        return value
    }

    package func uint(_ name: String) -> UInt64 {
        guard case .uint(let value) = setting(name).value else { preconditionFailure("--\(name) is no uint") }
        return value
    }

    package func duration(_ name: String) -> Interval {
        guard case .duration(let value) = setting(name).value else { preconditionFailure("--\(name) is no duration") }
        return value
    }

    package func text(_ name: String) -> String {
        guard case .text(let value) = setting(name).value else { preconditionFailure("--\(name) is no text") }
        return value
    }

    package func list(_ name: String) -> [String] {
        guard case .list(let value) = setting(name).value else { preconditionFailure("--\(name) is no list") }
        return value
    }

    package func urls(_ name: String) -> [TransportURL] {
        guard case .urls(let value) = setting(name).value else { preconditionFailure("--\(name) is no list of URLs") }
        return value
    }
}
