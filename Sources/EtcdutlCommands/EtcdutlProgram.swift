import Base
import Cluster
import CommandLine
import Glibc
import Platform

/// `etcdutl`: works on data directories and snapshot files, never on a running member, and never changes what it reads.
///
/// Exit status as etcd's tool: 0, 1 an error, 2 a bad flag value, 4 an unsupported output format, 128 wrong arguments.
package enum EtcdutlProgram {
    /// `arguments` without the program's name.
    package static func run(_ arguments: [String]) -> Never {
        let root = Command(
            "etcdutl", "An administrative command line tool for etcd3.",
            flags: [
                CommandFlag("write-out", "w", .string, "simple", "set the output format (fields, json, protobuf, simple, table)")
            ], flagsAreGlobal: true, subcommands: [snapshot, DefragmentCommand.command, HashKVCommand.command, version])
        Glibc.exit(CommandTool(root, style: .plain).run(arguments))
    }

    private static let snapshot = Command(
        "snapshot", "Manages etcd node snapshots", subcommands: [RestoreCommand.command, StatusCommand.command])

    private static let version = Command("version", "Prints the version of etcdutl") { _ in
        StandardStreams.output("etcdutl version: \(Release.etcd)\nAPI version: \(Release.api)\n")
        return 0
    }

    /// Runs `body` and tells its error.
    static func reporting(_ body: () throws(ToolError) -> Void) -> Int32 {
        do throws(ToolError) {
            try body()
            return 0
        } catch {
            StandardStreams.error("Error: \(error)\n")
            return error.status
        }
    }

    /// Etcd's tools log to people: one line of text.
    static var logger: Logger { Logger(format: .console, outputs: [.standardError]) }
}

/// How results are printed.
enum OutputFormat: String {
    case simple, table, fields, json

    init(_ input: CommandInput) throws(ToolError) {
        let name = input.flags.text("write-out")
        guard let format = OutputFormat(rawValue: name) else {
            throw ToolError(name == "protobuf" ? "protobuf not supported as output format" : "unsupported output format", status: 4)
        }
        self = format
    }
}
