import Base
import Client
import CommandLine
import Wire

enum PutCommand {
    static var command: Command {
        Command(
            "put [options] <key> <value> (<value> can also be given from stdin)", "Puts the given key into the store",
            long: """
                Puts the given key into the store.

                When <value> begins with '-', <value> is interpreted as a flag.
                Insert '--' for workaround:

                $ put <key> -- <value>
                $ put -- <key> <value>

                If <value> isn't given as a command line argument and '--ignore-value' is not specified,
                this command tries to read the value from standard input.

                If <lease> isn't given as a command line argument and '--ignore-lease' is not specified,
                this command tries to read the value from standard input.

                For example,
                $ cat file | put <key>
                will store the content of the file to <key>.
                """,
            flags: flags
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            let request = try parse(invocation) { StandardStreams.readInput() }
            let client = try session.client()
            let response = try attempt { () throws(ClientError) in try client.put(request.key, request.value, request.options) }
            try print(response.message, session.output)
        }
    }

    static let flags: [CommandFlag] = [
        .string("lease", default: "0", "lease ID (in hexadecimal) to attach to the key"),
        .bool("prev-kv", "return the previous key-value pair before modification"),
        .bool("ignore-value", "updates the key using its current value"),
        .bool("ignore-lease", "updates the key using its current lease"),
    ]

    struct Request {
        let key: [UInt8]
        let value: [UInt8]
        let options: PutOptions
    }

    /// `input` gives the value when it is not among the arguments; in a transaction there is none.
    static func parse(_ invocation: Invocation, input: (() -> [UInt8])?) throws(ExitError) -> Request {
        let arguments = invocation.arguments
        guard let key = arguments.first else { throw .arguments("put command needs 1 argument and input from stdin or 2 arguments") }
        var options = PutOptions()
        options.ignoreValue = invocation.bool("ignore-value")
        options.ignoreLease = invocation.bool("ignore-lease")
        options.previousKeyValue = invocation.bool("prev-kv")
        if options.ignoreValue, arguments.count > 1 {
            throw .arguments("put command needs only 1 argument when 'ignore-value' is set")
        }
        var value: [UInt8] = []
        if !options.ignoreValue {
            if arguments.count > 1 {
                value = Array(arguments[1].utf8)
            } else if let input {
                value = input()
            } else {
                throw .arguments("put command needs 1 argument and input from stdin or 2 arguments")
            }
        }
        do throws(GoTextError) { options.lease = try GoText.int(invocation.text("lease"), radix: 16) } catch {
            throw .arguments("bad lease ID (\(error)), expecting ID in Hex")
        }
        return Request(key: Array(key.utf8), value: value, options: options)
    }

    static func simple(_ response: Etcdserverpb.PutResponse, _ output: Output) -> [UInt8] {
        Array("OK\n".utf8) + (response.prevKv.map { output.pair($0) } ?? [])
    }

    private static func print(_ response: Etcdserverpb.PutResponse, _ output: Output) throws(ExitError) {
        try output.print(
            response, simple: { simple(response, output) },
            fields: { fields(response) })
    }

    static func fields(_ response: Etcdserverpb.PutResponse) -> String {
        Output.fields(response.header) + (response.prevKv.map { Output.fields("Prev", $0) } ?? "")
    }
}
