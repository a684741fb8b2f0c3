import Base
import Wire

/// Why a change of the membership is refused: before it is proposed, or when it is applied, then by every member alike.
package enum MembershipError: Error, Equatable, Sendable {
    case idRemoved
    case idExists
    case idNotFound
    case peerURLExists
    case memberNotLearner
    case tooManyLearners
    case learnerNotReady
    case notEnoughStartedMembers
    case unhealthy
    case badURLs
    /// Its description cannot be read, or is of another member. etcd stops at such an entry.
    case malformed

    /// What a client is told.
    package var status: GRPCError {
        switch self {
        case .idRemoved, .idNotFound: .memberNotFound
        case .idExists: .memberExist
        case .peerURLExists: .peerURLExist
        case .memberNotLearner: .memberNotLearner
        case .tooManyLearners: .tooManyLearners
        case .learnerNotReady: .learnerNotReady
        case .notEnoughStartedMembers: .memberNotEnoughStarted
        case .unhealthy: .unhealthy
        case .badURLs, .malformed: .memberBadURLs
        }
    }

    /// What another member is told that has forwarded a promotion (http.tsv, `/members/promote/{id}`).
    package var httpAnswer: (status: Int, text: String) {
        switch self {
        case .idRemoved: (404, "membership: ID removed")
        case .idNotFound: (404, "membership: ID not found")
        case .memberNotLearner: (412, "membership: can only promote a learner member")
        case .learnerNotReady: (412, "etcdserver: can only promote a learner member which is in sync with leader")
        // etcd says 500 without a reason here, and its forwarding member goes on trying until the client gives up.
        case .notEnoughStartedMembers: (412, "etcdserver: re-configuration failed due to not enough started members")
        case .idExists, .peerURLExists, .tooManyLearners, .unhealthy, .badURLs, .malformed:
            (500, "{\"message\":\"Internal Server Error\"}")
        }
    }

    /// What a leader's answer to a forwarded promotion says; nil: nothing final, ask again.
    package init?(httpStatus status: Int, text: String) {
        switch status {
        case 404: self = .idNotFound
        case 412 where text.contains("in sync with leader"): self = .learnerNotReady
        case 412 where text.contains("can only promote a learner member"): self = .memberNotLearner
        case 412 where text.contains("not enough started members"): self = .notEnoughStartedMembers
        default: return nil
        }
    }
}
