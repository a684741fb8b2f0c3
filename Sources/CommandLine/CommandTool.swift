/// A command-line tool: its commands, and what happens between the process's arguments and a command's action.
///
/// Exit status: what the action returns; 1 for a command line that cannot be followed.
package struct CommandTool: Sendable {
    let root: Command
    let style: HelpStyle
    /// Text to standard output and to standard error.
    private let print: @Sendable (String) -> Void
    private let printError: @Sendable (String) -> Void

    package init(
        _ root: Command, style: HelpStyle, print: @escaping @Sendable (String) -> Void = StandardStreams.output,
        printError: @escaping @Sendable (String) -> Void = StandardStreams.error
    ) {
        var root = root
        root.subcommands.append(CommandCompletion.command(for: root, print: print))
        self.root = root
        self.style = style
        self.print = print
        self.printError = printError
    }

    /// `arguments` without the program's name.
    package func run(_ arguments: [String]) -> Int32 {
        if arguments.first == "help" { return help(Array(arguments.dropFirst())) }
        let parsed = CommandParser(tool: root).parse(arguments)
        if let failure = parsed.failure { return fail(failure, parsed.chain) }
        guard let action = parsed.command.action, !parsed.wantsHelp else {
            print(style.help(parsed.chain))
            return 0
        }
        return action(
            CommandInput(
                path: parsed.path, arguments: parsed.arguments, flags: parsed.flags, argumentsBeforeDashes: parsed.argumentsBeforeDashes))
    }

    /// Takes the flags of all commands too, so that `help` can be put into any command line.
    private func help(_ words: [String]) -> Int32 {
        let parsed = CommandParser(tool: root).parseHelp(words)
        if let failure = parsed.failure { return fail(failure, parsed.chain) }
        var chain = [root]
        for word in parsed.arguments {
            guard let next = chain[chain.count - 1].subcommand(word) else {
                printError("Unknown help topic [\(parsed.arguments.map { "`\($0)`" }.joined(separator: " "))]\n")
                showUsage([root])
                return 0
            }
            chain.append(next)
        }
        print(style.help(chain))
        return 0
    }

    private func showUsage(_ chain: [Command]) {
        if style.usesStandardOutputForUsage { print(style.usage(chain)) } else { printError(style.usage(chain)) }
    }

    private func fail(_ failure: CommandParser.Failure, _ chain: [Command]) -> Int32 {
        switch failure {
        case .unknownCommand(let word, let suggestions):
            var text = "Error: unknown command \(quoted(word)) for \(quoted(root.name))\n"
            if !suggestions.isEmpty { text += "\nDid you mean this?\n" + suggestions.map { "\t\($0)\n" }.joined() + "\n" }
            printError(text + "Run '\(root.name) --help' for usage.\n" + text)
        case .flag(let reason):
            // Said before the usage and again behind it, where it is seen.
            printError("Error: \(reason)\n")
            showUsage(chain)
            printError("\nError: \(reason)\n")
        }
        return 1
    }
}
