/// A command of a command-line tool and the commands below it, with the rules of the library that etcd's tools are built on
/// (cobra, pflag): flags anywhere, unique prefixes of names, help for each command.
package struct Command: Sendable {
    /// Does the work; returns the exit status.
    package typealias Action = @Sendable (CommandInput) -> Int32

    /// Its own word.
    package var name: String
    /// What follows the name in a usage line, such as `<key> [range_end]`.
    package var arguments: String
    /// One line.
    package var summary: String
    /// Shown in its help instead of nothing; may have several lines.
    package var text: String
    /// Its own, in addition to those of the commands above it.
    package var flags: [CommandFlag]
    /// Its flags hold for the commands below it too.
    package var flagsAreGlobal: Bool
    package var subcommands: [Command]
    /// Not in lists; works all the same.
    package var isHidden: Bool
    /// Nil: shows its help.
    package var action: Action?

    package init(
        _ name: String, arguments: String = "", _ summary: String, text: String = "", flags: [CommandFlag] = [],
        flagsAreGlobal: Bool = false, subcommands: [Command] = [], isHidden: Bool = false, action: Action? = nil
    ) {
        self.name = name
        self.arguments = arguments
        self.summary = summary
        self.text = text
        self.flags = flags
        self.flagsAreGlobal = flagsAreGlobal
        self.subcommands = subcommands
        self.isHidden = isHidden
        self.action = action
    }

    var hasSubcommands: Bool { subcommands.contains { !$0.isHidden } }

    /// By its name, or by the beginning of it if no other begins so.
    func subcommand(_ word: String) -> Command? {
        if let exact = subcommands.first(where: { $0.name == word }) { return exact }
        let matches = subcommands.filter { $0.name.hasPrefix(word) }
        return matches.count == 1 ? matches.first : nil
    }
}

/// What a command was called with.
package struct CommandInput: Sendable {
    /// The tool's name and those of the commands down to this one.
    package let path: [String]
    /// What is neither flag nor command.
    package let arguments: [String]
    package let flags: CommandFlags
    /// How many of `arguments` stood before a `--`; nil if there was none.
    package let argumentsBeforeDashes: Int?
}
