import Base

/// What a member knows of another (or of itself): its part in the configuration, its vote, and, on the leader, how far its
/// log agrees (Raft §5.3, `nextIndex` and `matchIndex`).
struct Progress: Sendable {
    enum State: UInt8, Sendable {
        /// Where the logs agree is not known: one message, then wait for its answer or a heartbeat's.
        case probe
        /// The logs agree up to `match`: messages follow each other without waiting.
        case replicate
        /// The follower needs a snapshot: nothing is sent until that is reported.
        case snapshot
    }

    enum Ballot: UInt8, Sendable {
        case missing
        case granted
        case rejected
    }

    let id: MemberID
    /// Counts in the (incoming) majority.
    var isVoter = false
    /// Counts in the outgoing majority of a joint configuration.
    var isOutgoing = false
    var isLearner = false
    /// Becomes a learner when the joint configuration is left.
    var isLearnerNext = false

    var ballot = Ballot.missing

    /// The last entry known to be durable there.
    var match = LogIndex.zero
    /// The next entry to send. Invariant: match < next (not kept for the member itself).
    var next: LogIndex
    private(set) var state = State.probe
    /// In state probe: a message is out.
    var isProbeSent = false
    /// In state snapshot: entries may follow once `match` reaches this.
    private(set) var pendingSnapshot = LogIndex.zero
    var inflight: InflightWindow
    /// Heard from since the last check-quorum.
    var isRecentlyActive = false
    /// The last read round this member confirmed.
    var readAcknowledged: UInt64 = 0
    /// The commit index last sent in an append.
    var commitSent = LogIndex.zero
    /// An append is due even if there is nothing new, to find out where the follower is.
    var needsAppend = false

    init(id: MemberID, next: LogIndex, inflightMax: Int) {
        self.id = id
        self.next = Swift.max(next, LogIndex(1))
        self.inflight = InflightWindow(limit: inflightMax)
    }

    var isInConfiguration: Bool { isVoter || isOutgoing || isLearner || isLearnerNext }

    /// May lead: it counts in a majority.
    var isElectable: Bool { isVoter || isOutgoing }

    var isPaused: Bool {
        switch state {
        case .probe: isProbeSent
        case .replicate: inflight.isFull
        case .snapshot: true
        }
    }

    private mutating func enter(_ state: State) {
        self.state = state
        isProbeSent = false
        pendingSnapshot = .zero
        inflight.removeAll()
    }

    mutating func becomeProbe() {
        // After a snapshot was delivered the follower is at least there.
        let afterSnapshot = state == .snapshot ? pendingSnapshot.next : .zero
        enter(.probe)
        next = Swift.max(match.next, afterSnapshot)
        commitSent = .zero
        assert(next > match)
    }

    mutating func becomeReplicate() {
        enter(.replicate)
        next = match.next
    }

    mutating func becomeSnapshot(_ index: LogIndex) {
        enter(.snapshot)
        pendingSnapshot = index
        assert(isPaused)
    }

    /// The snapshot could not be delivered: what comes after `match` is still missing.
    mutating func snapshotFailed() {
        pendingSnapshot = .zero
        becomeProbe()
    }

    /// An acknowledgement up to `index` arrived; false if it says nothing new.
    mutating func acknowledge(_ index: LogIndex) -> Bool {
        let isNew = index > match
        if isNew {
            match = index
            isProbeSent = false
        }
        next = Swift.max(next, index.next)
        assert(next > match)
        return isNew
    }

    /// The follower refused an append after `rejected` and knows `hint` as a place to look next. False if the refusal is
    /// outdated.
    mutating func retreat(rejected: LogIndex, hint: LogIndex) -> Bool {
        switch state {
        case .replicate:
            guard rejected > match else { return false }
            next = match.next
        case .probe, .snapshot:
            guard next.previous == rejected else { return false }
            next = Swift.max(Swift.min(rejected, hint.next), match.next)
            isProbeSent = false
        }
        assert(next > match)
        return true
    }

    /// A new leader knows nothing (Raft §5.3).
    mutating func reset(next: LogIndex) {
        precondition(next > .zero)
        enter(.probe)
        match = .zero
        self.next = next
        isRecentlyActive = false
        readAcknowledged = 0
        commitSent = .zero
        needsAppend = false
    }
}
