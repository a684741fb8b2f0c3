import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// The log thread: makes entries durable, many writes with one sync, and keeps the `.snap` files.
///
/// A failed write or sync is fatal at once: after a failed `fdatasync` nobody knows what is on the disk.
struct LogThread: ~Copyable {
    enum Work: Sendable {
        /// Writes in order, and messages that may leave once they are durable.
        case turn([LogWork], messages: [Message])
        case stop
    }

    var wal: WALWriter
    let walDirectory: String
    let snapshots: SnapFiles
    let segmentsKept: Int
    let snapshotsKept: Int
    let inbox: Inbox<Work>
    let replica: Inbox<ReplicaInput>
    let peers: Mailbox<PeerWork>
    let logger: Logger
    let metrics: MemberMetrics
    var space: SpaceGuard

    /// Writes that go out with one system call and one sync.
    private struct Group {
        var state: HardState?
        var mustSync = false
        var number = WriteNumber.zero
        var appended: [[Entry]] = []
        var messages: [Message] = []
    }

    mutating func run() {
        var work: [Work] = []
        while true {
            inbox.wait(until: space.isLow ? Clock.now + SpaceGuard.interval : nil)
            inbox.drain(into: &work)
            do throws(WALFileError) {
                if try !carryOut(work) { return }
                if wal.needsPreparation, space.hasRoom(for: WALLimits().segmentBytes) { prepare() }
                if space.isLow { watchSpace([]) }
            } catch {
                replica.post(.failed("the write-ahead log could not be written: \(error)"))
                return
            }
            work.removeAll(keepingCapacity: true)
        }
    }

    /// False: told to stop.
    private mutating func carryOut(_ work: [Work]) throws(WALFileError) -> Bool {
        var group = Group()
        for item in work {
            switch item {
            case .turn(let works, let messages):
                for work in works { try take(work, into: &group) }
                group.messages.append(contentsOf: messages)
            case .stop:
                try finish(&group)
                return false
            }
        }
        try finish(&group)
        return true
    }

    private mutating func take(_ work: LogWork, into group: inout Group) throws(WALFileError) {
        switch work {
        case .append(let write, let entries): add(write, entries, to: &group)
        case .saveSnapshot(let snapshot, let state):
            try finish(&group)
            try save(snapshot, WALHardState(term: state.term, vote: state.vote, commit: state.commit))
        case .restore(let snapshot, let write, let entries):
            try finish(&group)
            try restore(snapshot, write.hardState)
            add(LogWrite(number: write.number, hardState: nil, mustSync: true), entries, to: &group)
            try finish(&group)
            wal.releaseLocks(before: snapshot.index)
            purge()
        }
    }

    private mutating func add(_ write: LogWrite, _ entries: [Entry], to group: inout Group) {
        for entry in entries {
            wal.add(
                term: entry.term, index: entry.index, kind: WALEntryKind(rawValue: entry.kind.rawValue)!, data: entry.data.span)
        }
        if let state = write.hardState { group.state = state }
        group.mustSync = group.mustSync || write.mustSync
        group.number = write.number
        if write.mustSync { group.appended.append(entries) }
    }

    /// A failure above has ended the thread before any message leaves that claims what is not durable.
    private mutating func finish(_ group: inout Group) throws(WALFileError) {
        if group.number != .zero {
            let start = Clock.now
            try wal.save(group.state.map { WALHardState(term: $0.term, vote: $0.vote, commit: $0.commit) }, sync: group.mustSync)
            if group.mustSync { synced(since: start) }
        }
        if !group.messages.isEmpty { peers.post(.messages(group.messages)) }
        guard group.number != .zero else { return group = Group() }
        watchSpace(group.appended)
        for entries in group.appended { replica.post(.input(.persisted(group.number, entries))) }
        group = Group()
    }

    /// A sync that takes longer holds up every write.
    private static var syncExpected: Interval { .seconds(1) }

    private func synced(since start: Instant) {
        let took = Clock.now - start
        metrics.walSync.observe(took.seconds)
        guard took > Self.syncExpected else { return }
        logger.warn(
            "slow fdatasync",
            ["took": .interval(took), "expected-duration": .interval(Self.syncExpected), "data-dir": .string(walDirectory)])
    }

    /// The leader's snapshot takes the log's place: first the file, then the record and the state that make it count. No entry
    /// behind it is written before that is durable.
    private mutating func restore(_ snapshot: RaftSnapshot, _ state: HardState?) throws(WALFileError) {
        let start = Clock.now
        do throws(FileError) { try snapshots.save(snapshot) } catch { throw .file(error) }
        metrics.snapshotSave.observe((Clock.now - start).seconds)
        try wal.save(snapshot.record, state.map { WALHardState(term: $0.term, vote: $0.vote, commit: $0.commit) })
        logger.info(
            "saved the leader's snapshot",
            ["snapshot-index": .uint(snapshot.index.rawValue), "snapshot-term": .uint(snapshot.term.rawValue)])
    }

    private mutating func watchSpace(_ appended: [[Entry]]) {
        let bytes = appended.reduce(0) { sum, entries in entries.reduce(sum) { $0 + $1.data.count + 64 } }
        guard let isLow = space.wrote(bytes, now: Clock.now) else { return }
        replica.post(.input(.diskSpace(isLow: isLow)))
        if isLow {
            logger.warn(
                "the disk is nearly full: writes are refused; free space, then disarm the alarm (etcdctl alarm disarm)",
                ["data-dir": .string(walDirectory)])
        } else {
            logger.info("the disk has room again", ["data-dir": .string(walDirectory)])
        }
    }

    /// Without room for the next segment the present one goes on growing: only a write that fails is fatal.
    private mutating func prepare() {
        do throws(FileError) { try wal.prepareNextSegment() } catch {
            logger.warn("failed to reserve the next log segment", ["error": .error(error)])
        }
    }

    private mutating func save(_ snapshot: RaftSnapshot, _ state: WALHardState) throws(WALFileError) {
        let start = Clock.now
        do throws(FileError) { try snapshots.save(snapshot) } catch { throw .file(error) }
        metrics.snapshotSave.observe((Clock.now - start).seconds)
        try wal.save(state, sync: false)
        try wal.save(snapshot.record)
        wal.releaseLocks(before: snapshot.index)
        replica.post(.input(.snapshotSaved(snapshot.index)))
        logger.info("saved snapshot", ["snapshot-index": .uint(snapshot.index.rawValue), "snapshot-term": .uint(snapshot.term.rawValue)])
        purge()
    }

    /// What the snapshot has made superfluous goes. A file that cannot be removed is tried again at the next snapshot.
    private func purge() {
        do throws(FileError) {
            let gone = try wal.purge(kept: segmentsKept) + snapshots.purge(kept: snapshotsKept)
            for name in gone { logger.info("purged file", ["path": .string(name)]) }
        } catch {
            logger.warn("failed to purge old files", ["error": .string("\(error)")])
        }
    }
}
