import Client
import CommandLine
import Wire

enum MemberUpdate {
    static var command: Command {
        Command(
            "update <memberID> [options]", "Updates a member in the cluster",
            flags: [.string("peer-urls", "comma separated peer URLs for the updated member.")]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("member ID is not provided") }
            let id = try MemberCommand.id(session.arguments[0])
            guard !session.text("peer-urls").isEmpty else { throw .arguments("member peer urls not provided") }
            let client = try session.client()
            let urls = try MemberCommand.urls(session.text("peer-urls"))
            let response = try attempt { () throws(ClientError) in try client.memberUpdate(id, urls) }
            try session.output.print(response, simple: { MemberCommand.sentence(id, "updated in", response.header) })
        }
    }
}
