import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Databases on their way to members that have fallen behind the log.
///
/// ```
///   Raft asks ──▶ waits for the export ──▶ on its way ──snapshotSent──▶ Raft is told, once
///                 (one export for all         (at most one per target;
///                  who come meanwhile)         the file lives as long)
/// ```
struct OutgoingSnapshots {
    struct Export {
        var job: UInt64
        var snapshot: RaftSnapshot
        var targets: [Message]
    }

    /// Under way in the background.
    var export: Export?
    /// The last one finished, while it is on its way to somebody.
    var ready: (snapshot: RaftSnapshot, file: SnapshotFile)?
    var onTheWay: Set<MemberID> = []

    /// The log must keep what follows the snapshots.
    var isActive: Bool { export != nil || !onTheWay.isEmpty }
}

/// A snapshot from the leader, on its way into the store.
///
/// ```
///   snapshotReceived ─Raft takes it─▶ .snap and record written ─▶ database imported and loaded ─▶ the store is replaced
/// ```
/// A crash before the record: the old log and the old database go on. After it: the database is found to be older than the log,
/// and the leader's, which was kept, is imported at the start. Meanwhile this member answers from what it had, and applies
/// nothing.
struct IncomingSnapshots {
    struct Arrival {
        var snapshot: RaftSnapshot
        var file: SnapshotFile
        /// The write that makes it durable.
        var write: WriteNumber
    }

    /// Databases of messages that Raft has just been given.
    var offered: [(position: LogPosition, file: SnapshotFile)] = []
    /// Taken by Raft, not yet durable. A later one takes its place: nobody needs the earlier state any more.
    var arrived: Arrival?
    /// Being imported.
    var installing: (job: UInt64, snapshot: RaftSnapshot)?
    /// Requests that need the background thread, until it has the new database.
    var deferred: [(request: Request, loop: UInt8, block: ByteBlock)] = []
}

// MARK: - Sending

extension Replica {
    mutating func sendSnapshot(_ message: Message, into effects: inout Effects) {
        let target = message.to
        guard let metadata = message.snapshot?.metadata, metadata.index == applied, applied >= consistentIndex,
            !outgoing.onTheWay.contains(target)
        else {
            // The store is not at that entry (the log is being replayed), or an earlier leader's term left one on its way: Raft asks
            // again.
            return raft.reportSnapshot(target, delivered: false)
        }
        if let export = outgoing.export, isUsable(export.snapshot.index) {
            raft.snapshotChosen(target, index: export.snapshot.index)
            outgoing.export?.targets.append(message)
        } else if let (snapshot, file) = outgoing.ready, isUsable(snapshot.index) {
            raft.snapshotChosen(target, index: snapshot.index)
            send(snapshot, file, message, into: &effects)
        } else if outgoing.export == nil {
            startExport(message, metadata, into: &effects)
        } else {
            raft.reportSnapshot(target, delivered: false)
        }
    }

    /// Whether the log holds all that follows.
    private func isUsable(_ index: LogIndex) -> Bool { index.next >= raft.firstIndex }

    private mutating func startExport(_ message: Message, _ metadata: SnapshotMetadata, into effects: inout Effects) {
        let snapshot = RaftSnapshot(
            index: metadata.index, term: metadata.term, configuration: ConfigurationState(metadata.confState),
            data: Bytes(membership.v2StoreJSON(index: metadata.index)))
        // What is applied, and no more, is in the database when the export takes its view.
        sealOpenBatch(into: &effects)
        let job = jobs.start(.exportForPeer(index: metadata.index), waiter: nil, into: &effects)
        outgoing.export = .init(job: job, snapshot: snapshot, targets: [message])
    }

    mutating func exportFinished(_ job: UInt64, _ result: JobResult, into effects: inout Effects) {
        guard let export = outgoing.export, export.job == job else { return }
        outgoing.export = nil
        guard case .snapshot(let file) = result else {
            for message in export.targets { raft.reportSnapshot(message.to, delivered: false) }
            return
        }
        for message in export.targets { send(export.snapshot, file, message, into: &effects) }
        if !outgoing.onTheWay.isEmpty { outgoing.ready = (export.snapshot, file) }
    }

    private mutating func send(_ snapshot: RaftSnapshot, _ file: SnapshotFile, _ message: Message, into effects: inout Effects) {
        guard raft.isLeader, raft.term == message.term, isUsable(snapshot.index) else {
            return raft.reportSnapshot(message.to, delivered: false)
        }
        var message = message
        message.snapshot = Snapshot(
            metadata: SnapshotMetadata(index: snapshot.index, term: snapshot.term, confState: ConfState(snapshot.configuration)),
            data: snapshot.data)
        outgoing.onTheWay.insert(message.to)
        effects.snapshots.append(OutgoingSnapshot(to: message.to, message: message, file: file))
    }

    mutating func snapshotSent(to member: MemberID, succeeded: Bool) {
        guard outgoing.onTheWay.remove(member) != nil else { return }
        if outgoing.onTheWay.isEmpty { outgoing.ready = nil }
        raft.reportSnapshot(member, delivered: succeeded)
    }
}

// MARK: - Receiving

extension Replica {
    /// While a leader's database takes the old one's place, nothing is written and no job begins.
    var isInstalling: Bool { incoming.installing != nil }

    mutating func receive(_ message: Message, _ file: SnapshotFile) {
        guard !membership.removed.contains(message.from), let metadata = message.snapshot?.metadata else { return }
        incoming.offered.append((metadata.position, file))
        raft.step(message)
    }

    /// Raft has taken a snapshot: its write, and then its installation.
    mutating func restore(_ snapshot: Snapshot, _ write: LogWrite, _ entries: [Entry], into effects: inout Effects) {
        let taken = RaftSnapshot(
            index: snapshot.metadata.index, term: snapshot.metadata.term, configuration: ConfigurationState(snapshot.metadata.confState),
            data: snapshot.data)
        guard let (_, file) = incoming.offered.last(where: { $0.position == snapshot.metadata.position }) else {
            preconditionFailure("Raft took a snapshot at \(taken.index) that never came")
        }
        incoming.offered.removeAll()
        incoming.arrived = .init(snapshot: taken, file: file, write: write.number)
        // This member's own snapshot would be of an earlier state.
        snapshots.underWay = nil
        effects.log.append(.restore(taken, write, entries: entries))
    }

    mutating func installIfDurable(through number: WriteNumber, into effects: inout Effects) {
        guard let arrival = incoming.arrived, arrival.write <= number else { return }
        startInstallation(into: &effects)
    }

    private mutating func startInstallation(into effects: inout Effects) {
        guard !isInstalling, let arrival = incoming.arrived, arrival.write <= raft.durableWrite else { return }
        incoming.arrived = nil
        let loader = DatabaseLoader(configuration: configuration, hashSeed: random.next(), now: now)
        let job = jobs.start(.install(file: arrival.file, index: arrival.snapshot.index, loader), waiter: nil, into: &effects)
        incoming.installing = (job, arrival.snapshot)
    }

    mutating func installationFinished(_ job: UInt64, _ result: JobResult, into effects: inout Effects) {
        guard let (installing, snapshot) = incoming.installing, installing == job else { return }
        switch result {
        case .installed(let database):
            guard let state = database.take() else { return }
            replace(by: state, snapshot)
        case .failed(let reason):
            effects.fatal = "the leader's database at log index \(snapshot.index) could not be installed: \(reason)"
            return
        case .compacted, .hash, .snapshot, .defragmented:
            preconditionFailure("an installation ended with \(result)")
        }
        incoming.installing = nil
        raft.snapshotApplied(snapshot.index)
        // If the leader had not finished a compaction, it is done here, and answered then.
        if !store.needsCompactionTurn { answerCompactions(through: store.compactRevision, into: &effects) }
        startInstallation(into: &effects)
        let deferred = incoming.deferred
        incoming.deferred = []
        for (request, loop, block) in deferred {
            let responses = effects.responses[Int(loop)]
            admit(
                RequestBatch(
                    loop: loop, block: block, requests: [request], deliveredBytes: responses.deliveredBytes, queuedBytes: responses.queuedBytes),
                into: &effects)
        }
    }

    private mutating func replace(by state: consuming State, _ snapshot: RaftSnapshot) {
        precondition(!raft.isLeader && snapshot.index > applied)
        store = state.store
        lessor = state.lessor
        alarms = state.alarms
        membership = state.membership
        jobs.storeReplaced()
        commits.inFlight = 0
        changes.removeAll()
        leasesSeen = 0
        applied = snapshot.index
        appliedTerm = snapshot.term
        consistentIndex = store.backend.appliedIndex
        // Entries that change nothing may be missing from what another implementation notes.
        if consistentIndex < applied { store.backend.setAppliedIndex(applied, term: appliedTerm) }
        snapshots.index = max(snapshots.index, snapshot.index)
        hub.stamp = stamp
        hub.restored(revision: store.currentRevision)
        counted.snapshotsInstalled += 1
    }
}
