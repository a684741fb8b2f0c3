import Base
import Client
import CommandLine
import Wire

enum LeaseList {
    static var command: Command {
        Command("list", "List all active leases") { invocation throws(ExitError) in
            let session = Session(invocation)
            let client = try session.client()
            let response = try attempt { () throws(ClientError) in try client.leaseLeases() }
            try session.output.print(
                response,
                simple: {
                    let ids = response.leases.map { LeaseCommand.hex($0.id) + "\n" }
                    return Array("found \(response.leases.count) leases\n\(ids.joined())".utf8)
                },
                fields: { Output.fields(response.header) + response.leases.map { "\"ID\" : \($0.id)\n" }.joined() },
                json: {
                    Output.json { json in
                        json.open()
                        Output.members(response.header, &json)
                        json.name("leases")
                        json.openList()
                        for lease in response.leases {
                            json.open()
                            json.field("id", always: lease.id)
                            json.close()
                        }
                        json.closeList()
                        json.close()
                    }
                }, protobuf: { (response.header ?? .init()).encoded().array })
        }
    }
}
