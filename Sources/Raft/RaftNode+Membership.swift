import Base

/// The effect of what is applied: Raft §6, thesis §4.
extension RaftNode {
    /// Puts a committed membership change into effect; to be called when its entry is applied, in order. Returns the new
    /// configuration. An error (the change contradicts the configuration) is the same on every member, and changes nothing.
    package mutating func applyConfigurationChange(_ change: ConfigurationChange) throws(RaftError) -> ConfState {
        try membership.apply(change, lastIndex: log.lastIndex)
        switch role {
        case .leader: leaderConfigurationChanged()
        case .follower, .preCandidate, .candidate: break
        }
        return membership.confState
    }

    private mutating func leaderConfigurationChanged() {
        noteOwnProgress()
        // Fewer may be needed now.
        advanceCommit()
        confirmReads()
        guard let position = membership.position(of: id), membership[position].isElectable else {
            // Thesis §4.2.2: a leader that is not in the configuration goes, having told the others what is committed.
            sendAppends()
            becomeFollower(term: term, leader: .zero)
            return
        }
        if transferee != .zero, membership.position(of: transferee).map({ membership[$0].isElectable }) != true { transferee = .zero }
    }

    /// The entries up to `index`, which an output handed out, are applied.
    package mutating func applied(through index: LogIndex) {
        log.applied(through: index)
        guard role == .leader, membership.autoLeave, membership.isJoint, log.applied >= pendingChange else { return }
        // Raft §6: the second half of a joint change follows by itself.
        append(kind: .configurationChangeV2, data: Bytes())
        pendingChange = log.lastIndex
    }

    /// Forgets the entries up to `index` in memory; a follower that still needs them gets a snapshot. Requires them to be
    /// applied.
    package mutating func compact(through index: LogIndex) { log.compact(through: index) }
}
