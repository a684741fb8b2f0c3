import Base

/// The configuration (as of the last one applied) with each member's progress, and the majorities in it. A joint
/// configuration needs both majorities for everything (Raft §6).
struct Membership: Sendable {
    /// Ascending by id. A handful, so that a scan is faster than any table.
    private(set) var members: [Progress] = []
    private(set) var autoLeave = false
    let inflightMax: Int

    /// One of the two majorities.
    private enum Half {
        case incoming
        case outgoing
    }

    enum Counter {
        case match
        case readAcknowledged
    }

    enum Verdict {
        case pending
        case won
        case lost
    }

    init(_ confState: ConfState, lastIndex: LogIndex, inflightMax: Int) {
        self.inflightMax = inflightMax
        for id in confState.voters { update(id, next: lastIndex.next) { $0.isVoter = true } }
        for id in confState.votersOutgoing { update(id, next: lastIndex.next) { $0.isOutgoing = true } }
        for id in confState.learners { update(id, next: lastIndex.next) { $0.isLearner = true } }
        for id in confState.learnersNext { update(id, next: lastIndex.next) { $0.isLearnerNext = true } }
        autoLeave = confState.autoLeave
    }

    // MARK: Members

    func position(of id: MemberID) -> Int? { members.firstIndex { $0.id == id } }

    subscript(position: Int) -> Progress {
        get { members[position] }
        _modify { yield &members[position] }
    }

    var isJoint: Bool { members.contains { $0.isOutgoing } }

    /// Changes a member, adding it if it isn't there and dropping it if it is in no list afterwards.
    private mutating func update(_ id: MemberID, next: LogIndex, _ change: (inout Progress) -> Void) {
        var position = members.firstIndex { $0.id >= id } ?? members.count
        if position == members.count || members[position].id != id {
            var fresh = Progress(id: id, next: next, inflightMax: inflightMax)
            // A member just added counts as heard from, or a leader that checks its quorum at once would step down.
            fresh.isRecentlyActive = true
            members.insert(fresh, at: position)
            position = members.firstIndex { $0.id == id }!
        }
        change(&members[position])
        if !members[position].isInConfiguration { members.remove(at: position) }
    }

    var confState: ConfState {
        ConfState(
            voters: members.filter(\.isVoter).map(\.id), learners: members.filter(\.isLearner).map(\.id),
            votersOutgoing: members.filter(\.isOutgoing).map(\.id), learnersNext: members.filter(\.isLearnerNext).map(\.id),
            autoLeave: autoLeave)
    }

    // MARK: Changes

    /// Applies a committed change (Raft §6, thesis §4). On an error nothing has changed.
    mutating func apply(_ change: ConfigurationChange, lastIndex: LogIndex) throws(RaftError) {
        var changed = self
        if change.leavesJoint {
            try changed.leaveJoint()
        } else if change.isJoint {
            try changed.enterJoint(autoLeave: change.transition != .jointExplicit)
            try changed.apply(change.changes, lastIndex: lastIndex)
        } else {
            guard !isJoint else { throw .configurationIsJoint }
            try changed.apply(change.changes, lastIndex: lastIndex)
        }
        self = changed
        assert(isJoint || !members.contains { $0.isLearnerNext })
    }

    private mutating func enterJoint(autoLeave: Bool) throws(RaftError) {
        guard !isJoint else { throw .configurationIsJoint }
        guard members.contains(where: \.isVoter) else { throw .invalidConfigurationChange("a configuration without voters cannot become joint") }
        for position in members.indices { members[position].isOutgoing = members[position].isVoter }
        self.autoLeave = autoLeave
    }

    private mutating func leaveJoint() throws(RaftError) {
        guard isJoint else { throw .configurationIsNotJoint }
        for position in members.indices {
            if members[position].isLearnerNext { members[position].isLearner = true }
            members[position].isLearnerNext = false
            members[position].isOutgoing = false
        }
        members.removeAll { !$0.isInConfiguration }
        autoLeave = false
    }

    private mutating func apply(_ changes: [ConfigurationChange.Single], lastIndex: LogIndex) throws(RaftError) {
        let before = members.filter(\.isVoter).map(\.id)
        // Id 0 marks a change that turned out to be invalid when it was applied (formats.md §2.7).
        for change in changes where change.member != .zero {
            switch change.kind {
            case .addVoter:
                update(change.member, next: lastIndex) { member in
                    member.isVoter = true
                    member.isLearner = false
                    member.isLearnerNext = false
                }
            case .addLearner:
                update(change.member, next: lastIndex) { member in
                    member.isVoter = false
                    // It still votes in the outgoing majority, so it is not a learner until that is left.
                    member.isLearnerNext = member.isOutgoing
                    member.isLearner = !member.isOutgoing
                }
            case .removeMember:
                guard position(of: change.member) != nil else { break }
                update(change.member, next: lastIndex) { member in
                    member.isVoter = false
                    member.isLearner = false
                    member.isLearnerNext = false
                }
            case .updateMember: break
            }
        }
        let after = members.filter(\.isVoter).map(\.id)
        guard !after.isEmpty else { throw .invalidConfigurationChange("it would remove the last voter") }
        guard isJoint || before.count(where: { !after.contains($0) }) + after.count(where: { !before.contains($0) }) <= 1 else {
            throw .invalidConfigurationChange("more than one voter changes without a joint configuration")
        }
    }

    // MARK: Majorities

    private func isIn(_ half: Half, _ member: Progress) -> Bool {
        switch half {
        case .incoming: member.isVoter
        case .outgoing: member.isOutgoing
        }
    }

    private func size(_ half: Half) -> Int { members.count { isIn(half, $0) } }

    /// The greatest value that both majorities have reached; the maximum if there are no voters at all.
    func reached(_ counter: Counter) -> UInt64 { Swift.min(reached(counter, .incoming), reached(counter, .outgoing)) }

    private func reached(_ counter: Counter, _ half: Half) -> UInt64 {
        func value(_ position: Int) -> UInt64 {
            switch counter {
            case .match: members[position].match.rawValue
            case .readAcknowledged: members[position].readAcknowledged
            }
        }
        let size = size(half)
        guard size > 0 else { return .max }
        #if PLANTED_BUGS
            if PlantedBug.isActive(.learnerInQuorum) { return reachedWithLearners(counter, majority: size / 2 + 1) }
        #endif
        var best: UInt64 = 0
        for candidate in members.indices where isIn(half, members[candidate]) {
            let bound = value(candidate)
            guard bound > best else { continue }
            let count = members.indices.count { isIn(half, members[$0]) && value($0) >= bound }
            if count >= size / 2 + 1 { best = bound }
        }
        return best
    }

    #if PLANTED_BUGS
        private func reachedWithLearners(_ counter: Counter, majority: Int) -> UInt64 {
            let values = members.map { counter == .match ? $0.match.rawValue : $0.readAcknowledged }.sorted(by: >)
            return values.count >= majority ? values[majority - 1] : 0
        }
    #endif

    /// True if `id` alone is every majority.
    func isAlone(_ id: MemberID) -> Bool {
        #if PLANTED_BUGS
            if PlantedBug.isActive(.readWithoutQuorum) { return true }
        #endif
        return members.contains { $0.id == id && $0.isVoter } && members.allSatisfy { $0.id == id || !($0.isVoter || $0.isOutgoing) }
    }

    mutating func clearBallots() {
        for position in members.indices { members[position].ballot = .missing }
    }

    /// The first answer counts.
    mutating func recordBallot(of id: MemberID, granted: Bool) {
        guard let position = position(of: id), members[position].ballot == .missing else { return }
        members[position].ballot = granted ? .granted : .rejected
    }

    var electionVerdict: Verdict {
        let verdicts = (verdict(.incoming), verdict(.outgoing))
        switch verdicts {
        case (.lost, .pending), (.lost, .won), (.lost, .lost), (.pending, .lost), (.won, .lost): return .lost
        case (.won, .won): return .won
        case (.pending, .pending), (.pending, .won), (.won, .pending): return .pending
        }
    }

    private func verdict(_ half: Half) -> Verdict {
        let size = size(half)
        guard size > 0 else { return .won }
        let granted = members.count { isIn(half, $0) && $0.ballot == .granted }
        let missing = members.count { isIn(half, $0) && $0.ballot == .missing }
        if granted >= size / 2 + 1 { return .won }
        return granted + missing >= size / 2 + 1 ? .pending : .lost
    }

    /// Whether a majority was heard from since the last call.
    mutating func takeQuorumActive(_ own: MemberID) -> Bool {
        func isActive(_ half: Half) -> Bool {
            let size = size(half)
            return size == 0 || members.count { isIn(half, $0) && ($0.id == own || $0.isRecentlyActive) } >= size / 2 + 1
        }
        let isActive = isActive(.incoming) && isActive(.outgoing)
        for position in members.indices { members[position].isRecentlyActive = false }
        return isActive
    }
}
