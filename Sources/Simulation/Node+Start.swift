import Base
import Cluster
import Raft
import Replica
import Storage

/// The start of a member's process, from what is on its disks.
extension Node {
    func start() {
        guard condition == .down else { return }
        epoch += 1
        condition = .up
        let found: FoundLog
        do throws(Stop) {
            found = try findLog()
            try installReceived(found)
            try recover(found)
        } catch {
            // The process did not get far enough to be seen by anybody.
            return handle(error)
        }
        note("starts as \(memberID.hex), process \(epoch)")
        world.started(self)
        toldApplied = found.base.index
        if disk.isFull { post(.diskSpace(isLow: true)) }
        turn()
    }

    private func findLog() throws(Stop) -> FoundLog {
        let passes: VirtualLog.Passes = { [unowned self] site throws(Stop) in try self.passes(site) }
        let reader = VirtualLogReader(disk: disk, limits: limits, passes: passes) { [unowned self] text in note(text) }
        // What interrupted work left.
        for name in disk.list() where name.hasPrefix("tmp") || name.hasSuffix(".tmp") { disk.remove(name) }
        guard reader.hasLog else { return try makeLog(passes) }
        let found = try reader.read()
        log = try VirtualLog.resume(found.log, on: disk, limits: limits, passes)
        memberID = found.log.metadata.memberID
        clusterID = found.log.metadata.clusterID
        world.checkRecovered(self, found.log)
        unsynced = []
        durable.restart(after: found.log.snapshot.index)
        durableState = HardState(term: found.log.state.term, vote: found.log.state.vote, commit: found.log.state.commit)
        for entry in found.log.entries { durable.append(entry.index, entry.term) }
        return FoundLog(
            snapshot: found.snapshot, entries: found.log.entries, state: found.log.state, memberID: memberID, clusterID: clusterID,
            remotes: remotes)
    }

    private func makeLog(_ passes: @escaping VirtualLog.Passes) throws(Stop) -> FoundLog {
        let found: FoundLog
        if let founders {
            found = FoundLog(founders: founders, me: memberID)
        } else {
            found = FoundLog(memberID: memberID, clusterID: clusterID, remotes: remotes)
        }
        clusterID = found.clusterID
        unsynced = found.entries.map { ($0.index, $0.term) }
        log = try VirtualLog.create(
            on: disk, limits: limits, metadata: WALMetadata(memberID: memberID, clusterID: clusterID), entries: found.entries,
            state: found.state, passes)
        durable.restart(after: .zero)
        for (index, term) in unsynced { durable.append(index, term) }
        unsynced = []
        return found
    }

    /// The leader's database that came with the newest `.snap` file may not have taken the old one's place yet.
    private func installReceived(_ found: FoundLog) throws(Stop) {
        let index: LogIndex
        do throws(BackendError) { index = try Backend(database.engine).appliedIndex } catch { throw .failure("\(error)") }
        guard found.awaitsInstallation(databaseAt: index), let received = database.received(at: found.base.index) else { return }
        try passes(.installBefore)
        note("installs the database of \(found.base.index) at start")
        database.install(received.copy())
        try passes(.installAfterSwap)
    }

    private func recover(_ found: FoundLog) throws(Stop) {
        let wall = (world.now.nanoseconds / 1_000_000) + 1_700_000_000_000
        do throws(RecoveryError) {
            let recovered = try Replica.recover(
                configuration, from: found, engine: database.engine, places: .init(database: "\(name)/lmdb", log: "\(name)/wal"),
                wallMilliseconds: wall, random: RandomSource(seed: dice.number()), now: localTime)
            replica = .some(recovered.takeReplica())
        } catch { throw .failure(error.description) }
    }
}
