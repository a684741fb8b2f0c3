/// Why words are no arguments and flags of a command.
package struct CommandMistake: Error, Equatable, Sendable {
    package let text: String
}

extension Command {
    /// Reads words as this command's arguments and flags: for commands inside the input of others.
    package func parse(_ words: [String]) throws(CommandMistake) -> CommandInput {
        var alone = self
        alone.action = { _ in 0 }
        let parsed = CommandParser(tool: alone).parse(words)
        switch parsed.failure {
        case .flag(let text)?: throw CommandMistake(text: text)
        case .unknownCommand(let word, _)?: throw CommandMistake(text: "unknown command \(word)")
        case nil: break
        }
        return CommandInput(
            path: parsed.path, arguments: parsed.arguments, flags: parsed.flags, argumentsBeforeDashes: parsed.argumentsBeforeDashes)
    }
}
