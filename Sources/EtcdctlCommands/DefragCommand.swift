import Client
import CommandLine
import Wire

enum DefragCommand {
    static var command: Command {
        Command(
            "defrag", "Defragments the storage of the etcd members with given endpoints",
            flags: [
                .string("data-dir", "Optional. If present, defragments a data directory not in use by etcd.")
            ],
            persistentFlags: [.bool("cluster", "use all endpoints from the cluster member list")]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.text("data-dir").isEmpty else {
                throw .feature("defrag --data-dir: a data directory not in use is defragmented by `etcdutl defrag --data-dir`")
            }
            let client = try session.client()
            var failures = 0
            for endpoint in try session.endpointsOrCluster() {
                do throws(ClientError) {
                    try client.defragment(endpoint)
                    Terminal.print("Finished defragmenting etcd member[\(endpoint)]\n")
                } catch {
                    Terminal.error("Failed to defragment etcd member[\(endpoint)] (\(error))\n")
                    failures += 1
                }
            }
            if failures > 0 { throw .status(ExitError.Status.error) }
        }
    }
}

extension Session {
    /// The given endpoints, or with `--cluster` the client URLs of all members.
    func endpointsOrCluster() throws(ExitError) -> [Endpoint] {
        let client = try client()
        guard bool("cluster") else { return endpoints }
        let members = try attempt({ "failed to fetch endpoints from etcd cluster member list: \($0)" }) { () throws(ClientError) in
            try client.memberList()
        }
        var found: [Endpoint] = []
        for url in members.members.flatMap(\.clientURLs) where !found.contains(Endpoint(url)) { found.append(Endpoint(url)) }
        return found
    }
}
