import Base
import Client
import CommandLine
import Wire

enum MoveLeaderCommand {
    static var command: Command {
        Command(
            "move-leader <transferee-member-id>", "Transfers leadership to another etcd cluster member."
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("move-leader command needs 1 argument") }
            let target: UInt64
            do throws(GoTextError) { target = try GoText.uint(session.arguments[0], radix: 16) } catch { throw .arguments("\(error)") }
            let client = try session.client()
            let (leader, endpoint) = try leader(session, client)
            try attempt { () throws(ClientError) in try client.moveLeader(to: target, through: endpoint) }
            try session.output.print(
                Etcdserverpb.MoveLeaderResponse(),
                simple: { Array("Leadership transferred from \(GoText.hex(leader)) to \(GoText.hex(target))\n".utf8) })
        }
    }

    /// Only the leader itself gives its place away.
    private static func leader(_ session: Session, _ client: EtcdClient) throws(ExitError) -> (UInt64, Endpoint) {
        for endpoint in session.endpoints {
            let status = try attempt { () throws(ClientError) in try client.status(of: endpoint) }
            if status.leader == status.header.memberID { return (status.leader, endpoint) }
        }
        throw .arguments("no leader endpoint given at [\(session.endpoints.map(\.text).joined(separator: " "))]")
    }
}
