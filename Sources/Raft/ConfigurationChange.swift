import Base

/// A membership change as the core sees it: raftpb.ConfChange and ConfChangeV2 decoded. A v1 change is one with a single
/// step and automatic transition.
package struct ConfigurationChange: Sendable, Equatable {
    package enum Transition: UInt8, Sendable {
        /// Joint only if more than one step is made; then left automatically.
        case automatic = 0
        /// Joint, left automatically.
        case jointImplicit = 1
        /// Joint, left by a change without steps that somebody proposes.
        case jointExplicit = 2
    }

    package enum Kind: UInt8, Sendable {
        case addVoter = 0
        case removeMember = 1
        /// Changes nothing here; what it means to the members is in the context.
        case updateMember = 2
        case addLearner = 3
    }

    package struct Single: Sendable, Equatable {
        package var kind: Kind
        package var member: MemberID

        package init(_ kind: Kind, _ member: MemberID) {
            self.kind = kind
            self.member = member
        }
    }

    /// The request's id; only in v1.
    package var id: UInt64
    package var transition: Transition
    package var changes: [Single]
    package var context: Bytes

    package init(id: UInt64 = 0, transition: Transition = .automatic, _ changes: [Single], context: Bytes = Bytes()) {
        self.id = id
        self.transition = transition
        self.changes = changes
        self.context = context
    }

    var leavesJoint: Bool { changes.isEmpty && transition == .automatic }
    var isJoint: Bool { transition != .automatic || changes.count > 1 }
}
