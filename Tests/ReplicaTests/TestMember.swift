import Base
import Cluster
import MVCC
import Raft
import Replica
import Storage
import Wire

/// One member of a `TestCluster`: its replica while it runs, and what its disks hold.
final class TestMember {
    let id: MemberID
    let configuration: ReplicaConfiguration
    var replica: Replica?
    private var effects: Effects
    var disk = MemoryDisk()
    private var writer: BackendWriter
    /// The log as it would be read back: everything after `snapshot`.
    private(set) var entries: [WALEntry]
    private(set) var state: WALHardState
    private(set) var snapshot: RaftSnapshot?
    /// Databases that came from leaders, by index.
    private(set) var received: [LogIndex: MemoryDisk] = [:]
    private let clusterID: ClusterID
    private var remotes: [ClusterMember]
    private(set) var starts: UInt64 = 0

    private(set) var answers: [Answer] = []
    private var nextTicket: UInt64 = 1
    private(set) var status = ReplicaStatus()
    private(set) var peers = PeerList()
    private(set) var isStopped = false
    private(set) var fatal: String?
    /// Whether background jobs are done at once.
    var doesJobs = true
    private var jobs: [BackgroundWork] = []
    /// What is answered for a hash of this member's data: damage that the data itself does not have.
    var hashing: (UInt32) -> UInt32 = { $0 }
    /// The log's syncs do not come back: nothing more becomes durable, and nothing leaves that needs it.
    private(set) var isLogStalled = false
    private var stalledWrites: [WriteNumber] = []
    private var stalledMessages: [OutgoingMessage] = []
    private(set) var outbox: [OutgoingMessage] = []
    private(set) var snapshots: [OutgoingSnapshot] = []
    private(set) var calls: [PeerCall] = []

    struct Answer {
        var loop: Int
        var ticket: UInt64
        var kind: Response.Kind
        var code: Int
        var bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    init(_ found: FoundLog, _ configuration: ReplicaConfiguration) {
        id = found.memberID
        clusterID = found.clusterID
        remotes = found.remotes
        entries = found.entries
        state = found.state
        var configuration = configuration
        configuration.name = "m\(found.memberID)"
        configuration.clientURLs = ["http://m\(found.memberID):2379"]
        configuration.loops = 1
        self.configuration = configuration
        effects = Effects(loops: 2)
        writer = BackendWriter(.memory(disk))
    }

    // MARK: Starting and stopping

    func start(now: Instant) throws {
        starts += 1
        let found = FoundLog(snapshot: snapshot, entries: entries, state: state, memberID: id, clusterID: clusterID, remotes: remotes)
        if let snapshot, let kept = received[snapshot.index], try found.awaitsInstallation(databaseAt: Backend(.memory(disk)).appliedIndex) {
            disk = kept.copy()
        }
        let recovered = try Replica.recover(
            configuration, from: found, engine: .memory(disk), places: .init(database: "database", log: "log"),
            wallMilliseconds: Int64(starts) * 1000, random: RandomSource(seed: id.rawValue &* 31 &+ starts), now: now)
        writer = recovered.writer
        replica = recovered.takeReplica()
        effects = Effects(loops: 2)
    }

    /// Ends the process here; what was not written is lost.
    func crash() {
        replica = nil
        outbox = []
        snapshots = []
        calls = []
        jobs = []
        (isLogStalled, stalledWrites, stalledMessages) = (false, [], [])
    }

    var isUp: Bool { replica != nil }

    // MARK: Inputs

    func step(_ input: Replica.Input, now: Instant) { replica?.step(input, now: now, into: &effects) }

    @discardableResult
    func send(_ method: Method, _ message: some WireMessage, ticket: UInt64? = nil, now: Instant) -> UInt64 {
        send(method, message.encoded(), loop: 0, ticket: ticket, now: now)
    }

    func send(_ method: Method, _ bytes: Bytes, loop: UInt8, ticket: UInt64? = nil, now: Instant) -> UInt64 {
        let ticket = ticket ?? nextTicket
        nextTicket = max(nextTicket, ticket) + 1
        let request = Request(ticket: ticket, method: method, range: ByteRange(offset: Int(bytes.offset), count: bytes.count))
        step(.requests(RequestBatch(loop: loop, block: bytes.block, requests: [request])), now: now)
        return ticket
    }

    func answer<M: WireMessage>(_ ticket: UInt64, _ type: M.Type) throws -> M? {
        guard let answer = answers.first(where: { $0.loop == 0 && $0.ticket == ticket && $0.kind == .message }) else { return nil }
        return try M(decoding: answer.bytes)
    }

    func failure(_ ticket: UInt64) -> Answer? { answers.first { $0.loop == 0 && $0.ticket == ticket && $0.kind == .failure } }

    func stream<M: WireMessage>(_ ticket: UInt64, _ type: M.Type) throws -> [M] {
        try answers.filter { $0.loop == 0 && $0.ticket == ticket && $0.kind == .streamMessage }.map { try M(decoding: $0.bytes) }
    }

    /// Answers to other members, taken out.
    func takePeerAnswers() -> [Answer] {
        let taken = answers.filter { $0.loop == 1 }
        answers.removeAll { $0.loop == 1 }
        return taken
    }

    func keep(_ database: MemoryDisk, at index: LogIndex) { if received[index] == nil { received[index] = database } }

    // MARK: Effects

    /// One turn; false if nothing came of it.
    func turn(now: Instant) -> Bool {
        guard replica != nil else { return false }
        replica?.flush(now: now, into: &effects)
        guard !effects.isEmpty else { return false }
        carryOut(now: now)
        if fatal != nil || isStopped { crash() }
        return true
    }

    private func carryOut(now: Instant) {
        fatal = fatal ?? effects.fatal
        effects.fatal = nil
        if let status = effects.status { self.status = status }
        effects.status = nil
        if let peers = effects.peers { self.peers = peers }
        effects.peers = nil
        isStopped = isStopped || effects.stopped
        effects.stopped = false
        for message in effects.messages {
            if isLogStalled, message.after != nil { stalledMessages.append(message) } else { outbox.append(message) }
        }
        effects.messages = []
        snapshots += effects.snapshots
        effects.snapshots = []
        calls += effects.calls
        effects.calls = []
        let background = effects.background
        effects.background = []
        let log = effects.log
        effects.log = []
        takeAnswers()
        for work in log { write(work, now: now) }
        for work in background { carryOut(work, now: now) }
    }

    private func takeAnswers() {
        for loop in effects.responses.indices {
            for batch in effects.responses[loop].take() {
                for response in batch.responses {
                    var bytes = Bytes(batch.block, offset: Int(response.range.offset), count: response.range.count).array
                    if response.shared >= 0, response.kind == .streamMessage { bytes += batch.shared[Int(response.shared)].array }
                    answers.append(
                        Answer(loop: loop, ticket: response.ticket, kind: response.kind, code: Int(response.code), bytes: bytes))
                }
            }
        }
    }

    private func write(_ work: LogWork, now: Instant) {
        switch work {
        case .append(let write, let new):
            append(new)
            if let hardState = write.hardState { set(hardState) }
            guard write.mustSync else { break }
            if isLogStalled { stalledWrites.append(write.number) } else { step(.persisted(write.number, []), now: now) }
        case .saveSnapshot(let snapshot, let hardState):
            set(hardState)
            entries.removeAll { $0.index <= snapshot.index }
            self.snapshot = snapshot
            step(.snapshotSaved(snapshot.index), now: now)
        case .restore(let snapshot, let write, let new):
            self.snapshot = snapshot
            entries = []
            if let hardState = write.hardState { set(hardState) }
            append(new)
            step(.persisted(write.number, []), now: now)
        }
    }

    private func append(_ new: [Entry]) {
        if let first = new.first, let last = entries.last, first.index <= last.index { entries.removeAll { $0.index >= first.index } }
        entries += new.map { WALEntry(term: $0.term, index: $0.index, kind: WALEntryKind(rawValue: $0.kind.rawValue)!, data: $0.data) }
    }

    private func set(_ hardState: HardState) {
        state = WALHardState(term: hardState.term, vote: hardState.vote, commit: hardState.commit)
    }

    private func carryOut(_ work: BackgroundWork, now: Instant) {
        switch work {
        case .commit(let batch, _):
            do { try writer.commit(batch) } catch { fatal = "\(error)" }
            step(.committed(batch.id), now: now)
        case .start(let number, .exportForPeer):
            let file = SnapshotFile(content: disk.copy(), bytes: 0, version: "3.6.0")
            step(.finished(job: number, .snapshot(file)), now: now)
        case .start(let number, .install(let file, _, let loader)):
            guard doesJobs else { return jobs.append(work) }
            let fresh = (file.content as! MemoryDisk).copy()
            disk = fresh
            writer = BackendWriter(.memory(fresh))
            do {
                step(.finished(job: number, .installed(try loader.load(.memory(fresh)))), now: now)
            } catch {
                fatal = "\(error)"
            }
        case .start(let number, .defragment):
            guard doesJobs else { return jobs.append(work) }
            step(.finished(job: number, .defragmented), now: now)
        case .start(let number, .compact(let job)):
            var compaction = BackendCompaction(
                revision: job.revision, previous: job.previous, dropped: job.sortedDropped(), keepsNothing: job.keepsNothing)
            do {
                while try compaction.step(writer, budgetRows: 100) == .more {}
                step(.finished(job: number, .compacted(hash: job.remembersHash ? compaction.hash : nil)), now: now)
            } catch {
                fatal = "\(error)"
            }
        case .start(let number, .hashKV(let inputs)):
            var sum = HashRows(revision: inputs.revision, skipped: inputs.sortedSkipped())
            do {
                while try sum.step(writer) == .more {}
                step(.finished(job: number, .hash(hashing(sum.hash))), now: now)
            } catch {
                fatal = "\(error)"
            }
        case .start(let number, .hash), .start(let number, .snapshot):
            step(.finished(job: number, .failed("not in this test")), now: now)
        }
    }

    /// Does the jobs that waited.
    func doJobs(now: Instant) {
        doesJobs = true
        let waiting = jobs
        jobs = []
        for job in waiting { carryOut(job, now: now) }
    }

    func stallLog() { isLogStalled = true }

    func resumeLog(now: Instant) {
        isLogStalled = false
        for number in stalledWrites { step(.persisted(number, []), now: now) }
        outbox += stalledMessages
        (stalledWrites, stalledMessages) = ([], [])
    }

    func takeOutbox() -> [OutgoingMessage] {
        defer { outbox = [] }
        return outbox
    }

    func takeSnapshots() -> [OutgoingSnapshot] {
        defer { snapshots = [] }
        return snapshots
    }

    func takeCalls() -> [PeerCall] {
        defer { calls = [] }
        return calls
    }
}
