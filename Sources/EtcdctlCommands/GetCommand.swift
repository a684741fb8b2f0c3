import Base
import Client
import CommandLine
import Wire

enum GetCommand {
    static var command: Command {
        Command("get [options] <key> [range_end]", "Gets the key or a range of keys", flags: flags) {
            invocation throws(ExitError) in
            let session = Session(invocation)
            let request = try parse(invocation)
            let client = try session.client()
            let response = try attempt { () throws(ClientError) in try client.get(request.range, request.options) }
            if invocation.bool("count-only"), session.output.format != .fields {
                throw .arguments("--count-only is only for `--write-out=fields`")
            }
            let valueOnly = invocation.bool("print-value-only")
            if valueOnly, session.output.format != .simple {
                throw .arguments("print-value-only is only for `--write-out=simple`")
            }
            try print(response.message, session.output, keysOnly: request.options.keysOnly, valueOnly: valueOnly)
        }
    }

    static let flags: [CommandFlag] = [
        .string("consistency", default: "l", "Linearizable(l) or Serializable(s)"),
        .string("order", "Order of results; ASCEND or DESCEND (ASCEND by default)"),
        .string("sort-by", "Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION"),
        .int("limit", "Maximum number of results"),
        .bool("prefix", "Get keys with matching prefix"),
        .bool("from-key", "Get keys that are greater than or equal to the given key using byte compare"),
        .int("rev", "Specify the kv revision"),
        .bool("keys-only", "Get only the keys"),
        .bool("count-only", "Get only the count"),
        .bool("print-value-only", "Only write values when using the \"simple\" output format"),
        .int("min-create-rev", hidden: true, "Minimum create revision"),
        .int("max-create-rev", hidden: true, "Maximum create revision"),
        .int("min-mod-rev", hidden: true, "Minimum modification revision"),
        .int("max-mod-rev", hidden: true, "Maximum modification revision"),
    ]

    struct Request {
        let range: KeyRange
        let options: GetOptions
    }

    static func parse(_ invocation: Invocation) throws(ExitError) -> Request {
        let arguments = invocation.arguments
        guard let key = arguments.first else {
            throw .arguments("get command needs one argument as key and an optional argument as range_end")
        }
        let prefix = invocation.bool("prefix")
        let fromKey = invocation.bool("from-key")
        if prefix, fromKey { throw .arguments("`--prefix` and `--from-key` cannot be set at the same time, choose one") }
        var options = GetOptions()
        options.keysOnly = invocation.bool("keys-only")
        options.countOnly = invocation.bool("count-only")
        if options.keysOnly, options.countOnly {
            throw .arguments("`--keys-only` and `--count-only` cannot be set at the same time, choose one")
        }
        switch invocation.text("consistency") {
        case "s": options.serializable = true
        case "l": break
        case let other: throw .feature("unknown consistency flag \(GoText.quote(other))")
        }
        if arguments.count > 1, prefix || fromKey {
            throw .arguments("too many arguments, only accept one argument when `--prefix` or `--from-key` is set")
        }
        let bytes = Array(key.utf8)
        let range: KeyRange =
            arguments.count > 1 ? .range(bytes, Array(arguments[1].utf8)) : prefix ? .prefix(bytes) : fromKey ? .from(bytes) : .key(bytes)
        options.limit = invocation.int("limit")
        options.revision = max(0, invocation.int("rev"))
        try sort(invocation, &options)
        options.minCreateRevision = invocation.int("min-create-rev")
        options.maxCreateRevision = invocation.int("max-create-rev")
        options.minModRevision = invocation.int("min-mod-rev")
        options.maxModRevision = invocation.int("max-mod-rev")
        return Request(range: range, options: options)
    }

    private static func sort(_ invocation: Invocation, _ options: inout GetOptions) throws(ExitError) {
        let order = invocation.text("order")
        switch order.uppercased() {
        case "ASCEND": options.order = .ascending
        case "DESCEND": options.order = .descending
        case "": break
        default: throw .feature("bad sort order \(order)")
        }
        let target = invocation.text("sort-by")
        switch target.uppercased() {
        case "CREATE": options.target = .createRevision
        case "KEY", "": options.target = .key
        case "MODIFY": options.target = .modRevision
        case "VALUE": options.target = .value
        case "VERSION": options.target = .version
        default: throw .feature("bad sort target \(target)")
        }
        // Sorted by something means ascending; by key in ascending order is what comes anyway.
        if !target.isEmpty, options.order == .none, options.target != .key { options.order = .ascending }
        if options.target == .key, options.order == .ascending { options.order = .none }
    }

    static func simple(_ response: Etcdserverpb.RangeResponse, _ output: Output, keysOnly: Bool = false, valueOnly: Bool = false) -> [UInt8] {
        response.kvs.flatMap { output.pair($0, keyOnly: keysOnly, valueOnly: valueOnly) }
    }

    static func fields(_ response: Etcdserverpb.RangeResponse) -> String {
        Output.fields(response.header) + response.kvs.map { Output.fields("", $0) }.joined()
            + "\"More\" : \(response.more)\n\"Count\" : \(response.count)\n"
    }

    private static func print(
        _ response: Etcdserverpb.RangeResponse, _ output: Output, keysOnly: Bool, valueOnly: Bool
    ) throws(ExitError) {
        try output.print(
            response, simple: { simple(response, output, keysOnly: keysOnly, valueOnly: valueOnly) }, fields: { fields(response) })
    }
}
