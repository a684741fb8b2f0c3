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
        case log(LogWork)
        case stop
    }

    var wal: WALWriter
    let walDirectory: String
    let snapshots: SnapFiles
    let segmentsKept: Int
    let snapshotsKept: Int
    let inbox: Inbox<Work>
    let replica: Inbox<ReplicaInput>
    let logger: Logger
    let metrics: MemberMetrics
    var space: SpaceGuard

    /// Writes that go out with one system call and one sync.
    private struct Group {
        var state: HardState?
        var mustSync = false
        var number = WriteNumber.zero
        var appended: [[Entry]] = []
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
            case .log(.append(let write, let entries)):
                for entry in entries {
                    wal.add(
                        term: entry.term, index: entry.index, kind: WALEntryKind(rawValue: entry.kind.rawValue)!,
                        data: entry.data.span)
                }
                if let state = write.hardState { group.state = state }
                group.mustSync = group.mustSync || write.mustSync
                group.number = write.number
                if write.mustSync { group.appended.append(entries) }
            case .log(.saveSnapshot(let snapshot, let state)):
                try finish(&group)
                try save(snapshot, WALHardState(term: state.term, vote: state.vote, commit: state.commit))
            case .log(.restore):
                preconditionFailure("no peers, no snapshots from them")
            case .stop:
                try finish(&group)
                return false
            }
        }
        try finish(&group)
        return true
    }

    private mutating func finish(_ group: inout Group) throws(WALFileError) {
        guard group.number != .zero else { return }
        let start = Clock.now
        try wal.save(group.state.map { WALHardState(term: $0.term, vote: $0.vote, commit: $0.commit) }, sync: group.mustSync)
        if group.mustSync { metrics.walSync.observe((Clock.now - start).seconds) }
        watchSpace(group.appended)
        for entries in group.appended { replica.post(.input(.persisted(group.number, entries))) }
        group = Group()
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
            let gone = try WALWriter.purge(walDirectory, kept: segmentsKept) + snapshots.purge(kept: snapshotsKept)
            for name in gone { logger.info("purged file", ["path": .string(name)]) }
        } catch {
            logger.warn("failed to purge old files", ["error": .string("\(error)")])
        }
    }
}
