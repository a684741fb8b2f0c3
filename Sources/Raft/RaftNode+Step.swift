import Base

/// Messages from other members: which are acted on, and by whom. What a peer sends never traps.
extension RaftNode {
    /// Takes in a message. What is wrong with it shows in the output's `refusals`.
    package mutating func step(_ message: borrowing Message) {
        guard isAddressed(message) else { return }
        switch message.kind {
        case .proposal, .readIndex: break
        case .append, .appendResponse, .vote, .voteResponse, .snapshot, .heartbeat, .heartbeatResponse, .transferLeader, .timeoutNow,
            .readIndexResponse, .preVote, .preVoteResponse:
            guard message.term != .zero else { return refuse(message, .termMissing) }
            guard agreeOnTerm(message) else { return }
        }
        dispatch(message)
    }

    private mutating func isAddressed(_ message: borrowing Message) -> Bool {
        guard message.to == id else {
            refuse(message, .wrongAddressee(message.to))
            return false
        }
        // A request to transfer leadership names the member that shall lead as its sender; it may be this one. A proposal of this
        // member comes back if it was elected meanwhile.
        guard message.from != .zero, message.from != id || message.kind == .transferLeader || message.kind == .proposal else {
            refuse(message, .senderMissing)
            return false
        }
        guard isInRange(message) else {
            refuse(message, .outOfRange)
            return false
        }
        return true
    }

    /// Terms and indexes count up from 0 by one; half their range is never reached, so that arithmetic on them can't overflow.
    private func isInRange(_ message: borrowing Message) -> Bool {
        let max = UInt64.max / 2
        guard message.term.rawValue < max, message.logTerm.rawValue < max, message.index.rawValue < max else { return false }
        guard let metadata = message.snapshot?.metadata else { return true }
        return metadata.index.rawValue < max && metadata.term <= message.term
    }

    mutating func refuse(_ message: borrowing Message, _ reason: Refusal.Reason) {
        // A peer that repeats itself must not fill memory.
        guard refusals.count < 16 else { return }
        refusals.append(Refusal(kind: message.kind, from: message.from, reason: reason))
    }

    // MARK: Terms

    /// Raft §5.1: a later term is taken over, an earlier one's message is not acted on. False: the message is done with.
    private mutating func agreeOnTerm(_ message: borrowing Message) -> Bool {
        if message.term > term { return takeOverTerm(message) }
        if message.term < term {
            answerEarlierTerm(message)
            return false
        }
        return true
    }

    private mutating func takeOverTerm(_ message: borrowing Message) -> Bool {
        switch message.kind {
        case .vote, .preVote:
            // Thesis §6.4.1 (last part) and §4.2.3: while a leader is heard of, nobody may disturb it, unless it asked for that.
            let inLease = configuration.checkQuorum && leader != .zero && electionElapsed < configuration.electionTicks
            if inLease && message.context != RaftNode.transferContext { return false }
            if message.kind == .vote { becomeFollower(term: message.term, leader: .zero) }
        case .preVoteResponse:
            // A grant is for a term that nobody is in yet.
            if message.reject { becomeFollower(term: message.term, leader: .zero) }
        case .append, .heartbeat, .snapshot: becomeFollower(term: message.term, leader: message.from)
        case .appendResponse, .voteResponse, .heartbeatResponse, .transferLeader, .timeoutNow, .readIndexResponse:
            becomeFollower(term: message.term, leader: .zero)
        case .proposal, .readIndex: break
        }
        return true
    }

    private mutating func answerEarlierTerm(_ message: borrowing Message) {
        switch message.kind {
        case .append, .heartbeat, .snapshot:
            // With pre-vote or check-quorum a member with a later term can neither win nor be heard: without this answer the
            // leader would never learn that it must take over the term (etcd-io/raft, "Step").
            guard configuration.checkQuorum || configuration.preVote else { return }
            send(Message(.appendResponse, to: message.from, term: term))
        case .preVote:
            send(Message(.preVoteResponse, to: message.from, term: term, reject: true))
        case .vote, .appendResponse, .voteResponse, .heartbeatResponse, .transferLeader, .timeoutNow, .readIndexResponse,
            .preVoteResponse, .proposal, .readIndex:
            break
        }
    }

    // MARK: Role and kind

    private mutating func dispatch(_ message: borrowing Message) {
        switch message.kind {
        case .append, .heartbeat, .snapshot: dispatchFromLeader(message)
        case .vote, .preVote: handleVoteRequest(message)
        case .voteResponse:
            switch role {
            case .candidate: handleBallot(message)
            case .follower, .preCandidate, .leader: break
            }
        case .preVoteResponse:
            switch role {
            case .preCandidate: handleBallot(message)
            case .follower, .candidate, .leader: break
            }
        case .appendResponse:
            switch role {
            case .leader: handleAppendResponse(message)
            case .follower, .preCandidate, .candidate: break
            }
        case .heartbeatResponse:
            switch role {
            case .leader: handleHeartbeatResponse(message)
            case .follower, .preCandidate, .candidate: break
            }
        case .proposal: handleProposal(message)
        case .readIndex: handleReadRequest(message)
        case .readIndexResponse:
            switch role {
            case .follower: handleReadResponse(message)
            case .preCandidate, .candidate, .leader: break
            }
        case .transferLeader:
            switch role {
            case .leader: beginTransfer(to: message.from)
            case .follower: relay(message)
            case .preCandidate, .candidate: break
            }
        case .timeoutNow:
            switch role {
            case .follower: startElection(.transfer)
            // An election is under way already, or was won.
            case .preCandidate, .candidate, .leader: break
            }
        }
    }

    /// The term has a leader, and this is from it (Raft §5.2).
    private mutating func dispatchFromLeader(_ message: borrowing Message) {
        precondition(message.term == term)
        switch role {
        case .leader: return refuse(message, .secondLeader(known: id))
        case .preCandidate, .candidate: becomeFollower(term: term, leader: message.from)
        case .follower:
            guard leader == .zero || leader == message.from else { return refuse(message, .secondLeader(known: leader)) }
            leader = message.from
            electionElapsed = 0
        }
        switch message.kind {
        case .append: handleAppend(message)
        case .heartbeat: handleHeartbeat(message)
        case .snapshot: handleSnapshot(message)
        case .proposal, .appendResponse, .vote, .voteResponse, .heartbeatResponse, .transferLeader, .timeoutNow, .readIndex,
            .readIndexResponse, .preVote, .preVoteResponse:
            preconditionFailure("not a leader's message")
        }
    }

    /// Passes on to the leader what only it can do. A proposal also goes back to where it came from, if that member leads by now: it
    /// can't go round for ever, because every step leads to the leader of a later term.
    mutating func relay(_ message: borrowing Message) {
        guard leader != .zero, leader != id, leader != message.from || message.kind == .proposal else { return }
        var relayed = copy message
        relayed.to = leader
        send(relayed)
    }
}
