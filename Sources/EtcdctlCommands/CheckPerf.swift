import Base
import Client
import CommandLine
import Platform

enum CheckPerf {
    struct Load {
        let writesPerSecond: Int
        let clients: Int
    }

    private static let seconds = 60

    static var command: Command {
        Command(
            "perf [options]", "Check the performance of the etcd cluster", flags: CheckSteps.flags("performance", prefix: "/etcdctl-check-perf/")
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            let load = try CheckSteps.load(
                session, small: Load(writesPerSecond: 150, clients: 50), medium: Load(writesPerSecond: 1000, clients: 200),
                large: Load(writesPerSecond: 8000, clients: 500), extraLarge: Load(writesPerSecond: 15000, clients: 1000))
            let client = try session.client()
            let prefix = session.text("prefix")
            try CheckSteps.refuseUsedPrefix(prefix, client, remedy: "'etcdctl del --prefix \(prefix)'")
            let begun = Clock.now
            let writes = run(load, client, prefix)
            let took = (Clock.now - begun).seconds
            try CheckSteps.cleanUp(prefix, session, client)
            let verdict = CheckVerdict(load, seconds: writes.seconds, over: took, hasErrors: !writes.errors.isEmpty)
            if !writes.errors.isEmpty {
                Terminal.print("FAIL: too many errors\n")
                writes.printErrors()
            }
            Terminal.print(verdict.text)
            guard verdict.isGood else { throw .status(ExitError.Status.error) }
        }
    }

    private static func run(_ load: Load, _ client: EtcdClient, _ prefix: String) -> CheckLoad {
        let writes = CheckLoad(client, prefix: prefix, valueBytes: 1024, clients: load.clients)
        let begun = Clock.now
        let end = begun + .seconds(Int64(seconds))
        let pause = Interval(nanoseconds: 1_000_000_000 / Int64(load.writesPerSecond))
        var nextAt = begun
        CheckSteps.run(client, total: seconds) { now in
            if now >= end, writes.running == 0 { return nil }
            while now < end, nextAt <= now, writes.hasRoom {
                writes.put()
                // What a server that stood still has missed is not made up for; only a moment of this side's own is.
                nextAt = max(nextAt + pause, now - .milliseconds(100))
            }
            return (min(seconds, Int((now - begun).seconds)), now + .milliseconds(now < end ? 2 : 50))
        }
        return writes
    }
}
