import Base
import Wire

/// A change of the membership, as a client asks for it and as the log has it (formats.md §2.7).
///
/// Decides the bytes of the entry's context, which are Go's JSON to the byte; the envelope is Raft's.
package enum MembershipChange: Sendable, Equatable {
    case add(ClusterMember)
    case promote(MemberID)
    case remove(MemberID)
    /// `isLearner` as the member is: without it, etcd forgets on an update that the member is a learner.
    case update(MemberID, peerURLs: [String], isLearner: Bool)

    package var member: MemberID {
        switch self {
        case .add(let member): member.id
        case .promote(let id), .remove(let id), .update(let id, _, _): id
        }
    }

    /// Nil: none is written.
    package var context: String? {
        switch self {
        case .add(let member): return member.json
        case .promote(let id): return "{\"id\":\(id),\"peerURLs\":null,\"isPromote\":true}"
        case .remove: return nil
        case .update(let id, let peerURLs, let isLearner):
            // Go writes an absent list as null.
            guard !peerURLs.isEmpty else { return "{\"id\":\(id),\"peerURLs\":null\(isLearner ? ",\"isLearner\":true" : "")}" }
            return ClusterMember(id: id, name: "", peerURLs: peerURLs, isLearner: isLearner).json
        }
    }

    /// The peer URLs of a request in the form that is stored: checked, and in order of their texts.
    package static func checkedURLs(_ texts: [String]) throws(MembershipError) -> [String] {
        guard !texts.isEmpty else { throw .badURLs }
        var urls: [String] = []
        for text in texts {
            do throws(TransportURLError) { urls.append(try TransportURL(text).text) } catch { throw .badURLs }
        }
        return urls.sorted()
    }
}

/// A change as it comes out of the log, for validation: kinds as raftpb.ConfChangeType numbers them.
package enum LoggedChange: Sendable, Equatable {
    case addVoter(MemberID, MemberDescription)
    case addLearner(MemberID, MemberDescription)
    case remove(MemberID)
    case update(MemberID, MemberDescription)

    package var member: MemberID {
        switch self {
        case .addVoter(let id, _), .addLearner(let id, _), .remove(let id), .update(let id, _): id
        }
    }
}
