import Base
import Cluster
import CommandLine
import Glibc
import Platform

/// `etcdutl`: works on data directories and snapshot files, never on a running member, and never changes what it reads.
///
/// Exit status as etcd's tool: 0, 1 an error, 2 a bad flag value, 4 an unsupported output format, 128 wrong arguments.
enum Tool {
    static let etcdVersion = "3.6.0"
    static let apiVersion = "3.6"

    static func run() -> Never {
        let root = Command(
            "etcdutl", "An administrative command line tool for etcd3.",
            flags: [
                CommandFlag("write-out", "w", .string, "simple", "set the output format (fields, json, protobuf, simple, table)")
            ], flagsAreGlobal: true, subcommands: [snapshot, DefragmentCommand.command, HashKVCommand.command, version])
        Glibc.exit(CommandTool(root, style: .plain).run(Array(Swift.CommandLine.arguments.dropFirst())))
    }

    private static let snapshot = Command(
        "snapshot", "Manages etcd node snapshots", subcommands: [RestoreCommand.command, StatusCommand.command])

    private static let version = Command("version", "Prints the version of etcdutl") { _ in
        StandardStreams.output("etcdutl version: \(etcdVersion)\nAPI version: \(apiVersion)\n")
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
        guard let format = OutputFormat(rawValue: input.flags.text("write-out")) else {
            throw ToolError("unsupported output format", status: 4)
        }
        self = format
    }
}

/// Bytes as people read them, in powers of 1000, as the library of etcd's tools rounds them: `25 kB`, `1.5 MB`.
enum HumanBytes {
    static func text(_ bytes: Int64) -> String {
        guard bytes >= 10 else { return "\(bytes) B" }
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var power = 0
        var divisor = 1.0
        while power < units.count - 1, Double(bytes) >= divisor * 1000 {
            divisor *= 1000
            power += 1
        }
        let value = (Double(bytes) / divisor * 10 + 0.5).rounded(.down) / 10
        if value < 10, power > 0 {
            let tenths = Int(value * 10 + 0.5)
            return "\(tenths / 10).\(tenths % 10) \(units[power])"
        }
        return "\(Int(value.rounded(.toNearestOrEven))) \(units[power])"
    }
}
