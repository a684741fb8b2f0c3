import Base
import Client
import CommandLine
import Wire

enum MemberList {
    static var command: Command {
        Command(
            "list", "Lists all members in the cluster",
            long: """
                When --write-out is set to simple, this command prints out comma-separated member lists for each endpoint.
                The items in the lists are ID, Status, Name, Peer Addrs, Client Addrs, Is Learner.
                """,
            flags: [.string("consistency", default: "l", hidden: true, "Linearizable(l) or Serializable(s)")]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            let consistency = session.text("consistency")
            guard consistency == "l" || consistency == "s" else { throw .feature("unknown consistency flag \(GoText.quote(consistency))") }
            let client = try session.client()
            let response = try attempt { () throws(ClientError) in try client.memberList(linearizable: consistency == "l") }
            try session.output.print(
                response, simple: { Array(response.members.map { cells($0).joined(separator: ", ") + "\n" }.joined().utf8) },
                fields: { Output.fields(response.header) + response.members.map(fields).joined() },
                table: { Output.table(["ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner"], response.members.map(cells)) },
                json: session.bool("hex") ? { hexJSON(response) } : nil)
        }
    }

    private static func cells(_ member: Etcdserverpb.Member) -> [String] {
        [
            GoText.hex(member.id), member.name.isEmpty ? "unstarted" : "started", member.name, member.peerURLs.joined(separator: ","),
            member.clientURLs.joined(separator: ","), "\(member.isLearner)",
        ]
    }

    private static func fields(_ member: Etcdserverpb.Member) -> String {
        var text = "\"ID\" : \(member.id)\n\"Name\" : \(GoText.quote(member.name))\n"
        for url in member.peerURLs { text += "\"PeerURL\" : \(GoText.quote(url))\n" }
        for url in member.clientURLs { text += "\"ClientURL\" : \(GoText.quote(url))\n" }
        return text + "\"IsLearner\" : \(member.isLearner)\n\n"
    }

    /// With --hex ids are texts in hexadecimal, and "clientURLS" is spelt so.
    private static func hexJSON(_ response: Etcdserverpb.MemberListResponse) -> [UInt8] {
        Output.json { json in
            json.open()
            json.name("header")
            json.open()
            json.field("cluster_id", always: GoText.hex(response.header?.clusterID ?? 0))
            json.field("member_id", always: GoText.hex(response.header?.memberID ?? 0))
            json.field("revision", int64: response.header?.revision ?? 0)
            json.field("raft_term", uint64: response.header?.raftTerm ?? 0)
            json.close()
            json.name("members")
            json.openList()
            for member in response.members {
                json.open()
                json.field("ID", always: GoText.hex(member.id))
                json.field("name", string: member.name)
                json.field("peerURLs", list: member.peerURLs)
                json.field("clientURLS", list: member.clientURLs)
                json.field("isLearner", bool: member.isLearner)
                json.close()
            }
            json.closeList()
            json.close()
        }
    }
}
