import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Why another member was asked something.
enum PeerCallPurpose {
    /// For the lease question of this number.
    case lease(UInt64)
    /// For the leader's round of this number.
    case version(round: UInt64)
    /// For the promotion of this number.
    case promotion(UInt64)
    /// For the comparison of this number.
    case hash(comparison: UInt64)
}

/// Questions to other members that are not answered yet.
struct PeerCalls {
    private var waiting: [UInt64: (to: MemberID, purpose: PeerCallPurpose)] = [:]
    private var next: UInt64 = 1

    mutating func add(_ to: MemberID, _ purpose: PeerCallPurpose) -> UInt64 {
        defer { next += 1 }
        waiting[next] = (to, purpose)
        return next
    }

    mutating func take(_ id: UInt64) -> (to: MemberID, purpose: PeerCallPurpose)? { waiting.removeValue(forKey: id) }
}

extension Replica {
    mutating func ask(_ to: MemberID, _ kind: PeerCallKind, for purpose: PeerCallPurpose, into effects: inout Effects) {
        effects.calls.append(PeerCall(id: calls.add(to, purpose), to: to, kind: kind))
    }

    mutating func callAnswered(_ id: UInt64, _ answer: PeerAnswer, into effects: inout Effects) {
        guard let (member, purpose) = calls.take(id) else { return }
        peerAnswered(purpose, from: member, answer, into: &effects)
    }

    private mutating func peerAnswered(_ purpose: PeerCallPurpose, from member: MemberID, _ answer: PeerAnswer, into effects: inout Effects) {
        switch purpose {
        case .lease(let question): leaseAnswered(question, answer, into: &effects)
        case .version(let round): versionAnswered(round, from: member, answer)
        case .promotion(let promotion): promotionAnswered(promotion, answer, into: &effects)
        case .hash(let comparison): hashAnswered(comparison, from: member, answer)
        }
    }
}
