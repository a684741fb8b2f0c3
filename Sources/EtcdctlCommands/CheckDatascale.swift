import Base
import Client
import CommandLine
import HTTP
import Platform

enum CheckDatascale {
    private struct Load {
        let keys: Int
        let clients: Int
    }

    private static let valueBytes = 1024

    static var command: Command {
        Command(
            "datascale [options]", "Check the memory usage of holding data for different workloads on a given server endpoint.",
            long: "If no endpoint is provided, localhost will be used. If multiple endpoints are provided, first endpoint will be used.",
            flags: CheckSteps.flags("datascale", prefix: "/etcdctl-check-datascale/")
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            let load = try CheckSteps.load(
                session, small: Load(keys: 10_000, clients: 50), medium: Load(keys: 100_000, clients: 200),
                large: Load(keys: 1_000_000, clients: 500), extraLarge: Load(keys: 3_000_000, clients: 1000))
            let client = try session.client()
            let prefix = session.text("prefix")
            try CheckSteps.refuseUsedPrefix(prefix, client, remedy: "etcdctl del --prefix \(prefix)")
            let endpoint = session.endpoints[0]
            let before = try memory(endpoint)
            Terminal.print(
                "Start data scale check for work load [\(load.keys) key-value pairs, \(valueBytes) bytes per key-value, "
                    + "\(load.clients) concurrent clients].\n")
            let writes = run(load, client, prefix)
            let after = try memory(endpoint)
            try CheckSteps.cleanUp(prefix, session, client)
            guard writes.errors.isEmpty else {
                writes.printErrors()
                throw .status(ExitError.Status.error)
            }
            let used = max(0, after - before) / (1024 * 1024)
            Terminal.print("PASS: Approximate system memory used : \(GoText.fixed(used, 2)) MB.\n")
        }
    }

    private static func run(_ load: Load, _ client: EtcdClient, _ prefix: String) -> CheckLoad {
        let writes = CheckLoad(client, prefix: prefix, valueBytes: valueBytes, clients: load.clients)
        var sent = 0
        CheckSteps.run(client, total: load.keys) { now in
            if writes.done >= load.keys { return nil }
            while sent < load.keys, writes.hasRoom {
                writes.put()
                sent += 1
            }
            return (writes.done, now + .milliseconds(100))
        }
        return writes
    }

    /// What the server says of its memory at /metrics, in bytes.
    private static func memory(_ endpoint: Endpoint) throws(ExitError) -> Double {
        let text = endpoint.text.contains("://") ? endpoint.text : "http://\(endpoint.text)"
        do throws(Client1Failure) {
            guard let url = try? TransportURL(text) else { throw Client1Failure(.connect, "not a URL") }
            return try MetricsProbe.read("process_resident_memory_bytes", at: url)
        } catch {
            throw ExitError(ExitError.Status.error, "could not read the memory of \(endpoint) from \(text)/metrics: \(error)")
        }
    }
}
