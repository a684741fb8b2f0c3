import Base
import Client
import CommandLine
import Wire

enum EndpointCommand {
    static var command: Command {
        Command(
            "endpoint <subcommand>", "Endpoint related commands",
            persistentFlags: [.bool("cluster", "use all endpoints from the cluster member list")],
            children: [EndpointHealth.command, EndpointStatus.command, EndpointHashKV.command])
    }
}
