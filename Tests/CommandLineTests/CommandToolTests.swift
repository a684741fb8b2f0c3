import Base
import Synchronization
import Testing

@testable import CommandLine

/// What a tool printed.
private final class Printed: Sendable {
    let output = Mutex("")
    let errors = Mutex("")
}

@Suite struct CommandToolTests {
    private func tool(_ style: HelpStyle, _ printed: Printed) -> CommandTool {
        let get = Command(
            "get", arguments: "[options] <key> [range_end]", "Gets the key or a range of keys",
            flags: [
                CommandFlag("limit", nil, .int, "0", "Maximum number of results"),
                CommandFlag("prefix", nil, .bool, "false", "Get keys with matching prefix"),
            ]
        ) { input in
            let text = "\(input.path) \(input.arguments) \(input.flags.int("limit")) \(input.flags.bool("prefix")) \(input.flags.text("write-out"))\n"
            printed.output.withLock { $0 += text }
            return 7
        }
        let restore = Command(
            "restore", arguments: "<filename> --data-dir {output dir} [options]", "Restores an etcd member snapshot to an etcd directory",
            flags: [CommandFlag("data-dir", nil, .string, "", "Path to the output data directory", isRequired: true)]
        ) { _ in 0 }
        let snapshot = Command("snapshot", arguments: "<subcommand>", "Manages etcd node snapshots", subcommands: [restore])
        let root = Command(
            "tool", "A simple tool.",
            flags: [
                CommandFlag("write-out", "w", .string, "simple", "set the output format"),
                CommandFlag("endpoints", nil, .strings, "127.0.0.1:2379", "gRPC endpoints"),
                CommandFlag("debug", nil, .bool, "false", "enable client-side debug logging"),
            ], flagsAreGlobal: true, subcommands: [get, snapshot])
        return CommandTool(
            root, style: style, print: { text in printed.output.withLock { $0 += text } },
            printError: { text in printed.errors.withLock { $0 += text } })
    }

    private func run(_ arguments: [String], _ style: HelpStyle = .plain) -> (status: Int32, output: String, errors: String) {
        let printed = Printed()
        let status = tool(style, printed).run(arguments)
        return (status, printed.output.withLock { $0 }, printed.errors.withLock { $0 })
    }

    @Test(arguments: [
        ["get", "a", "b", "--limit=3", "-w", "json", "--prefix"], ["-w=json", "get", "--prefix", "a", "--limit", "3", "b"],
        ["--write-out", "json", "ge", "--limit=0x3", "--prefix=true", "--", "a", "b"], ["get", "-wjson", "--prefix", "a", "--limit=3", "b"],
    ])
    func `flags may stand anywhere, and a unique beginning is a command`(_ arguments: [String]) {
        let result = run(arguments)
        #expect(result.status == 7)
        #expect(result.output == "[\"tool\", \"get\"] [\"a\", \"b\"] 3 true json\n")
    }

    @Test(arguments: [
        (["get", "--limit=x"], "invalid argument \"x\" for \"--limit\" flag: strconv.ParseInt: parsing \"x\": invalid syntax"),
        (
            ["get", "--limit=99999999999999999999"],
            "invalid argument \"99999999999999999999\" for \"--limit\" flag: "
                + "strconv.ParseInt: parsing \"99999999999999999999\": value out of range"
        ),
        (["get", "a", "--limit"], "flag needs an argument: --limit"), (["get", "-w"], "flag needs an argument: 'w' in -w"),
        (["get", "-z"], "unknown shorthand flag: 'z' in -z"), (["get", "--lim", "3"], "unknown flag: --lim"),
        (["get", "--=x"], "bad flag syntax: --=x"), (["get", "---x"], "bad flag syntax: ---x"),
        (["get", "--prefix=x"], "invalid argument \"x\" for \"--prefix\" flag: strconv.ParseBool: parsing \"x\": invalid syntax"),
        (["snapshot", "restore", "f"], "required flag(s) \"data-dir\" not set"),
    ])
    func `a bad flag is named before the usage and behind it`(_ arguments: [String], _ reason: String) {
        let result = run(arguments)
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("Error: \(reason)\nUsage:\n  tool "), "\(result.errors)")
        #expect(result.errors.hasSuffix("\n\nError: \(reason)\n"))
    }

    @Test func `an unknown command is refused with those that may have been meant`() {
        let result = run(["gett"])
        #expect(result.status == 1)
        #expect(
            result.errors == """
                Error: unknown command "gett" for "tool"

                Did you mean this?
                \tget

                Run 'tool --help' for usage.
                Error: unknown command "gett" for "tool"

                Did you mean this?
                \tget


                """)
    }

    /// As etcdutl 3.5.16 prints it, below a line that says what the command is for.
    @Test func `plain help`() {
        #expect(
            run(["snapshot", "restore", "--help"]).output == """
                Restores an etcd member snapshot to an etcd directory

                Usage:
                  tool snapshot restore <filename> --data-dir {output dir} [options] [flags]

                Flags:
                      --data-dir string   Path to the output data directory
                  -h, --help              help for restore

                Global Flags:
                      --debug               enable client-side debug logging
                      --endpoints strings   gRPC endpoints (default [127.0.0.1:2379])
                  -w, --write-out string    set the output format (default "simple")

                """)
    }

    /// As etcdctl 3.5.1 prints it.
    @Test func `help in sections`() {
        #expect(
            run(["get", "-h"], .sections(version: "3.5.1", apiVersion: "3.5")).output == """
                NAME:
                \tget - Gets the key or a range of keys

                USAGE:
                \ttool get [options] <key> [range_end] [flags]

                OPTIONS:
                  -h, --help[=false]\thelp for get
                      --limit=0\t\tMaximum number of results
                      --prefix[=false]\tGet keys with matching prefix

                GLOBAL OPTIONS:
                      --debug[=false]\t\t\tenable client-side debug logging
                      --endpoints=[127.0.0.1:2379]\tgRPC endpoints
                  -w, --write-out="simple"\t\tset the output format


                """)
    }

    @Test(arguments: [["help", "get"], ["help", "--endpoints", "x:1", "get"], ["help", "get", "-w", "json"]])
    func `help takes the flags of all commands`(_ arguments: [String]) {
        #expect(run(arguments).output == run(["get", "--help"]).output)
        #expect(run(arguments).errors.isEmpty)
    }

    @Test func `an unknown help topic is named without the flags around it`() {
        #expect(run(["help", "--endpoints", "x:1", "bogus"]).errors == "Unknown help topic [`bogus`]\n" + run(["--help"]).output)
        #expect(run(["help", "--bogus"]).errors.hasPrefix("Error: unknown flag: --bogus\n"))
    }

    @Test(arguments: [
        ("a,b", ["a", "b"]), ("a,", ["a", ""]), ("\"a,b\",c", ["a,b", "c"]), ("\"a\"\"b\"", ["a\"b"]), ("", []), (",", ["", ""]),
    ])
    func `a list is parted by commas that stand outside of quotes`(text: String, list: [String]) {
        let flag = CommandFlag("endpoints", nil, .strings, "", "")
        var flags = CommandFlags([flag])
        flags.set(flag, text)
        #expect(flags.list("endpoints") == list)
    }

    @Test func `a table is framed, and its cells stand on the right`() {
        var table = TextTable(["ID", "STATUS", "IS LEARNER"])
        table.append(["8211f1d0f64f3269", "started", "false"])
        table.append(["12", "x", "7.5"])
        #expect(
            table.text == """
                +------------------+---------+------------+
                |        ID        | STATUS  | IS LEARNER |
                +------------------+---------+------------+
                | 8211f1d0f64f3269 | started |      false |
                |               12 |       x |        7.5 |
                +------------------+---------+------------+

                """)
    }

    @Test func `completion scripts name all commands`() {
        for shell in ["bash", "zsh", "fish"] {
            let result = run(["completion", shell])
            #expect(result.status == 0 && result.output.contains("restore") && result.output.contains("data-dir"))
        }
    }
}
