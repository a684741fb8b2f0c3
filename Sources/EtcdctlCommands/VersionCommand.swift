import CommandLine

enum VersionCommand {
    static var command: Command {
        Command("version", "Prints the version of etcdctl") { _ throws(ExitError) in
            Terminal.print("etcdctl version: \(Release.etcd)\nAPI version: \(Release.api)\n")
        }
    }
}
