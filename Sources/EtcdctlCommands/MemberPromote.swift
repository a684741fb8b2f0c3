import Client
import CommandLine
import Wire

enum MemberPromote {
    static var command: Command {
        Command(
            "promote <memberID>", "Promotes a non-voting member in the cluster",
            long: "Promotes a non-voting learner member to a voting one in the cluster."
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("member ID is not provided") }
            let id = try MemberCommand.id(session.arguments[0])
            let client = try session.client()
            let response = try attempt { () throws(ClientError) in try client.memberPromote(id) }
            try session.output.print(response, simple: { MemberCommand.sentence(id, "promoted in", response.header) })
        }
    }
}
