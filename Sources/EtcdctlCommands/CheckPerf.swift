import Base
import Client
import CommandLine
import Platform

enum CheckPerf {
    private struct Load {
        let writesPerSecond: Int
        let clients: Int
    }

    private static let seconds = 60

    static var command: Command {
        Command(
            "perf [options]", "Check the performance of the etcd cluster",
            flags: [
                .string(
                    "load", default: "s", "The performance check's workload model. Accepted workloads: s(small), m(medium), l(large), xl(xLarge)"),
                .string("prefix", default: "/etcdctl-check-perf/", "The prefix for writing the performance check's keys."),
                .bool("auto-compact", "Compact storage with last revision after test is finished."),
                .bool("auto-defrag", "Defragment storage after test is finished."),
            ]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            let load = try load(session.text("load"))
            let client = try session.client()
            let prefix = session.text("prefix")
            try CheckSteps.refuseUsedPrefix(prefix, client)
            let writes = run(load, client, prefix)
            client.timeout = nil
            try CheckSteps.cleanUp(prefix, session, client)
            guard judge(load, writes) else { throw .status(ExitError.Status.error) }
        }
    }

    private static func load(_ name: String) throws(ExitError) -> Load {
        switch name {
        case "s", "small": Load(writesPerSecond: 150, clients: 50)
        case "m", "medium": Load(writesPerSecond: 1000, clients: 200)
        case "l", "large": Load(writesPerSecond: 8000, clients: 500)
        case "xl", "xLarge": Load(writesPerSecond: 15000, clients: 1000)
        default: throw .feature("unknown load option \(name)")
        }
    }

    private static func run(_ load: Load, _ client: EtcdClient, _ prefix: String) -> CheckLoad {
        let writes = CheckLoad(client, prefix: prefix, valueBytes: 1024, clients: load.clients)
        let begun = Clock.now
        let end = begun + .seconds(Int64(seconds))
        var bar = CountBar(total: seconds, now: begun)
        var shownAt = begun - .seconds(1)
        var sent = 0
        while true {
            let now = Clock.now
            if now >= end, writes.running == 0 { break }
            let due = Int((min(now, end) - begun).seconds * Double(load.writesPerSecond))
            while now < end, sent < due, writes.hasRoom {
                writes.put()
                sent += 1
            }
            if now - shownAt >= .milliseconds(200) {
                shownAt = now
                bar.set(min(seconds, Int((now - begun).seconds)))
                Terminal.print(bar.line(now: now))
            }
            client.loop.turn(until: Clock.now + .milliseconds(now < end ? 2 : 50))
        }
        bar.set(seconds)
        Terminal.print(bar.line(now: Clock.now) + "\n")
        return writes
    }

    /// etcd's measures: nine tenths of the rate, no request of half a second, deviations below a tenth.
    private static func judge(_ load: Load, _ writes: CheckLoad) -> Bool {
        var isGood = true
        func say(_ good: Bool, _ pass: String, _ fail: String) {
            isGood = isGood && good
            Terminal.print(good ? "PASS: \(pass)\n" : "FAIL: \(fail)\n")
        }
        if !writes.errors.isEmpty {
            isGood = false
            Terminal.print("FAIL: too many errors\n")
            for (text, count) in Dictionary(grouping: writes.errors, by: { $0 }).mapValues(\.count).sorted(by: { $0.key < $1.key }) {
                Terminal.print("FAIL: ERROR(\(text)) -> \(count)\n")
            }
        }
        let rate = writes.seconds.count / seconds
        say(rate * 10 > load.writesPerSecond * 9, "Throughput is \(rate) writes/s", "Throughput too low: \(rate) writes/s")
        let slowest = writes.seconds.max() ?? 0
        say(
            slowest <= 0.5, "Slowest request took \(GoText.fixed(slowest, 6))s", "Slowest request took too long: \(GoText.fixed(slowest, 6))s")
        let mean = writes.seconds.reduce(0, +) / Double(max(1, writes.seconds.count))
        let variance = writes.seconds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, writes.seconds.count))
        let deviation = variance.squareRoot()
        say(deviation <= 0.1, "Stddev is \(GoText.fixed(deviation, 6))s", "Stddev too high: \(GoText.fixed(deviation, 6))s")
        Terminal.print(isGood ? "PASS\n" : "FAIL\n")
        return isGood
    }
}
