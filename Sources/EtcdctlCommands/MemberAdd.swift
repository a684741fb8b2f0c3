import Base
import Client
import CommandLine
import Wire

enum MemberAdd {
    static var command: Command {
        Command(
            "add <memberName> [options]", "Adds a member into the cluster",
            flags: [
                .string("peer-urls", "comma separated peer URLs for the new member."),
                .bool("learner", "indicates if the new member is raft learner"),
            ]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            let name = try name(session.arguments)
            guard !session.text("peer-urls").isEmpty else { throw .arguments("member peer urls not provided") }
            let client = try session.client()
            let urls = try MemberCommand.urls(session.text("peer-urls"))
            let response = try attempt { () throws(ClientError) in try client.memberAdd(urls, learner: session.bool("learner")) }
            let id = response.member?.id ?? 0
            try session.output.print(response, simple: { MemberCommand.sentence(id, "added to", response.header) })
            guard session.output.format == .simple else { return }
            Terminal.print(environment(name, id, session.text("peer-urls"), response.members))
        }
    }

    private static func name(_ arguments: [String]) throws(ExitError) -> String {
        guard let name = arguments.first else { throw .arguments("member name not provided") }
        guard arguments.count == 1 else {
            let meant = arguments.filter { $0.lowercased().hasPrefix("http") }.map { ", did you mean --peer-urls=\($0)" }
            throw .arguments("too many arguments" + meant.joined())
        }
        return name
    }

    /// What the new member is to be started with.
    private static func environment(_ name: String, _ id: UInt64, _ urls: String, _ members: [Etcdserverpb.Member]) -> String {
        let cluster = members.flatMap { member in member.peerURLs.map { "\(member.id == id ? name : member.name)=\($0)" } }
        return """

            ETCD_NAME=\(GoText.quote(name))
            ETCD_INITIAL_CLUSTER=\(GoText.quote(cluster.joined(separator: ",")))
            ETCD_INITIAL_ADVERTISE_PEER_URLS=\(GoText.quote(urls))
            ETCD_INITIAL_CLUSTER_STATE="existing"

            """
    }
}
