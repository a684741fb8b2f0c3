import CommandLine

enum CheckCommand {
    static var command: Command {
        Command(
            "check <subcommand>", "commands for checking properties of the etcd cluster",
            children: [CheckPerf.command, CheckDatascale.command])
    }
}
