import Base

/// Elections: Raft §5.2 and §5.4.1, pre-vote (thesis §9.6), leadership transfer (thesis §3.10).
extension RaftNode {
    enum Campaign {
        case preElection
        case election
        /// The leader asked for it: no pre-vote, and others may vote although they hear from that leader.
        case transfer
    }

    /// The context of a vote that a leader asked for; etcd's spelling.
    static let transferContext = Bytes("CampaignTransfer")

    /// A voter, and not waiting for a snapshot to be installed.
    var isPromotable: Bool {
        guard let position = membership.position(of: id) else { return false }
        return membership[position].isElectable && log.snapshotInstalling == nil
    }

    /// Starts an election now, without waiting for the timeout. Does nothing on a leader or on a member that can't lead.
    package mutating func campaign() {
        startElection(configuration.preVote ? .preElection : .election)
    }

    mutating func startElection(_ campaign: Campaign) {
        guard role != .leader, isPromotable else { return }
        // Votes are counted in the configuration as applied: a committed change must be in it first (thesis §4).
        guard !log.hasConfigurationChange(after: log.applied, through: log.committed) else { return }
        switch campaign {
        case .preElection: becomePreCandidate()
        case .election, .transfer: becomeCandidate()
        }
        membership.recordBallot(of: id, granted: true)
        switch membership.electionVerdict {
        case .won: electionWon()
        case .pending, .lost: requestVotes(campaign)
        }
    }

    private mutating func requestVotes(_ campaign: Campaign) {
        let isPre = campaign == .preElection
        let last = log.last
        for position in membership.members.indices where membership[position].isElectable && membership[position].id != id {
            send(
                Message(
                    isPre ? .preVote : .vote, to: membership[position].id, term: isPre ? term.next : term, logTerm: last.term,
                    index: last.index, context: campaign == .transfer ? RaftNode.transferContext : Bytes()))
        }
    }

    private mutating func electionWon() {
        switch role {
        case .preCandidate: startElection(.election)
        case .candidate: becomeLeader()
        case .follower, .leader: preconditionFailure("no election was under way")
        }
    }

    mutating func handleBallot(_ message: borrowing Message) {
        let isPre = message.kind == .preVoteResponse
        precondition(role == (isPre ? .preCandidate : .candidate))
        learnCommit(message)
        // A grant left over from an earlier pre-vote is for an earlier term.
        guard !isPre || message.reject || message.term == term.next else { return }
        membership.recordBallot(of: message.from, granted: !message.reject)
        switch membership.electionVerdict {
        case .won: electionWon()
        // A new random timeout; the term stays, as somebody else may win in it.
        case .lost: becomeFollower(term: term, leader: .zero)
        case .pending: break
        }
    }

    /// Raft §5.2, §5.4.1. Learners vote too: one that was promoted may be the last to learn of it.
    mutating func handleVoteRequest(_ message: borrowing Message) {
        let isPre = message.kind == .preVote
        precondition(isPre ? message.term >= term : message.term == term)
        let isFree = vote == message.from || (vote == .zero && leader == .zero) || (isPre && message.term > term)
        let granted = isFree && log.isUpToDate(candidate: LogPosition(index: message.index, term: message.logTerm))
        if granted && !isPre {
            electionElapsed = 0
            vote = message.from
        }
        // A grant carries the term asked for, a refusal the own one: that is how a candidate learns of a later term.
        send(
            Message(
                isPre ? .preVoteResponse : .voteResponse, to: message.from, term: granted ? message.term : term,
                logTerm: log.term(at: log.committed) ?? .zero, index: log.committed, commit: log.committed, reject: !granted))
    }

    /// What the voter knows to be committed is so here too, if the logs agree there (Log Matching). Without this a change of
    /// membership can end in a standstill: its leader removes itself and refuses its vote to shorter logs, while those who
    /// have the change but don't know that it is committed need that vote. etcd's members send and use nothing here.
    private mutating func learnCommit(_ message: borrowing Message) {
        guard message.commit == message.index, message.commit > log.committed else { return }
        guard log.term(at: message.commit) == message.logTerm else { return }
        _ = log.commit(to: message.commit)
    }

    // MARK: Leadership transfer

    /// Hands leadership to `target` (thesis §3.10); on a follower the leader is asked to. Proposals are refused meanwhile; after
    /// an election timeout the attempt is given up. Success shows as a new leader.
    package mutating func transferLeadership(to target: MemberID) throws(RaftError) {
        guard let position = membership.position(of: target), membership[position].isElectable else {
            throw .invalidConfigurationChange("member \(target.hex) is not a voter and can't lead")
        }
        switch role {
        case .leader: beginTransfer(to: target)
        case .follower, .preCandidate, .candidate:
            guard leader != .zero else { throw .noLeader }
            send(Message(.transferLeader, from: target, to: leader, term: term))
        }
    }

    mutating func beginTransfer(to target: MemberID) {
        precondition(role == .leader)
        guard let position = membership.position(of: target), membership[position].isElectable else { return }
        guard target != id, target != transferee else { return }
        transferee = target
        electionElapsed = 0
        finishTransferIfReady(position)
        // It may be waiting in probe; the target is brought up to date first.
        membership[position].needsAppend = true
    }

    mutating func finishTransferIfReady(_ position: Int) {
        guard membership[position].id == transferee, membership[position].match == log.lastIndex else { return }
        send(Message(.timeoutNow, to: transferee, term: term))
    }
}
