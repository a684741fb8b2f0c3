import Base
import Cluster
import Lease
import MVCC
import Raft
import Replica
import Storage
import Wire

/// One member without I/O: a log and a database in memory, whose writes become durable when the test says so.
struct SingleMember: ~Copyable {
    static let id = MemberID(7)
    private(set) var replica: Replica
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    let disk: MemoryDisk
    private let writer: BackendWriter
    private var effects = Effects(loops: 1)
    /// Entries asked to be written, durable or not.
    private(set) var log: [Entry]
    private(set) var state: HardState
    private(set) var durable = 0
    private var unsynced: [(write: LogWrite, upTo: Int)] = []
    private(set) var batches: [CommitBatch] = []
    private(set) var fatal: String?
    private var nextTicket: UInt64 = 1
    /// Everything answered so far.
    private(set) var answers: [Answer] = []
    /// Whether the log syncs and the database commits by themselves.
    var isPrompt = true

    struct Answer {
        var ticket: UInt64
        var kind: Response.Kind
        var code: Int
        var bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private init(_ replica: consuming Replica, _ writer: BackendWriter, log: [Entry], state: HardState, disk: MemoryDisk) {
        self.replica = replica
        self.writer = writer
        self.log = log
        self.state = state
        self.disk = disk
        durable = log.count
        settle()
    }

    /// A new member, or one that finds `log` and `disk` after a crash.
    static func start(
        _ configuration: ReplicaConfiguration = ReplicaConfiguration(), log: [Entry]? = nil, state: HardState? = nil,
        disk: MemoryDisk = MemoryDisk()
    ) throws -> SingleMember {
        let now = Instant(nanoseconds: 1_000_000_000)
        let founder = ClusterMember(id: id, name: "default", peerURLs: ["http://localhost:2380"])
        let change = ConfigurationChange([.init(.addVoter, id)], context: Bytes(founder.json))
        let log = log ?? [Entry(term: Term(1), index: LogIndex(1), kind: .configurationChange, data: change.encodedV1())]
        let state = state ?? HardState(term: Term(1), commit: LogIndex(1))
        let found = FoundLog(
            entries: log.map {
                WALEntry(term: $0.term, index: $0.index, kind: WALEntryKind(rawValue: $0.kind.rawValue)!, data: $0.data)
            }, state: WALHardState(term: state.term, vote: state.vote, commit: state.commit), memberID: id, clusterID: ClusterID(1))
        let recovered = try Replica.recover(
            configuration, from: found, engine: .memory(disk), places: .init(database: "database", log: "log"), wallMilliseconds: 0,
            random: RandomSource(seed: 1), now: now)
        let writer = recovered.writer
        return SingleMember(recovered.takeReplica(), writer, log: log, state: state, disk: disk)
    }

    /// What is left when the process ends here: what was synced.
    consuming func crash() throws -> SingleMember {
        try .start(log: Array(log.prefix(durable)), state: state, disk: disk)
    }

    @discardableResult
    mutating func send(_ method: Method, _ message: some WireMessage, ticket: UInt64? = nil) -> UInt64 {
        let ticket = ticket ?? nextTicket
        nextTicket = max(nextTicket, ticket) + 1
        let bytes = message.encoded()
        let request = Request(ticket: ticket, method: method, range: ByteRange(offset: Int(bytes.offset), count: bytes.count))
        replica.step(.requests(RequestBatch(loop: 0, block: bytes.block, requests: [request])), now: now, into: &effects)
        settle()
        return ticket
    }

    /// The answer of a call, decoded; nil as long as there is none.
    func answer<M: WireMessage>(_ ticket: UInt64, _ type: M.Type) throws -> M? {
        guard let answer = answers.first(where: { $0.ticket == ticket && $0.kind != .failure }) else { return nil }
        return try M(decoding: answer.bytes)
    }

    func failure(_ ticket: UInt64) -> Answer? { answers.first { $0.ticket == ticket && $0.kind == .failure } }

    func stream<M: WireMessage>(_ ticket: UInt64, _ type: M.Type) throws -> [M] {
        try answers.filter { $0.ticket == ticket && $0.kind == .streamMessage }.map { try M(decoding: $0.bytes) }
    }

    mutating func advance(_ interval: Interval) {
        let end = now + interval
        while now < end {
            now = min(end, max(replica.nextDeadline ?? end, now + .milliseconds(10)))
            settle()
        }
    }

    mutating func diskSpace(isLow: Bool) {
        replica.step(.diskSpace(isLow: isLow), now: now, into: &effects)
        settle()
    }

    /// Makes everything asked of the log durable.
    mutating func sync() {
        for (write, upTo) in unsynced {
            durable = upTo
            replica.step(.persisted(write.number, []), now: now, into: &effects)
        }
        unsynced.removeAll()
        settle()
    }

    private mutating func settle() {
        for _ in 0..<50 {
            replica.flush(now: now, into: &effects)
            if effects.isEmpty { return }
            carryOut()
        }
    }

    private mutating func carryOut() {
        fatal = fatal ?? effects.fatal
        let work = effects.log
        effects.log = []
        for case .append(let write, let entries) in work {
            if let first = entries.first { log.removeLast(max(0, log.count - Int(first.index.rawValue) + 1)) }
            log += entries
            if let hardState = write.hardState { state = hardState }
            if write.mustSync { unsynced.append((write, log.count)) }
        }
        let background = effects.background
        effects.background = []
        for case .commit(let batch, _) in background {
            if isPrompt {
                try? writer.commit(batch)
                replica.step(.committed(batch.id), now: now, into: &effects)
            } else {
                batches.append(batch)
            }
        }
        effects.status = nil
        effects.peers = nil
        for batch in effects.responses[0].take() {
            for response in batch.responses {
                var bytes = Bytes(batch.block, offset: Int(response.range.offset), count: response.range.count).array
                if response.shared >= 0, response.kind == .streamMessage { bytes += batch.shared[Int(response.shared)].array }
                answers.append(Answer(ticket: response.ticket, kind: response.kind, code: Int(response.code), bytes: bytes))
            }
        }
        if isPrompt, !unsynced.isEmpty { sync() }
    }
}
