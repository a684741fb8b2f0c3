import Base
import Client
import CommandLine
import Platform
import Wire

enum LeaseKeepAlive {
    static var command: Command {
        Command(
            "keep-alive [options] <leaseID>", "Keeps leases alive (renew)",
            flags: [.bool("once", "Resets the keep-alive time to its original value and cobrautl.Exits immediately")]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("lease keep-alive command needs lease ID as argument") }
            let id = try LeaseCommand.id(session.arguments[0])
            let client = try session.client()
            client.timeout = nil
            if session.bool("once") {
                let response: Etcdserverpb.LeaseKeepAliveResponse
                do throws(ClientError) { response = try client.leaseKeepAliveOnce(id) } catch {
                    throw ExitError(ExitError.Status.badConnection, error.description)
                }
                return try print(response, session.output)
            }
            try keep(id, client, session.output)
        }
    }

    private static func keep(_ id: Int64, _ client: EtcdClient, _ output: Output) throws(ExitError) {
        var end: ExitError?
        var isOver = false
        let keeper = client.keepAlive(id) { outcome in
            switch outcome {
            case .alive(let response):
                do throws(ExitError) { try print(response, output) } catch {
                    end = error
                    isOver = true
                }
            case .expired: isOver = true
            case .failed: isOver = true
            }
        }
        while !isOver { client.loop.turn() }
        keeper.cancel()
        if let end { throw end }
        if output.format == .simple { Terminal.print("lease \(LeaseCommand.hex(id)) expired or revoked.\n") }
    }

    private static func print(_ response: Etcdserverpb.LeaseKeepAliveResponse, _ output: Output) throws(ExitError) {
        try output.print(
            response, simple: { Array("lease \(LeaseCommand.hex(response.id)) keepalived with TTL(\(response.ttl))\n".utf8) },
            fields: { Output.fields(response.header) + "\"ID\" : \(response.id)\n\"TTL\" : \(response.ttl)\n" },
            json: {
                Output.json { json in
                    json.open()
                    Output.members(response.header, &json)
                    json.field("ID", always: response.id)
                    json.field("TTL", always: response.ttl)
                    json.close()
                }
            }, protobuf: { (response.header ?? .init()).encoded().array })
    }
}
