import Base
import Cluster
import CommandLine
import Platform

/// `etcdutl snapshot restore`: its flags, and the new cluster that they describe.
enum RestoreCommand {
    static let command = Command(
        "restore", arguments: "<filename> --data-dir {output dir} [options]", "Restores an etcd member snapshot to an etcd directory",
        flags: [
            CommandFlag("data-dir", nil, .string, "", "Path to the output data directory", isRequired: true),
            CommandFlag("wal-dir", nil, .string, "", "Path to the WAL directory (use --data-dir if none given)"),
            CommandFlag(
                "initial-cluster", nil, .string, "default=http://localhost:2380", "Initial cluster configuration for restore bootstrap"),
            CommandFlag(
                "initial-cluster-token", nil, .string, "etcd-cluster", "Initial cluster token for the etcd cluster during restore bootstrap"),
            CommandFlag(
                "initial-advertise-peer-urls", nil, .string, "http://localhost:2380",
                "List of this member's peer URLs to advertise to the rest of the cluster"),
            CommandFlag("name", nil, .string, "default", "Human-readable name for this member"),
            CommandFlag(
                "skip-hash-check", nil, .bool, "false", "Ignore snapshot integrity hash value (required if copied from data directory)"),
            CommandFlag(
                "initial-memory-map-size", nil, .uint, "10737418240",
                "Initial memory map size of the database in bytes. It uses the default value if not defined or defined to 0"),
            CommandFlag("bump-revision", nil, .uint, "0", "How much to increase the latest revision after restore"),
            CommandFlag(
                "mark-compacted", nil, .bool, "false",
                "Mark the latest revision after restore as the point of scheduled compaction (required if --bump-revision > 0, disallowed otherwise)"),
        ]
    ) { input in
        EtcdutlProgram.reporting { () throws(ToolError) in
            _ = try OutputFormat(input)
            guard input.arguments.count == 1 else { throw ToolError("snapshot restore requires exactly one argument", status: 128) }
            try restore(input.arguments[0], input.flags)
        }
    }

    private static func restore(_ snapshot: String, _ flags: CommandFlags) throws(ToolError) {
        let name = flags.text("name")
        // etcdutl's own way out of an empty name of the directory.
        let directory = flags.text("data-dir").isEmpty ? name + ".etcd" : flags.text("data-dir")
        let bump = flags.uint("bump-revision")
        // For either without the other, etcd's tool has this sentence.
        guard (bump > 0) == flags.bool("mark-compacted") else {
            throw ToolError("--mark-compacted required if --revision-bump > 0", status: 128)
        }
        var bar = ProgressBar("restoring")
        var total = 1
        let work = SnapshotRestore(
            snapshot: snapshot, name: name, dataDirectory: directory,
            walDirectory: flags.text("wal-dir").isEmpty ? nil : flags.text("wal-dir"), founders: try founders(flags),
            token: flags.text("initial-cluster-token"), skipsHashCheck: flags.bool("skip-hash-check"), revisionBump: bump,
            marksCompacted: flags.bool("mark-compacted"), logger: EtcdutlProgram.logger)
        try work.run { done, of in
            total = of
            bar.update(done, of: of) { GoText.size(UInt64(clamping: $0)) }
        }
        bar.finish(total, of: total) { GoText.size(UInt64(clamping: $0)) }
    }

    private static func founders(_ flags: CommandFlags) throws(ToolError) -> [ClusterMember] {
        let name = flags.text("name")
        let token = flags.text("initial-cluster-token")
        let text = flags.text("initial-cluster")
        let listed: [EtcdConfiguration.Member]
        do throws(UsageError) { listed = try EtcdConfiguration.members(text, origin: "--initial-cluster") } catch {
            throw ToolError(error.message)
        }
        guard let own = listed.first(where: { $0.name == name }) else {
            throw ToolError("couldn't find local name \"\(name)\" in the initial cluster configuration")
        }
        let advertised = Set(try parse(flags.text("initial-advertise-peer-urls")).map(\.text))
        let named = Set(own.peerURLs.map(\.text))
        guard advertised == named else {
            let missing = named.subtracting(advertised).sorted().map { "\(name)=\($0)" }
            let texts = advertised.sorted().joined(separator: ",")
            guard missing.isEmpty else {
                throw ToolError("--initial-cluster has \(missing.joined(separator: ",")) but missing from --initial-advertise-peer-urls=\(texts)")
            }
            throw ToolError("--initial-advertise-peer-urls has \(texts) but missing from --initial-cluster=\(text)")
        }
        var members: [ClusterMember] = []
        for member in listed {
            let texts = member.peerURLs.map(\.text).sorted()
            let id = Identity.member(peerURLs: texts, token: token)
            if let twin = members.first(where: { $0.id == id }) {
                throw ToolError("--initial-cluster: \(twin.name) and \(member.name) have the same URLs")
            }
            members.append(ClusterMember(id: id, name: member.name, peerURLs: texts))
        }
        return members.sorted { $0.id < $1.id }
    }

    private static func parse(_ list: String) throws(ToolError) -> [TransportURL] {
        do throws(TransportURLError) { return try TransportURL.list(list) } catch { throw ToolError(error.reason) }
    }
}
