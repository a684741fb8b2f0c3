import Base
import Client
import CommandLine
import Wire

enum LeaseGrant {
    static var command: Command {
        Command("grant <ttl>", "Creates leases") { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("lease grant command needs TTL argument") }
            let seconds: Int64
            do throws(GoTextError) { seconds = try GoText.int(session.arguments[0], radix: 10) } catch { throw .arguments("bad TTL (\(error))") }
            let client = try session.client()
            let response = try attempt({ "failed to grant lease (\($0))" }) { () throws(ClientError) in try client.leaseGrant(seconds) }
            try session.output.print(
                response,
                simple: { Array("lease \(LeaseCommand.hex(response.id)) granted with TTL(\(response.ttl)s)\n".utf8) },
                fields: { Output.fields(response.header) + "\"ID\" : \(response.id)\n\"TTL\" : \(response.ttl)\n" },
                json: {
                    Output.json { json in
                        json.open()
                        Output.members(response.header, &json)
                        json.field("ID", always: response.id)
                        json.field("TTL", always: response.ttl)
                        json.field("Error", always: response.error)
                        json.close()
                    }
                },
                // Of Go's client's response type only the embedded header is a message.
                protobuf: { (response.header ?? .init()).encoded().array })
        }
    }
}
