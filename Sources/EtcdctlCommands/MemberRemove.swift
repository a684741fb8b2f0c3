import Client
import CommandLine
import Wire

enum MemberRemove {
    static var command: Command {
        Command("remove <memberID>", "Removes a member from the cluster") { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("member ID is not provided") }
            let id = try MemberCommand.id(session.arguments[0])
            let client = try session.client()
            let response = try attempt { () throws(ClientError) in try client.memberRemove(id) }
            try session.output.print(response, simple: { MemberCommand.sentence(id, "removed from", response.header) })
        }
    }
}
