import Base

/// One member's part in the consensus: Raft (Ongaro, "Consensus: Bridging Theory and Practice", 2014; section numbers "Raft
/// §" are of the shorter paper by Ongaro and Ousterhout) with pre-vote, check-quorum, learners and joint configurations,
/// in the dialect that etcd 3.5 speaks.
///
/// Decides: who leads, what is committed, what to send. Leaves to others: writing the log, sending, applying, storing and
/// fetching snapshots, the meaning of data. Owned by one thread; no clock (time comes as `tick`), no I/O; the same inputs and
/// seed give the same outputs.
///
/// The caller's turn: put in what happened (`step`, `propose`, `readIndex`, `persisted`, `tick`, ...), then `takeOutput` once
/// and do what it says:
/// 1. hand `write` to the log thread, if there is one; report `persisted(through:)` when a `mustSync` write is durable;
/// 2. send each message as soon as the write it names in `after` is durable (nil: now);
/// 3. apply `firstToApply...lastToApply`, calling `applyConfigurationChange` for membership entries, then
///    `applied(through:)`;
/// 4. answer reads when their index is applied.
package struct RaftNode: ~Copyable {
    package let configuration: RaftConfiguration
    package internal(set) var term: Term
    /// Whom this member voted for in `term`; zero if nobody.
    var vote: MemberID
    package internal(set) var role = Role.follower
    /// The leader of `term`; zero if not known.
    package internal(set) var leader = MemberID.zero
    var log: ReplicatedLog
    var membership: Membership
    var random: RandomSource

    /// Follower and candidates: ticks since a leader or a granted vote was heard of. Leader: since the last quorum check.
    var electionElapsed = 0
    /// Random in [electionTicks, 2·electionTicks−1], drawn anew with every change of term or role.
    var electionTimeout = 0
    var readTicks = 0

    /// Leader: whom it is handing over to; zero if nobody.
    package internal(set) var transferee = MemberID.zero
    /// Leader: no other membership change is taken before this entry is applied. May be later than the last change.
    var pendingChange = LogIndex.zero

    var reads: ReadBarriers
    var held = HeldProposals()

    /// Messages and read answers made since the last output.
    var messages: [PendingMessage] = []
    var readStates: [ReadState] = []
    var refusals: [Refusal] = []

    /// What was last handed to the log, and by which write it becomes durable.
    var hardStateWritten: HardState
    var hardStateWrite = WriteNumber.zero
    var ticked = false
    var softStateTaken: SoftState

    struct PendingMessage {
        var message: Message
        /// It acknowledges or depends on entries that may not be durable yet.
        var afterLog: Bool
    }

    package init(configuration: RaftConfiguration, recovered: RecoveredState, random: RandomSource) throws(RaftError) {
        self.configuration = configuration
        self.random = random
        if let contradiction = recovered.confState.contradiction { throw .recoveredConfigurationInvalid(contradiction) }
        log = try ReplicatedLog(recovered)
        // A torn write may have kept entries of a term and lost the hard state that came after them. Whoever has an entry of
        // a term is in it; a vote given in it would have been durable before.
        term = Swift.max(recovered.hardState.term, log.last.term)
        vote = term == recovered.hardState.term ? recovered.hardState.vote : .zero
        hardStateWritten = recovered.hardState
        membership = Membership(
            recovered.confState, lastIndex: log.lastIndex, inflightMax: configuration.inflightMessagesMax)
        reads = ReadBarriers(nonce: self.random.next())
        softStateTaken = SoftState(leader: .zero, role: .follower, term: recovered.hardState.term)
        drawElectionTimeout()
        precondition(electionTimeout >= configuration.electionTicks)
    }

    // MARK: Observing

    package var id: MemberID { configuration.id }
    package var committed: LogIndex { log.committed }
    package var lastIndex: LogIndex { log.lastIndex }
    package var firstIndex: LogIndex { log.firstIndex }
    package var isLeader: Bool { role == .leader }
    package var confState: ConfState { membership.confState }
    package var hardState: HardState { HardState(term: term, vote: vote, commit: log.committed) }
    /// What may be written at any time, out of turn: it says nothing of entries that are still on their way to the log.
    package var durableHardState: HardState { HardState(term: term, vote: vote, commit: Swift.min(log.committed, log.durable)) }
    var softState: SoftState { SoftState(leader: leader, role: role, term: term) }

    /// The entry at `index`, which must be in memory: after what was compacted, up to the last.
    package func entry(at index: LogIndex) -> Entry { log.entry(at: index) }

    /// Borrows the entries from `first` on, as many up to `last` as lie in one piece (at least one). Cheaper than
    /// `entry(at:)` for a loop that need not change the node.
    @_lifetime(borrow self)
    package func entries(from first: LogIndex, through last: LogIndex) -> Span<Entry> { log.run(from: first, through: last) }

    /// Nil if the entry is not in memory.
    package func term(at index: LogIndex) -> Term? { log.term(at: index) }

    // MARK: Time

    /// One heartbeat interval has passed.
    package mutating func tick() {
        ticked = true
        electionElapsed += 1
        retryReads()
        held.tick()
        switch role {
        case .leader: tickLeader()
        case .follower, .preCandidate, .candidate:
            guard isPromotable, electionElapsed >= electionTimeout else { return }
            electionElapsed = 0
            startElection(configuration.preVote ? .preElection : .election)
        }
    }

    /// Brings the first election nearer by so many ticks, where it is known that nobody leads: the cluster starts.
    package mutating func advanceElection(ticks: Int) {
        guard role != .leader, leader == .zero else { return }
        electionElapsed += ticks
    }

    private mutating func tickLeader() {
        if electionElapsed >= configuration.electionTicks {
            electionElapsed = 0
            if configuration.checkQuorum && !membership.takeQuorumActive(id) {
                // Raft thesis §6.2: clients of a leader that is cut off must not wait for it for ever.
                becomeFollower(term: term, leader: .zero)
                return
            }
            // Raft thesis §3.10: a transfer that takes longer than an election timeout is given up.
            transferee = .zero
        }
        broadcastHeartbeat()
    }

    // MARK: Roles

    mutating func drawElectionTimeout() {
        electionTimeout = Int.random(in: configuration.electionTicks...(2 * configuration.electionTicks - 1), using: &random)
    }

    /// What every change of role or term begins with.
    mutating func reset(term newTerm: Term) {
        precondition(newTerm >= term, "a term never goes back")
        if newTerm > term {
            term = newTerm
            vote = .zero
        }
        leader = .zero
        electionElapsed = 0
        drawElectionTimeout()
        transferee = .zero
        pendingChange = .zero
        membership.clearBallots()
        reads.startOver()
        readTicks = 0
    }

    mutating func becomeFollower(term newTerm: Term, leader newLeader: MemberID) {
        reset(term: newTerm)
        role = .follower
        leader = newLeader
        assert(leader != id)
    }

    mutating func becomePreCandidate() {
        precondition(role != .leader)
        // Neither term nor vote changes: that is what a pre-vote is for.
        role = .preCandidate
        leader = .zero
        membership.clearBallots()
    }

    mutating func becomeCandidate() {
        precondition(role != .leader)
        reset(term: term.next)
        vote = id
        role = .candidate
    }

    mutating func becomeLeader() {
        precondition(role == .candidate, "only a candidate becomes leader")
        precondition(vote == id)
        reset(term: term)
        role = .leader
        leader = id
        for position in membership.members.indices { membership[position].reset(next: log.lastIndex.next) }
        // There may be a membership change among the entries not yet applied; finding out is not worth it.
        pendingChange = log.lastIndex
        noteOwnProgress()
        // Raft §8: an entry of its own term, with which it learns what is committed.
        append(kind: .normal, data: Bytes())
    }

    mutating func append(kind: EntryKind, data: Bytes) {
        precondition(role == .leader)
        log.append(Entry(term: term, index: log.lastIndex.next, kind: kind, data: data))
    }

    /// The leader counts itself like any other: by what is durable.
    mutating func noteOwnProgress() {
        guard let position = membership.position(of: id) else { return }
        membership[position].match = log.durable
        membership[position].next = log.lastIndex.next
        membership[position].isRecentlyActive = true
    }
}

extension Term {
    var next: Term { Term(rawValue + 1) }
}
