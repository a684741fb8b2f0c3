import Base

/// What is to be done, and in which order.
extension RaftNode {
    /// Queues a message. `afterLog`: it tells of entries that must be durable here before it leaves.
    mutating func send(_ message: consuming Message, afterLog: Bool = false) {
        if message.from == .zero { message.from = id }
        assert(message.to != id && message.to != .zero)
        messages.append(PendingMessage(message: message, afterLog: afterLog))
    }

    /// Everything up to write `number` is durable.
    package mutating func persisted(through number: WriteNumber) {
        log.persisted(through: number)
        guard role == .leader else { return }
        noteOwnProgress()
        advanceCommit()
    }

    /// Fills `output` with what is to be done since the last call. See the type's comment for what the caller does with it.
    /// Calling it with nothing new is harmless.
    package mutating func takeOutput(into output: inout RaftOutput) {
        output.clear()
        releaseHeld()
        sendReads()
        if role == .leader { sendAppends() }
        takeWrite(into: &output)
        takeMessages(into: &output)
        let (first, last) = log.takeToApply()
        output.firstToApply = first
        output.lastToApply = last
        swap(&output.readStates, &readStates)
        swap(&output.refusals, &refusals)
        if softState != softStateTaken {
            softStateTaken = softState
            output.softState = softState
        }
        ticked = false
        assert(messages.isEmpty && readStates.isEmpty && refusals.isEmpty)
    }

    private mutating func takeWrite(into output: inout RaftOutput) {
        output.snapshot = log.takeSnapshot()
        let hasEntries = log.takeEntries(into: &output.entries)
        let state = hardState
        let isBinding = state.term != hardStateWritten.term || state.vote != hardStateWritten.vote
        let mustSync = hasEntries || output.snapshot != nil || isBinding
        // The commit index alone needs no write of its own: it goes along with the next one, or with a tick.
        guard mustSync || (ticked && state.commit != hardStateWritten.commit) else { return }
        let number = log.beginWrite(synced: mustSync)
        let isNew = state != hardStateWritten
        if isBinding { hardStateWrite = number }
        hardStateWritten = state
        output.write = LogWrite(number: number, hardState: isNew ? state : nil, mustSync: mustSync)
        #if PLANTED_BUGS
            if PlantedBug.isActive(.voteTwice) { output.write?.hardState?.vote = .zero }
        #endif
    }

    /// Raft §5.1, §5.2: no message of a term leaves before term and vote are durable, or a member could act in one term twice.
    /// (A leader's entries may leave before they are durable here, thesis §10.2.1, as it counts itself only then.)
    private mutating func takeMessages(into output: inout RaftOutput) {
        let durable = log.durableWrite
        let forTerm = hardStateWrite > durable ? hardStateWrite : nil
        let forLog = log.lastSyncedWrite > durable ? log.lastSyncedWrite : nil
        output.messages.reserveCapacity(messages.count)
        for pending in messages {
            output.messages.append(OutgoingMessage(message: pending.message, after: pending.afterLog ? forLog : forTerm))
        }
        messages.removeAll(keepingCapacity: true)
    }
}
