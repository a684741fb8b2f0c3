import Base
import Client
import CommandLine
import Wire

enum DelCommand {
    static var command: Command {
        Command(
            "del [options] <key> [range_end]", "Removes the specified key or range of keys [key, range_end)", flags: flags
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            let request = try parse(invocation)
            let client = try session.client()
            let response = try attempt { () throws(ClientError) in try client.delete(request.range, previous: request.previous) }
            try print(response.message, session.output)
        }
    }

    static let flags: [CommandFlag] = [
        .bool("prefix", "delete keys with matching prefix"),
        .bool("prev-kv", "return deleted key-value pairs"),
        .bool("from-key", "delete keys that are greater than or equal to the given key using byte compare"),
        .bool("range", hidden: true, "delete range of keys without delay"),
    ]

    struct Request {
        let range: KeyRange
        let previous: Bool
    }

    static func parse(_ invocation: Invocation) throws(ExitError) -> Request {
        let arguments = invocation.arguments
        guard let key = arguments.first, arguments.count <= 2 else {
            throw .arguments("del command needs one argument as key and an optional argument as range_end")
        }
        let prefix = invocation.bool("prefix")
        let fromKey = invocation.bool("from-key")
        if prefix, fromKey { throw .arguments("`--prefix` and `--from-key` cannot be set at the same time, choose one") }
        if arguments.count > 1, prefix || fromKey {
            throw .arguments("too many arguments, only accept one argument when `--prefix` or `--from-key` is set")
        }
        let bytes = Array(key.utf8)
        let range: KeyRange =
            arguments.count > 1 ? .range(bytes, Array(arguments[1].utf8)) : prefix ? .prefix(bytes) : fromKey ? .from(bytes) : .key(bytes)
        return Request(range: range, previous: invocation.bool("prev-kv"))
    }

    static func simple(_ response: Etcdserverpb.DeleteRangeResponse, _ output: Output) -> [UInt8] {
        Array("\(response.deleted)\n".utf8) + response.prevKvs.flatMap { output.pair($0) }
    }

    private static func print(_ response: Etcdserverpb.DeleteRangeResponse, _ output: Output) throws(ExitError) {
        try output.print(
            response, simple: { simple(response, output) },
            fields: { fields(response) })
    }

    static func fields(_ response: Etcdserverpb.DeleteRangeResponse) -> String {
        Output.fields(response.header) + "\"Deleted\" : \(response.deleted)\n"
            + response.prevKvs.map { Output.fields("Prev", $0) }.joined()
    }
}
