import Base
import Client
import CommandLine
import Wire

enum LeaseTimeToLive {
    static var command: Command {
        Command(
            "timetolive <leaseID> [options]", "Get lease information", flags: [.bool("keys", "Get keys attached to this lease")]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("lease timetolive command needs lease ID as argument") }
            let id = try LeaseCommand.id(session.arguments[0])
            let client = try session.client()
            let keys = session.bool("keys")
            let response = try attempt { () throws(ClientError) in try client.lease(id, keys: keys) }.message
            try session.output.print(
                response, simple: { Array(simple(response, keys: keys).utf8) },
                fields: {
                    Output.fields(response.header)
                        + "\"ID\" : \(response.id)\n\"TTL\" : \(response.ttl)\n\"GrantedTTL\" : \(response.grantedTTL)\n"
                        + response.keys.map { "\"Key\" : \(GoText.quote($0))\n" }.joined()
                },
                json: { json(response) }, protobuf: { (response.header ?? .init()).encoded().array })
        }
    }

    private static func simple(_ response: Etcdserverpb.LeaseTimeToLiveResponse, keys: Bool) -> String {
        let name = "lease \(LeaseCommand.hex(response.id))"
        if response.grantedTTL == 0, response.ttl == -1 { return name + " already expired\n" }
        var text = name + " granted with TTL(\(response.grantedTTL)s), remaining(\(response.ttl)s)"
        if keys {
            text += ", attached keys([\(response.keys.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))])"
        }
        return text + "\n"
    }

    private static func json(_ response: Etcdserverpb.LeaseTimeToLiveResponse) -> [UInt8] {
        Output.json { json in
            json.open()
            Output.members(response.header, &json)
            json.field("id", always: response.id)
            json.field("ttl", always: response.ttl)
            json.field("granted-ttl", always: response.grantedTTL)
            json.name("keys")
            if response.keys.isEmpty {
                json.literal("null")
            } else {
                json.openList()
                for key in response.keys { json.value(key) }
                json.closeList()
            }
            json.close()
        }
    }
}
