import Base

/// What became of a proposal.
package enum Proposed: Equatable, Sendable {
    /// The leader is here: the batch's entries are at `first` and after it, of term `term`. An entry that later appears at
    /// its index with another term has replaced the proposal.
    case appended(first: LogIndex, term: Term)
    /// Sent to the leader; whether it arrives shows when the entry comes out to be applied, if ever.
    case forwarded(to: MemberID)
}
