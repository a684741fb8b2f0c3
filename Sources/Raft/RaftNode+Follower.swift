import Base

/// A follower's answers to its leader: Raft §5.3 (append), §7 (snapshots).
extension RaftNode {
    mutating func handleAppend(_ message: borrowing Message) {
        precondition(role == .follower)
        guard areConsecutive(message) else { return refuse(message, .entriesNotConsecutive) }
        if message.index < log.committed {
            // Outdated: everything up to the commit index agrees anyhow.
            return send(Message(.appendResponse, to: message.from, term: term, index: log.committed), afterLog: true)
        }
        guard log.term(at: message.index) == message.logTerm else { return rejectAppend(message) }
        guard appendEntries(message) else { return }
        let lastNew = LogIndex(message.index.rawValue + UInt64(message.entries.count))
        // Raft §5.3: committed only as far as this message shows the logs to agree.
        _ = log.commit(to: Swift.min(message.commit, lastNew))
        send(Message(.appendResponse, to: message.from, term: term, index: lastNew), afterLog: true)
        assert(log.lastIndex >= lastNew)
    }

    private func areConsecutive(_ message: borrowing Message) -> Bool {
        var position = LogPosition(index: message.index, term: message.logTerm)
        guard position.index.rawValue <= UInt64.max - UInt64(message.entries.count) else { return false }
        for entry in message.entries {
            guard entry.index == position.index.next, entry.term >= position.term, entry.term <= message.term else { return false }
            position = LogPosition(index: entry.index, term: entry.term)
        }
        return true
    }

    /// Raft §5.3: skips what is there, replaces from the first entry with another term on. False if that was committed.
    private mutating func appendEntries(_ message: borrowing Message) -> Bool {
        let entries = message.entries
        var position = 0
        while position < entries.count, log.term(at: entries[position].index) == entries[position].term { position += 1 }
        #if PLANTED_BUGS
            if PlantedBug.isActive(.truncateOnOldAppend), let last = entries.last, last.index >= log.committed, last.index < log.lastIndex {
                log.truncate(after: last.index)
            }
        #endif
        guard position < entries.count else { return true }
        let first = entries[position].index
        guard first > log.committed else {
            refuse(message, .conflictWithCommitted(at: first, commit: log.committed))
            return false
        }
        if first <= log.lastIndex { log.truncate(after: first.previous) }
        log.reserve(entries.count - position)
        while position < entries.count {
            log.append(entries[position])
            position += 1
        }
        return true
    }

    /// Says where the logs may agree: at the last entry whose term is not later than the one asked about.
    private mutating func rejectAppend(_ message: borrowing Message) {
        let hint = log.lastIndex(atOrBefore: Swift.min(message.index, log.lastIndex), termAtMost: message.logTerm)
        send(
            Message(
                .appendResponse, to: message.from, term: term, logTerm: log.term(at: hint) ?? .zero, index: message.index, reject: true,
                rejectHint: hint))
    }

    mutating func handleHeartbeat(_ message: borrowing Message) {
        precondition(role == .follower)
        // A leader's heartbeat never goes beyond what this member acknowledged.
        guard message.commit <= log.lastIndex else {
            return refuse(message, .commitBeyondLog(commit: message.commit, last: log.lastIndex))
        }
        _ = log.commit(to: message.commit)
        send(Message(.heartbeatResponse, to: message.from, term: term, context: message.context))
    }

    mutating func handleSnapshot(_ message: borrowing Message) {
        precondition(role == .follower)
        guard let snapshot = message.snapshot, snapshot.metadata.index != .zero else { return refuse(message, .snapshotMissing) }
        let position = snapshot.metadata.position
        if position.index > log.committed {
            if log.term(at: position.index) == position.term {
                // The log has it all; the snapshot only says that it is committed.
                _ = log.commit(to: position.index)
            } else {
                let confState = snapshot.metadata.confState
                if let contradiction = confState.contradiction { return refuse(message, .snapshotConfigurationInvalid(contradiction)) }
                guard confState.contains(id) else { return refuse(message, .notInSnapshot) }
                restore(snapshot)
            }
        }
        send(Message(.appendResponse, to: message.from, term: term, index: log.committed), afterLog: true)
    }

    private mutating func restore(_ snapshot: Snapshot) {
        log.restore(snapshot)
        membership = Membership(
            snapshot.metadata.confState, lastIndex: log.lastIndex, inflightMax: configuration.inflightMessagesMax)
        assert(log.committed == snapshot.metadata.index)
    }

    /// The snapshot at `index` is installed in the store; what comes after it may be applied. A second snapshot may have
    /// arrived meanwhile; then that one's installation is waited for.
    package mutating func snapshotApplied(_ index: LogIndex) { log.snapshotApplied(index) }
}
