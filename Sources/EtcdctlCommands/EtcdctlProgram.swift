import Base
import CommandLine
import Glibc

/// The tool's tree of commands and the flags that all of them have.
package enum EtcdctlProgram {
    /// `arguments` without the program's name.
    package static func run(_ arguments: [String]) -> Never {
        exit(make().run(arguments))
    }

    static func make() -> CommandTool {
        CommandTool(
            Command(
                "etcdctl", "A simple command line client for etcd3.", persistentFlags: globalFlags,
                children: [
                    AlarmCommand.command, CheckCommand.command, CompactionCommand.command, DefragCommand.command, DelCommand.command,
                    EndpointCommand.command, GetCommand.command, LeaseCommand.command, MemberCommand.command,
                    MoveLeaderCommand.command, PutCommand.command, SnapshotCommand.command, TxnCommand.command, VersionCommand.command,
                    WatchCommand.command,
                ]), style: .sections(version: Release.etcd, apiVersion: Release.api))
    }

    static let globalFlags: [CommandFlag] = [
        .strings("endpoints", default: "127.0.0.1:2379", "gRPC endpoints"),
        .bool("debug", "enable client-side debug logging"),
        .string("write-out", "w", default: "simple", "set the output format (fields, json, protobuf, simple, table)"),
        .bool("hex", "print byte strings as hex encoded strings"),
        .duration("dial-timeout", default: "2s", "dial timeout for client connections"),
        .duration("command-timeout", default: "5s", "timeout for short running command (excluding dial timeout)"),
        .duration("keepalive-time", default: "2s", "keepalive time for client connections"),
        .duration("keepalive-timeout", default: "6s", "keepalive timeout for client connections"),
        .bool("insecure-transport", default: true, "disable transport security for client connections"),
        .bool("insecure-discovery", default: true, "accept insecure SRV records describing cluster endpoints"),
        .bool(
            "insecure-skip-tls-verify",
            "skip server certificate verification (CAUTION: this option should be enabled only for testing purposes)"),
        .string("cert", "identify secure client using this TLS certificate file"),
        .string("key", "identify secure client using this TLS key file"),
        .string("cacert", "verify certificates of TLS-enabled secure servers using this CA bundle"),
        .string("user", "username[:password] for authentication (prompt if password is not supplied)"),
        .string(
            "password", "password for authentication (if this option is used, --user option shouldn't include password)"),
        .string("discovery-srv", "d", "domain name to query for SRV records describing cluster endpoints"),
        .string("discovery-srv-name", "service name to query when using DNS discovery"),
        .int("max-request-bytes", hidden: true, "client-side request send limit in bytes"),
        .int("max-recv-bytes", hidden: true, "client-side response receive limit in bytes"),
        .string("auth-jwt-token", hidden: true, "JWT token used for authentication"),
    ]
}
