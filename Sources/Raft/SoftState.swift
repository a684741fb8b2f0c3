import Base

package enum Role: UInt8, Sendable {
    case follower
    case preCandidate
    case candidate
    case leader
}

package struct SoftState: Sendable, Equatable {
    /// Zero if none is known.
    package var leader: MemberID
    package var role: Role
    package var term: Term

    package init(leader: MemberID, role: Role, term: Term) {
        self.leader = leader
        self.role = role
        self.term = term
    }
}
