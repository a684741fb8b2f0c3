import Base
import CommandLine
import Storage

/// `etcdutl snapshot status`: what is in a snapshot file, without restoring it.
enum StatusCommand {
    static let command = Command(
        "status", arguments: "<filename>", "Gets backend snapshot status of a given file",
        text: """
            When --write-out is set to simple, this command prints out comma-separated status lists for each endpoint.
            The items in the lists are hash, revision, total keys, total size.
            """
    ) { input in
        EtcdutlProgram.reporting { () throws(ToolError) in
            let format = try OutputFormat(input)
            guard input.arguments.count == 1 else { throw ToolError("snapshot status requires exactly one argument", status: 128) }
            // Says what is wrong with a file that is no database in words of its own.
            _ = try SnapshotInput(input.arguments[0])
            let status: BoltStatus
            do throws(BoltError) { status = try BoltStatus(of: input.arguments[0]) } catch { throw ToolError("\(error)") }
            StandardStreams.output(text(status, format))
        }
    }

    private static func text(_ status: BoltStatus, _ format: OutputFormat) -> String {
        let hash = String(status.hash, radix: 16)
        switch format {
        case .simple:
            return "\(hash), \(status.revision), \(status.entries), \(GoText.size(UInt64(clamping: status.byteCount)))\n"
        case .json:
            return "{\"hash\":\(status.hash),\"revision\":\(status.revision),\"totalKey\":\(status.entries),\"totalSize\":\(status.byteCount)}\n"
        case .fields:
            return "\"Hash\" : \(status.hash)\n\"Revision\" : \(status.revision)\n\"Keys\" : \(status.entries)\n\"Size\" : \(status.byteCount)\n"
        case .table:
            var table = TextTable(["HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE"])
            table.append([hash, "\(status.revision)", "\(status.entries)", GoText.size(UInt64(clamping: status.byteCount))])
            return table.text
        }
    }
}
