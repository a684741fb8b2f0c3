import Base

/// Which changes are admitted before they are proposed, and which are valid when they are applied (etcd's rules; limits.tsv,
/// area raft). What is decided at apply must be the same on every member, Go's too.
extension Membership {
    package var voters: [ClusterMember] { sorted.filter { !$0.isLearner } }
    package var learners: [ClusterMember] { sorted.filter(\.isLearner) }

    // MARK: At apply

    /// Why the change can't take effect; nil if it can.
    package func refusal(of change: LoggedChange, maxLearners: Int) -> MembershipError? {
        if removed.contains(change.member) { return .idRemoved }
        switch change {
        case .addVoter(let id, let description), .addLearner(let id, let description):
            guard description.id == id.rawValue else { return .malformed }
            if description.isPromotion { return refusal(ofPromoting: id) }
            if members[id] != nil { return .idExists }
            if isTaken(description.peerURLs, except: nil) { return .peerURLExists }
            guard case .addLearner = change, description.isLearner else { return nil }
            return learners.count + 1 > maxLearners ? .tooManyLearners : nil
        case .remove(let id):
            return members[id] == nil ? .idNotFound : nil
        case .update(let id, let description):
            if members[id] == nil { return .idNotFound }
            guard description.id == id.rawValue else { return .malformed }
            return isTaken(description.peerURLs, except: id) ? .peerURLExists : nil
        }
    }

    private func refusal(ofPromoting id: MemberID) -> MembershipError? {
        guard let member = members[id] else { return .idNotFound }
        return member.isLearner ? nil : .memberNotLearner
    }

    private func isTaken(_ urls: [String], except id: MemberID?) -> Bool {
        members.values.contains { member in member.id != id && member.peerURLs.contains { urls.contains($0) } }
    }

    /// Puts a valid change into effect. Requires `refusal(of:)` to be nil.
    package mutating func apply(_ change: LoggedChange) {
        switch change {
        case .addVoter(let id, let description), .addLearner(let id, let description):
            if description.isPromotion {
                promote(id)
            } else {
                var member = ClusterMember(description)
                member.name = description.name
                add(member)
            }
        case .remove(let id): remove(id)
        case .update(let id, let description):
            update(id, peerURLs: description.peerURLs, isLearner: description.isLearner)
        }
    }

    // MARK: With --strict-reconfig-check, before a proposal

    /// Members that are unstarted count in the new majority, but can't help to reach it.
    package var isReadyToAddVoter: Bool {
        let started = voters.count(where: \.isStarted)
        let count = voters.count + 1
        // A cluster of one may grow: that is how lost members are replaced.
        if started == 1, count == 2 { return true }
        return started >= count / 2 + 1
    }

    package func isReadyToRemoveVoter(_ id: MemberID) -> Bool {
        let rest = voters.filter { $0.id != id }
        return rest.count(where: \.isStarted) >= rest.count / 2 + 1
    }

    /// The learner counts as started.
    package var isReadyToPromote: Bool {
        voters.count(where: \.isStarted) + 1 >= (voters.count + 1) / 2 + 1
    }

    /// Whether enough voters stay connected when `id` goes. `connected` holds the others that are; the asking member is.
    package func keepsQuorum(without id: MemberID, me: MemberID, connected: Set<MemberID>) -> Bool {
        if id != me, !connected.contains(id) { return true }
        let voters = voters
        let active = voters.count { $0.id == me || connected.contains($0.id) }
        return active - 1 >= 1 + (voters.count - 1) / 2
    }

    // MARK: Promotion

    /// etcd's rule: the learner has 90 % of what the leader has.
    package static func isInSync(learner: LogIndex, leader: LogIndex) -> Bool {
        Double(learner.rawValue) / Double(max(1, leader.rawValue)) >= 0.9
    }
}
