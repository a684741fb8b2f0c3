import Base

/// A leader's replication: Raft §5.3, §5.4.2.
extension RaftNode {
    mutating func handleAppendResponse(_ message: borrowing Message) {
        precondition(role == .leader)
        guard let position = membership.position(of: message.from) else { return }
        membership[position].isRecentlyActive = true
        if message.reject { return handleRejection(message, position) }
        guard message.index <= log.lastIndex else {
            return refuse(message, .acknowledgesBeyondLog(index: message.index, last: log.lastIndex))
        }
        let isNew = membership[position].acknowledge(message.index)
        switch membership[position].state {
        case .probe:
            // Its match is known now, even if that is what was assumed.
            if isNew || membership[position].match == message.index { membership[position].becomeReplicate() }
        case .snapshot:
            if isNew && membership[position].match >= membership[position].pendingSnapshot { membership[position].becomeReplicate() }
        case .replicate: membership[position].inflight.remove(through: message.index)
        }
        guard isNew else { return }
        advanceCommit()
        finishTransferIfReady(position)
    }

    /// Skips back over whole terms: the follower named the last place where its term is not later than the one asked about; the
    /// leader goes on to the last place where its own is not later than that.
    private mutating func handleRejection(_ message: borrowing Message, _ position: Int) {
        let hint = message.logTerm == .zero ? message.rejectHint : log.lastIndex(atOrBefore: message.rejectHint, termAtMost: message.logTerm)
        guard membership[position].retreat(rejected: message.index, hint: hint) else { return }
        switch membership[position].state {
        case .replicate: membership[position].becomeProbe()
        case .probe, .snapshot: break
        }
        membership[position].needsAppend = true
    }

    mutating func handleHeartbeatResponse(_ message: borrowing Message) {
        precondition(role == .leader)
        guard let position = membership.position(of: message.from) else { return }
        membership[position].isRecentlyActive = true
        membership[position].isProbeSent = false
        // Answers may have been lost; one more message finds out.
        if membership[position].inflight.isFull { membership[position].inflight.removeFirst() }
        if membership[position].match < log.lastIndex { membership[position].needsAppend = true }
        guard let round = reads.round(ofContext: message.context, term: term) else { return }
        membership[position].readAcknowledged = Swift.max(membership[position].readAcknowledged, round)
        confirmReads()
    }

    /// Raft §5.4.2: only an entry of the own term is committed by counting; earlier ones with it.
    mutating func advanceCommit() {
        guard role == .leader else { return }
        let index = LogIndex(membership.reached(.match))
        #if PLANTED_BUGS
            if PlantedBug.isActive(.commitOlderTerm) { _ = log.commit(to: index) }
        #endif
        guard index > log.committed, log.term(at: index) == term else { return }
        _ = log.commit(to: index)
        assert(log.committed == index)
    }

    mutating func broadcastHeartbeat() {
        precondition(role == .leader)
        let context = reads.roundContext(term: term) ?? Bytes()
        for position in membership.members.indices where membership[position].id != id {
            // Not beyond what it is known to have (Raft §5.3): a heartbeat doesn't check that the logs agree.
            let commit = Swift.min(membership[position].match, log.committed)
            send(Message(.heartbeat, to: membership[position].id, term: term, commit: commit, context: context))
        }
    }

    // MARK: Sending entries

    /// Sends every follower what it may get: called once per output, so that all proposals of a turn leave in one message.
    mutating func sendAppends() {
        precondition(role == .leader)
        var shared = SharedEntries()
        for position in membership.members.indices where membership[position].id != id {
            while sendAppend(position, &shared) {}
        }
    }

    /// The entries last looked up: followers that are equally far get the same array.
    private struct SharedEntries {
        var next = LogIndex.zero
        var entries: [Entry] = []
    }

    /// True if there may be more to send.
    private mutating func sendAppend(_ position: Int, _ shared: inout SharedEntries) -> Bool {
        guard !membership[position].isPaused else { return false }
        let next = membership[position].next
        let hasEntries = next <= log.lastIndex
        guard hasEntries || membership[position].needsAppend || membership[position].commitSent < log.committed else { return false }
        let previous = next.previous
        guard let previousTerm = log.term(at: previous) else {
            sendSnapshot(position)
            return false
        }
        if shared.next != next {
            shared = SharedEntries(next: next, entries: log.entries(from: next, bytesMax: configuration.messageBytesMax))
        }
        let entries = shared.entries
        let last = LogIndex(previous.rawValue + UInt64(entries.count))
        send(
            Message(
                .append, to: membership[position].id, term: term, logTerm: previousTerm, index: previous, entries: entries,
                commit: log.committed))
        membership[position].needsAppend = false
        membership[position].commitSent = log.committed
        switch membership[position].state {
        case .probe: membership[position].isProbeSent = true
        case .replicate:
            guard hasEntries else { return false }
            membership[position].next = last.next
            membership[position].inflight.add(last)
        case .snapshot: preconditionFailure("nothing is sent while a snapshot is under way")
        }
        return last < log.lastIndex
    }

    /// Raft §7. The metadata says what is needed at least; the caller puts in the snapshot it has.
    private mutating func sendSnapshot(_ position: Int) {
        // Not to a member that doesn't answer: a snapshot is expensive.
        guard membership[position].isRecentlyActive, let appliedTerm = log.term(at: log.applied) else { return }
        let metadata = SnapshotMetadata(index: log.applied, term: appliedTerm, confState: membership.confState)
        membership[position].needsAppend = false
        membership[position].becomeSnapshot(log.applied)
        send(Message(.snapshot, to: membership[position].id, term: term, snapshot: Snapshot(metadata: metadata)))
    }

    /// The snapshot that goes to `member` ends at `index`, which may be earlier than its message said: another member's is
    /// shared. Requires the log to hold what follows.
    package mutating func snapshotChosen(_ member: MemberID, index: LogIndex) {
        guard role == .leader, let position = membership.position(of: member), membership[position].state == .snapshot else { return }
        precondition(index >= log.base.index)
        membership[position].becomeSnapshot(index)
    }

    /// A message to `member` could not be delivered.
    package mutating func reportUnreachable(_ member: MemberID) {
        guard role == .leader, let position = membership.position(of: member) else { return }
        switch membership[position].state {
        // What was sent ahead may be lost.
        case .replicate: membership[position].becomeProbe()
        case .probe, .snapshot: break
        }
    }

    /// The snapshot for `member` was delivered, or not. Must be called once for each snapshot message: nothing else is sent
    /// there before.
    package mutating func reportSnapshot(_ member: MemberID, delivered: Bool) {
        guard role == .leader, let position = membership.position(of: member) else { return }
        guard membership[position].state == .snapshot else { return }
        if delivered { membership[position].becomeProbe() } else { membership[position].snapshotFailed() }
        // The follower's own acknowledgement, or the next heartbeat's, starts it again.
        membership[position].isProbeSent = true
    }
}
