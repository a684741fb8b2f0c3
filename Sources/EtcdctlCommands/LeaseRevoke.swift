import Base
import Client
import CommandLine
import Wire

enum LeaseRevoke {
    static var command: Command {
        Command("revoke <leaseID>", "Revokes leases") { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("lease revoke command needs 1 argument") }
            let id = try LeaseCommand.id(session.arguments[0])
            let client = try session.client()
            let response = try attempt({ "failed to revoke lease (\($0))" }) { () throws(ClientError) in try client.leaseRevoke(id) }
            try session.output.print(
                response, simple: { Array("lease \(LeaseCommand.hex(id)) revoked\n".utf8) }, fields: { Output.fields(response.header) })
        }
    }
}
