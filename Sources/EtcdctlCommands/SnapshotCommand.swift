import Client
import CommandLine

enum SnapshotCommand {
    static var command: Command {
        Command(
            "snapshot <subcommand>", "Manages etcd node snapshots", children: [SnapshotSave.command])
    }
}
