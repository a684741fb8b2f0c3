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
            flags: [
                .string("load", default: "s", "The datascale check's workload model. Accepted workloads: s(small), m(medium), l(large), xl(xLarge)"),
                .string("prefix", default: "/etcdctl-check-datascale/", "The prefix for writing the datascale check's keys."),
                .bool("auto-compact", "Compact storage with last revision after test is finished."),
                .bool("auto-defrag", "Defragment storage after test is finished."),
            ]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            let load = try load(session.text("load"))
            let client = try session.client()
            let prefix = session.text("prefix")
            try CheckSteps.refuseUsedPrefix(prefix, client)
            let endpoint = session.endpoints[0]
            let before = try memory(endpoint)
            Terminal.print(
                "Start data scale check for work load [\(load.keys) key-value pairs, \(valueBytes) bytes per key-value, "
                    + "\(load.clients) concurrent clients].\n")
            let writes = run(load, client, prefix)
            let after = try memory(endpoint)
            client.timeout = nil
            try CheckSteps.cleanUp(prefix, session, client)
            guard writes.errors.isEmpty else {
                for (text, count) in Dictionary(grouping: writes.errors, by: { $0 }).mapValues(\.count).sorted(by: { $0.key < $1.key }) {
                    Terminal.print("FAIL: ERROR(\(text)) -> \(count)\n")
                }
                throw .status(ExitError.Status.error)
            }
            let used = max(0, after - before) / (1024 * 1024)
            Terminal.print("PASS: Approximate system memory used : \(GoText.fixed(used, 2)) MB.\n")
        }
    }

    private static func load(_ name: String) throws(ExitError) -> Load {
        switch name {
        case "s", "small": Load(keys: 10_000, clients: 50)
        case "m", "medium": Load(keys: 100_000, clients: 200)
        case "l", "large": Load(keys: 1_000_000, clients: 500)
        case "xl", "xLarge": Load(keys: 3_000_000, clients: 1000)
        default: throw .feature("unknown load option \(name)")
        }
    }

    private static func run(_ load: Load, _ client: EtcdClient, _ prefix: String) -> CheckLoad {
        let writes = CheckLoad(client, prefix: prefix, valueBytes: valueBytes, clients: load.clients)
        let begun = Clock.now
        var bar = CountBar(total: load.keys, now: begun)
        Terminal.print(bar.line(now: begun))
        var shownAt = begun
        var sent = 0
        while writes.done < load.keys {
            while sent < load.keys, writes.hasRoom {
                writes.put()
                sent += 1
            }
            client.loop.turn(until: Clock.now + .milliseconds(100))
            if Clock.now - shownAt >= .milliseconds(200) {
                shownAt = Clock.now
                bar.set(writes.done)
                Terminal.print(bar.line(now: shownAt))
            }
        }
        bar.set(load.keys)
        Terminal.print(bar.line(now: Clock.now) + "\n")
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
