import Base

/// The bounds and switches of one member's consensus. Defaults are etcd's (limits.tsv, area raft); time is in ticks of one
/// heartbeat interval.
package struct RaftConfiguration: Sendable {
    package var id: MemberID
    /// A follower that hears nothing from a leader for a random number of ticks in [n, 2n−1] campaigns.
    package var electionTicks: Int
    /// A campaign first asks whether it could win, without raising anyone's term (Raft thesis §9.6).
    package var preVote: Bool
    /// A leader that hears from no majority for an election timeout steps down, and members that hear from a leader refuse
    /// their vote to others (Raft thesis §6.2, §6.4.1).
    package var checkQuorum: Bool
    /// Bytes of entries in one append message; a single larger entry still goes alone.
    package var messageBytesMax: Int
    /// Append messages to one follower that may be unanswered.
    package var inflightMessagesMax: Int
    /// Bytes of entry data a leader holds that are not yet committed. The first proposal is always taken.
    package var uncommittedBytesMax: Int
    /// Read requests that may wait for a leader or for a round; beyond it further ones are refused, and other members' dropped.
    package var readsPendingMax: Int

    package init(
        id: MemberID, electionTicks: Int = 10, preVote: Bool = true, checkQuorum: Bool = true, messageBytesMax: Int = 1 << 20,
        inflightMessagesMax: Int = 512, uncommittedBytesMax: Int = 1 << 28, readsPendingMax: Int = 1 << 16
    ) {
        precondition(id != .zero, "a member needs an id other than 0")
        precondition(electionTicks >= 2, "an election timeout must be longer than a heartbeat")
        precondition(messageBytesMax > 0 && inflightMessagesMax > 0 && uncommittedBytesMax > 0 && readsPendingMax > 0)
        self.id = id
        self.electionTicks = electionTicks
        self.preVote = preVote
        self.checkQuorum = checkQuorum
        self.messageBytesMax = messageBytesMax
        self.inflightMessagesMax = inflightMessagesMax
        self.uncommittedBytesMax = uncommittedBytesMax
        self.readsPendingMax = readsPendingMax
    }

    /// Ticks between two sendings of a forwarded read request that is not answered.
    var readRetryTicks: Int { Swift.max(1, electionTicks / 2) }
}

/// What was found on disk at start.
package struct RecoveredState: Sendable {
    package var hardState: HardState
    /// The configuration as of `applied`.
    package var confState: ConfState
    /// The last entry that the log no longer holds; zero if it holds all.
    package var base: LogPosition
    /// The entries after `base`, without a gap. A snapshot received from a leader replaces the whole log: when the log is read
    /// back, a snapshot record (index, term) whose index does not hold an entry of that term takes away *all* entries read
    /// before it, also those after its index.
    package var entries: [Entry]
    /// The last entry whose effect is in the store. Committed entries after it come out again to be applied.
    package var applied: LogIndex

    package init(
        hardState: HardState = HardState(), confState: ConfState = ConfState(), base: LogPosition = .zero, entries: [Entry] = [],
        applied: LogIndex = .zero
    ) {
        self.hardState = hardState
        self.confState = confState
        self.base = base
        self.entries = entries
        self.applied = applied
    }
}
