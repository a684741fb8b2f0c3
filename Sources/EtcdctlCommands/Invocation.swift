import Base
import CommandLine

/// A command that was called, with its arguments and flags; the environment may set more flags.
struct Invocation: Sendable {
    let arguments: [String]
    /// How many of them came before `--`; nil without one.
    let argumentsBeforeDash: Int?
    private var flags: CommandFlags

    init(_ input: CommandInput) {
        arguments = input.arguments
        argumentsBeforeDash = input.argumentsBeforeDashes
        flags = input.flags
    }

    func bool(_ name: String) -> Bool { flags.bool(name) }
    func text(_ name: String) -> String { flags.text(name) }
    func int(_ name: String) -> Int64 { flags.int(name) }
    func list(_ name: String) -> [String] { flags.list(name) }
    func seconds(_ name: String) -> Double { flags.duration(name).seconds }
    func printed(_ name: String) -> String { flags.printed(name) }
    func isGiven(_ name: String) -> Bool { flags.isSet(name) }

    /// Sets a flag as the environment has it. Nil, or why it can't be set so.
    mutating func supply(_ name: String, _ text: String) -> String? { flags.supply(name, text) }
}

extension Invocation {
    /// Runs a command and prints its error. Returns the exit status.
    fileprivate static func status(_ run: (Invocation) throws(ExitError) -> Void, _ input: CommandInput) -> Int32 {
        do throws(ExitError) {
            try run(Invocation(input))
            return 0
        } catch {
            if !error.message.isEmpty { StandardStreams.error("Error: \(error.message)\n") }
            return error.status
        }
    }
}

extension Command {
    /// `use` is the name and what follows it in a usage line. Flags of `persistentFlags` hold for the children too.
    init(
        _ use: String, _ summary: String, long: String = "", flags: [CommandFlag] = [], persistentFlags: [CommandFlag] = [],
        children: [Command] = [], run: (@Sendable (Invocation) throws(ExitError) -> Void)? = nil
    ) {
        let name = use.prefix { $0 != " " }
        var action: Command.Action?
        if let run { action = { Invocation.status(run, $0) } }
        self.init(
            String(name), arguments: String(use.dropFirst(name.count + 1)), summary, text: long, flags: flags + persistentFlags,
            flagsAreGlobal: !persistentFlags.isEmpty, subcommands: children, action: action)
    }
}

extension CommandFlag {
    static func bool(_ name: String, default value: Bool = false, hidden: Bool = false, _ help: String) -> CommandFlag {
        CommandFlag(name, nil, .bool, "\(value)", help, isHidden: hidden)
    }
    static func bool(_ name: String, _ shorthand: Character, _ help: String) -> CommandFlag {
        CommandFlag(name, shorthand, .bool, "false", help)
    }
    static func string(_ name: String, default value: String = "", hidden: Bool = false, _ help: String) -> CommandFlag {
        CommandFlag(name, nil, .string, value, help, isHidden: hidden)
    }
    static func string(_ name: String, _ shorthand: Character, default value: String = "", _ help: String) -> CommandFlag {
        CommandFlag(name, shorthand, .string, value, help)
    }
    static func strings(_ name: String, default value: String, _ help: String) -> CommandFlag {
        CommandFlag(name, nil, .strings, value, help)
    }
    static func int(_ name: String, default value: Int64 = 0, hidden: Bool = false, _ help: String) -> CommandFlag {
        CommandFlag(name, nil, .int, "\(value)", help, isHidden: hidden)
    }
    static func duration(_ name: String, default value: String, _ help: String) -> CommandFlag {
        CommandFlag(name, nil, .duration, value, help)
    }
}
