import Base

/// The messages that travel between members; raw values are raftpb.MessageType's. Types that etcd uses only inside one
/// process (hup, beat, unreachable, ...) have no case: a peer that sends one is refused where the message is decoded.
package enum MessageKind: UInt8, Sendable, CaseIterable {
    case proposal = 2
    case append = 3
    case appendResponse = 4
    case vote = 5
    case voteResponse = 6
    case snapshot = 7
    case heartbeat = 8
    case heartbeatResponse = 9
    case transferLeader = 13
    case timeoutNow = 14
    case readIndex = 15
    case readIndexResponse = 16
    case preVote = 17
    case preVoteResponse = 18
}

/// raftpb.Message. Which fields mean something depends on the kind:
///
/// | kind | fields |
/// | --- | --- |
/// | proposal | entries (term and index unset); term is zero |
/// | append | logTerm and index: the entry before `entries`; commit |
/// | appendResponse | index: last entry known to match, or with `reject` the refused index, rejectHint and logTerm: where to look next |
/// | vote, preVote | index and logTerm of the candidate's last entry; context: `CampaignTransfer` if a leader asked for it |
/// | voteResponse, preVoteResponse | reject; index (= commit) and logTerm: the voter's last committed entry (zero from etcd) |
/// | snapshot | snapshot |
/// | heartbeat | commit; context: of a read round, to be echoed |
/// | heartbeatResponse | context |
/// | transferLeader | from: the member that shall lead |
/// | readIndex | entries[0].data: the request's context; term is zero |
/// | readIndexResponse | index: read at this applied index or later; entries[0].data |
package struct Message: Sendable, Equatable {
    package var kind: MessageKind
    package var from: MemberID
    package var to: MemberID
    /// Zero in proposal and readIndex, which are not bound to a term.
    package var term: Term
    package var logTerm: Term
    package var index: LogIndex
    package var entries: [Entry]
    package var commit: LogIndex
    package var reject: Bool
    package var rejectHint: LogIndex
    package var context: Bytes
    package var snapshot: Snapshot?

    package init(
        _ kind: MessageKind, from: MemberID = .zero, to: MemberID, term: Term = .zero, logTerm: Term = .zero, index: LogIndex = .zero,
        entries: [Entry] = [], commit: LogIndex = .zero, reject: Bool = false, rejectHint: LogIndex = .zero,
        context: Bytes = Bytes(), snapshot: Snapshot? = nil
    ) {
        self.kind = kind
        self.from = from
        self.to = to
        self.term = term
        self.logTerm = logTerm
        self.index = index
        self.entries = entries
        self.commit = commit
        self.reject = reject
        self.rejectHint = rejectHint
        self.context = context
        self.snapshot = snapshot
    }
}
