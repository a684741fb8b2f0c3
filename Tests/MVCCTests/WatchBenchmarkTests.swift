import Base
import MVCC
import Storage
import Testing
import Wire

/// What publishing a put costs. Runs small here; `swift test -c release --filter WatchBenchmarkTests` gives figures that mean
/// something (to reach: no watchers ≤ 20 ns, 10,000 others' watchers ≤ 300 ns).
@Suite(.serialized) struct WatchBenchmarkTests {
    private static let prefix = ("/registry/pods/", "/registry/pods0")

    @Test func `publishing to nobody`() throws { try measure("no watchers", []) }

    @Test func `publishing past ten thousand watchers of other keys`() throws {
        try measure("10,000 other keys", (0..<10_000).map { ("/registry/configmaps/ns-\($0 % 100)/map-\($0)", "") })
    }

    @Test func `publishing past ten thousand watchers of other ranges`() throws {
        try measure("10,000 other ranges", (0..<10_000).map { ("/registry/secrets/ns-\($0)/", "/registry/secrets/ns-\($0)0") })
    }

    @Test func `publishing to one`() throws { try measure("1 watcher", [Self.prefix]) }

    @Test func `publishing to a thousand`() throws { try measure("1000 watchers", (0..<1000).map { _ in Self.prefix }) }

    private func measure(_ name: String, _ bounds: [(String, String)]) throws {
        var f = try WatchFixture()
        for (stream, range) in bounds.enumerated() {
            var request = Etcdserverpb.WatchCreateRequest()
            (request.key, request.rangeEnd) = (Array(range.0.utf8), Array(range.1.utf8))
            let id = WatchStreamID(loop: 0, rawValue: UInt64(stream))
            f.hub.create(id, request, store: f.store, now: f.now, into: &f.outputs)
        }
        f.outputs.removeAll()
        var spent = Duration.zero
        var responses = 0
        let puts = 2000
        for round in 0..<puts / 100 {
            for number in 0..<100 { try f.write(put: "/registry/pods/ns-\(number)/pod-\(round)", "value") }
            spent += ContinuousClock().measure { f.hub.publish(f.changes, store: f.store, into: &f.outputs) }
            responses += f.outputs.items.count
            f.changes.removeAll()
            f.outputs.removeAll()
        }
        let nanoseconds = spent.components.attoseconds / 1_000_000_000 / Int64(puts)
        print("\(name): \(nanoseconds) ns per put, \(Double(responses) / Double(puts)) responses per put")
    }
}
