import Base
import Raft
import Replica
import Storage

/// The log thread of a member, as a value: it takes all that waits, writes and syncs it together, and goes on.
struct LogThreadState {
    enum Item {
        case work(LogWork)
        /// It leaves when all before it is durable.
        case message(Message)
    }

    /// Writes that go out with one write and one sync.
    struct Group {
        var state: HardState?
        var mustSync = false
        var number = WriteNumber.zero
        /// Writes to report, oldest first.
        var reports: [[Entry]] = []
        /// What is durable after the sync.
        var appended: [(LogIndex, Term)] = []
        var messages: [Message] = []

        var isEmpty: Bool { number == .zero && messages.isEmpty }
    }

    enum Phase: Equatable {
        case idle
        /// Items are to be taken.
        case running
        /// The sync of `group` is under way.
        case syncing
        /// The time that the item at `position` takes has passed.
        case ready
    }

    var queue: [Item] = []
    var taken: [Item] = []
    var position = 0
    var group = Group()
    var phase = Phase.idle
    var isScheduled = false
}

extension Node {
    func scheduleLog(after delay: Interval) {
        guard condition == .up, !logThread.isScheduled else { return }
        guard logThread.phase != .idle || !logThread.queue.isEmpty else { return }
        logThread.isScheduled = true
        world.queue.push(.log, at: world.now + delay, node: slot, epoch: epoch)
    }

    /// To be called when a `log` event comes out.
    func logGoesOn() {
        guard isRunning, let log else { return }
        logThread.isScheduled = false
        do throws(Stop) { try runLog(log) } catch { handle(error) }
    }

    private func runLog(_ log: VirtualLog) throws(Stop) {
        if logThread.phase == .syncing {
            logThread.phase = .running
            try log.sync()
            try finishGroup(log)
        }
        while true {
            while logThread.position < logThread.taken.count {
                guard try !runItem(log) else { return }
                logThread.position += 1
            }
            if !logThread.group.isEmpty {
                guard try !closeGroup(log) else { return }
            }
            logThread.taken = logThread.queue
            logThread.queue = []
            logThread.position = 0
            guard !logThread.taken.isEmpty else { break }
            logThread.phase = .running
        }
        logThread.phase = .idle
        try log.prepare()
    }

    /// True: the log thread waits for the disk and is called again.
    private func runItem(_ log: VirtualLog) throws(Stop) -> Bool {
        switch logThread.taken[logThread.position] {
        case .message(let message):
            logThread.group.messages.append(message)
            return false
        case .work(.append(let write, let entries)):
            add(write, entries, log)
            return false
        case .work(.saveSnapshot(let snapshot, let state)):
            if try waits(log) { return true }
            try save(snapshot)
            log.add(state)
            log.add(snapshot.record)
            try log.write()
            try log.sync()
            try passes(.snapshotAfterRecord)
            note(state)
            try purge(log, through: snapshot.index)
            post(.snapshotSaved(snapshot.index))
            return false
        case .work(.restore(let snapshot, let write, let entries)):
            if try waits(log) { return true }
            try save(snapshot)
            log.add(snapshot.record)
            if let state = write.hardState { log.add(state) }
            try log.write()
            try log.sync()
            try passes(.snapshotAfterRecord)
            durable.restart(after: snapshot.index)
            if let state = write.hardState { note(state) }
            add(write, entries, log)
            logThread.group.mustSync = true
            try log.write()
            try log.sync()
            try finishGroup(log)
            try purge(log, through: snapshot.index)
            return false
        }
    }

    /// Before a snapshot: what was gathered goes first, then the time that the files take passes.
    private func waits(_ log: VirtualLog) throws(Stop) -> Bool {
        if !logThread.group.isEmpty { guard try !closeGroup(log) else { return true } }
        if logThread.phase == .ready {
            logThread.phase = .running
            return false
        }
        logThread.phase = .ready
        scheduleLog(after: diskTime().scaled(by: 3))
        return true
    }

    private func add(_ write: LogWrite, _ entries: [Entry], _ log: VirtualLog) {
        for entry in entries {
            log.add(entry)
            logThread.group.appended.append((entry.index, entry.term))
        }
        if let state = write.hardState { logThread.group.state = state }
        logThread.group.mustSync = logThread.group.mustSync || write.mustSync
        logThread.group.number = write.number
        if write.mustSync { logThread.group.reports.append(entries) }
    }

    /// Writes the group. True: its sync is under way.
    private func closeGroup(_ log: VirtualLog) throws(Stop) -> Bool {
        if let state = logThread.group.state { log.add(state) }
        try log.write()
        guard logThread.group.mustSync else {
            try finishGroup(log)
            return false
        }
        logThread.phase = .syncing
        scheduleLog(after: diskTime())
        return true
    }

    /// What was written is durable, where it had to be: the messages leave and the replica hears of it.
    private func finishGroup(_ log: VirtualLog) throws(Stop) {
        let group = logThread.group
        logThread.group = LogThreadState.Group()
        if group.mustSync {
            for (index, term) in group.appended { durable.append(index, term) }
            if let state = group.state { note(state) }
        }
        if log.isSegmentFull { try log.cut() }
        for message in group.messages { world.send(message, from: self) }
        if !group.messages.isEmpty { try passes(.walAfterHeldMessages) }
        for entries in group.reports { post(.persisted(group.number, entries)) }
    }

    /// The state is durable.
    private func note(_ state: HardState) { durableState = state }

    private func diskTime() -> Interval { dice.interval(world.profile.syncTime).scaled(by: disk.slowness) }

    // MARK: Snapshots

    /// The `.snap` file, durable under its name when this returns.
    private func save(_ snapshot: RaftSnapshot) throws(Stop) {
        note("saves the snapshot of \(snapshot.index)")
        let temporary = "tmp-\(snapshot.name)"
        try passes(.snapshotBeforeFile)
        try disk.create(temporary)
        try disk.write(SnapCodec.encode(snapshot).span, to: temporary, at: 0)
        try passes(.snapshotAfterTemporaryFile)
        try disk.sync(temporary)
        try disk.rename(temporary, to: snapshot.name.description)
        disk.syncNames()
        try passes(.snapshotAfterSnapFile)
    }

    private func purge(_ log: VirtualLog, through index: LogIndex) throws(Stop) {
        log.purge(through: index)
        let names = disk.list().compactMap { SnapName(fileName: $0) }.sorted()
        if limits.snapshotsKept > 0 { for name in names.dropLast(limits.snapshotsKept) { disk.remove(name.description) } }
        if let newest = names.last { database.purge(before: newest.index) }
        try passes(.snapshotAfterPurge)
    }
}
