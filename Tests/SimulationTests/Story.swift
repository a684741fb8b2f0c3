import Base
import Raft
import Simulation
import Wire

typealias PB = Etcdserverpb

/// A history made by hand: seconds pass as the story says, entries are committed in the order told.
struct Story {
    let witness: Witness
    var now = Instant(nanoseconds: 0)
    private var index: UInt64 = 0

    init(clocks: ClockRules = ClockRules()) { witness = Witness(clocks: clocks) }

    mutating func pass(_ seconds: Int64 = 1) { now = now + .seconds(seconds) }

    var violations: [Violation.Rule] { witness.violations.map(\.rule) }

    // MARK: Clients

    func ask(_ request: OperationRequest) -> Int { witness.invoked(request, client: 0, slot: 0, at: now) }

    func answer(_ operation: Int, _ outcome: Outcome) { witness.answered(operation, outcome, at: now) }

    static func put(_ key: String, _ value: String, lease: Int64 = 0) -> PB.PutRequest {
        .with {
            $0.key = Array(key.utf8)
            $0.value = Array(value.utf8)
            $0.lease = lease
        }
    }

    static func range(_ key: String, to end: String = "", at revision: Int64 = 0, serializable: Bool = false) -> PB.RangeRequest {
        .with {
            $0.key = Array(key.utf8)
            $0.rangeEnd = Array(end.utf8)
            $0.revision = revision
            $0.serializable = serializable
        }
    }

    static func put(at revision: Int64) -> Outcome { .put(.with { $0.header = header(revision) }) }

    static func header(_ revision: Int64) -> PB.ResponseHeader { .with { $0.revision = revision } }

    static func row(_ key: String, _ value: String, create: Int64, mod: Int64, version: Int64, lease: Int64 = 0) -> Mvccpb.KeyValue {
        .with {
            $0.key = Array(key.utf8)
            $0.value = Array(value.utf8)
            $0.createRevision = create
            $0.modRevision = mod
            $0.version = version
            $0.lease = lease
        }
    }

    static func rows(_ rows: [Mvccpb.KeyValue], at revision: Int64) -> Outcome {
        .range(
            .with {
                $0.header = header(revision)
                $0.kvs = rows
                $0.count = Int64(rows.count)
            })
    }

    // MARK: Members

    /// The next entry of the log is committed, and member 0 applies it.
    @discardableResult
    mutating func commit(term: UInt64 = 1, _ fill: (inout PB.InternalRaftRequest) -> Void) -> Entry {
        index += 1
        let entry = Entry(term: Term(term), index: LogIndex(index), data: PB.InternalRaftRequest.with(fill).encoded())
        witness.applied(0, entry, at: now)
        return entry
    }

    /// A put that was asked for, and its answer, in one second.
    mutating func put(_ key: String, _ value: String, lease: Int64 = 0, answeredAt revision: Int64) {
        let request = Story.put(key, value, lease: lease)
        let operation = ask(.put(request))
        commit { $0.put = request }
        pass()
        answer(operation, Story.put(at: revision))
    }
}
