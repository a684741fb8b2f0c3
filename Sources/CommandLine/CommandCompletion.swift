/// `completion bash|zsh|fish`: a script that completes commands and flags in a shell.
enum CommandCompletion {
    static func command(for root: Command, print: @escaping @Sendable (String) -> Void) -> Command {
        let shells: [(String, @Sendable (Command) -> String)] = [("bash", bash), ("zsh", zsh), ("fish", fish)]
        let subcommands = shells.map { name, script in
            Command(name, "Generate the autocompletion script for \(name)") { _ in
                print(script(root))
                return 0
            }
        }
        return Command(
            "completion", "Generate the autocompletion script for the specified shell",
            text: """
                Generates a script that completes commands and flags of \(root.name).
                To load it into the present shell: source <(\(root.name) completion bash), likewise for zsh;
                \(root.name) completion fish | source.
                """, subcommands: subcommands)
    }

    /// Each command's path without the tool, and the words that may follow it.
    private static func entries(_ root: Command) -> [(path: String, words: [String])] {
        var entries: [(String, [String])] = []
        func visit(_ chain: [Command]) {
            let flags = CommandParser.flags(of: chain)
            let last = chain[chain.count - 1]
            let names = last.subcommands.filter { !$0.isHidden }.map(\.name)
            let words = names + (flags.own + flags.inherited).filter { !$0.isHidden }.map { "--\($0.name)" }
            entries.append((chain.dropFirst().map(\.name).joined(separator: " "), words))
            for next in last.subcommands where !next.isHidden { visit(chain + [next]) }
        }
        visit([root])
        return entries
    }

    @Sendable private static func bash(_ root: Command) -> String {
        let cases = entries(root).map { "        \"\($0.path)\") words=\"\($0.words.joined(separator: " "))\" ;;" }
        return """
            # bash completion for \(root.name)
            _\(root.name)() {
                local word path="" candidate words=""
                for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                    case "$word" in
                    -*) ;;
                    *) candidate="${path:+$path }$word"
                       case " $(_\(root.name)_paths) " in *"|$candidate|"*) path="$candidate" ;; esac ;;
                    esac
                done
                case "$path" in
            \(cases.joined(separator: "\n"))
                esac
                COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            _\(root.name)_paths() { echo "|\(entries(root).map(\.path).filter { !$0.isEmpty }.joined(separator: "|"))|"; }
            complete -o default -F _\(root.name) \(root.name)

            """
    }

    @Sendable private static func zsh(_ root: Command) -> String {
        "#compdef \(root.name)\nautoload -U +X bashcompinit && bashcompinit\n" + bash(root)
    }

    @Sendable private static func fish(_ root: Command) -> String {
        var lines = ["# fish completion for \(root.name)", "complete -c \(root.name) -f"]
        func visit(_ chain: [Command]) {
            let last = chain[chain.count - 1]
            let seen = chain.dropFirst().map { "__fish_seen_subcommand_from \($0.name)" }
            let children = last.subcommands.filter { !$0.isHidden }
            for next in children {
                let unseen = "not __fish_seen_subcommand_from \(children.map(\.name).joined(separator: " "))"
                let condition = (seen + [unseen]).joined(separator: "; and ")
                lines.append("complete -c \(root.name) -n '\(condition)' -a \(next.name) -d '\(escaped(next.summary))'")
                visit(chain + [next])
            }
            let condition = seen.isEmpty ? "" : " -n '\(seen.joined(separator: "; and "))'"
            for flag in last.flags where !flag.isHidden {
                let short = flag.shorthand.map { " -s \($0)" } ?? ""
                let value = flag.kind == .bool ? "" : " -r"
                lines.append("complete -c \(root.name)\(condition)\(short) -l \(flag.name)\(value) -d '\(escaped(flag.help))'")
            }
        }
        visit([root])
        return lines.joined(separator: "\n") + "\n"
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
    }
}
