import Base
import CommandLine

/// `etcdutl hashkv`: the hash that members compare with each other, of a snapshot file or of a Go member's database.
enum HashKVCommand {
    static let command = Command(
        "hashkv", arguments: "<filename>", "Prints the KV history hash of a given file",
        flags: [CommandFlag("rev", nil, .int, "0", "maximum revision to hash (default: latest revision)")]
    ) { input in
        EtcdutlProgram.reporting { () throws(ToolError) in
            let format = try OutputFormat(input)
            guard input.arguments.count == 1 else { throw ToolError("hashkv requires exactly one argument", status: 128) }
            let revision = input.flags.int("rev")
            guard revision >= 0 else { throw ToolError("--rev=\(revision): a revision is not negative; 0 is the latest", status: 128) }
            _ = try SnapshotInput(input.arguments[0])
            StandardStreams.output(text(try FileHash(of: input.arguments[0], revision: revision), format))
        }
    }

    private static func text(_ hash: FileHash, _ format: OutputFormat) -> String {
        switch format {
        case .simple:
            return "\(String(hash.hash, radix: 16)), \(hash.revision), \(hash.compactRevision)\n"
        case .json:
            return "{\"hash\":\(hash.hash),\"hashRevision\":\(hash.revision),\"compactRevision\":\(hash.compactRevision)}\n"
        case .fields:
            return "\"Hash\" : \(hash.hash)\n\"Hash revision\" : \(hash.revision)\n\"Compact revision\" : \(hash.compactRevision)\n"
        case .table:
            var table = TextTable(["HASH", "HASH REVISION", "COMPACT REVISION"])
            table.append([String(hash.hash, radix: 16), "\(hash.revision)", "\(hash.compactRevision)"])
            return table.text
        }
    }
}
