import Base

/// Linearizable reads without a log entry: Raft §8, thesis §6.4.
extension RaftNode {
    /// Asks for an index that is at least as late as everything committed anywhere before this call. The answer comes as a
    /// `ReadState` with `context`; it may never come (no leader), so keep a deadline. Lost messages and changes of
    /// leader are handled here, by asking again.
    ///
    /// `context` must be new for every batch of reads: an answer to an earlier call with the same number may be too early.
    package mutating func readIndex(context: UInt64) throws(RaftError) {
        guard reads.pendingCount < configuration.readsPendingMax else { throw .tooManyReads(max: configuration.readsPendingMax) }
        reads.add(.local(context))
    }

    /// Starts the round, or forwards the request, for all reads that came since the last output.
    mutating func sendReads() {
        guard !reads.waiting.isEmpty else { return }
        switch role {
        case .leader: beginReadRound()
        case .follower:
            guard leader != .zero else { return }
            let context = reads.forward(from: id)
            send(Message(.readIndex, to: leader, entries: [Entry(term: .zero, index: .zero, data: context)]))
        // Until there is a leader.
        case .preCandidate, .candidate: break
        }
    }

    private mutating func beginReadRound() {
        precondition(role == .leader)
        // Thesis §6.4, step 1: before an entry of its own term is committed, a leader doesn't know what is (etcd #14258).
        #if PLANTED_BUGS
            guard PlantedBug.isActive(.readBeforeTermCommitted) || log.term(at: log.committed) == term else { return }
        #else
            guard log.term(at: log.committed) == term else { return }
        #endif
        if membership.isAlone(id) {
            let index = log.committed
            var answers: [ReadBarriers.Request] = []
            reads.takeWaiting { request in
                switch request {
                case .local(let context): readStates.append(ReadState(context: context, index: index))
                case .remote: answers.append(request)
                }
            }
            for request in answers { answer(request, index) }
            return
        }
        let round = reads.beginRound(index: log.committed)
        if let position = membership.position(of: id) { membership[position].readAcknowledged = round }
        broadcastHeartbeat()
    }

    /// Answers the rounds that a majority has confirmed.
    mutating func confirmReads() {
        precondition(role == .leader)
        guard !reads.rounds.isEmpty else { return }
        if let position = membership.position(of: id) { membership[position].readAcknowledged = reads.lastRound }
        for round in reads.takeRounds(through: membership.reached(.readAcknowledged)) {
            for request in round.requests { answer(request, round.index) }
        }
    }

    private mutating func answer(_ request: ReadBarriers.Request, _ index: LogIndex) {
        switch request {
        case .local(let context): readStates.append(ReadState(context: context, index: index))
        case .remote(let member, let context):
            send(
                Message(.readIndexResponse, to: member, term: term, index: index, entries: [Entry(term: .zero, index: .zero, data: context)]))
        }
    }

    mutating func handleReadRequest(_ message: borrowing Message) {
        guard message.entries.count == 1 else { return refuse(message, .contextMissing) }
        switch role {
        case .leader:
            guard reads.pendingCount < configuration.readsPendingMax else { return }
            reads.add(.remote(message.from, message.entries[0].data))
        case .follower: relay(message)
        case .preCandidate, .candidate: break
        }
    }

    mutating func handleReadResponse(_ message: borrowing Message) {
        precondition(role == .follower)
        guard message.entries.count == 1 else { return refuse(message, .contextMissing) }
        for request in reads.takeForwarded(context: message.entries[0].data, id: id) { answer(request, message.index) }
    }

    /// A forwarded request or its answer may be lost.
    mutating func retryReads() {
        guard reads.hasForwarded else { return }
        readTicks += 1
        guard readTicks >= configuration.readRetryTicks else { return }
        readTicks = 0
        reads.startOver()
    }
}
