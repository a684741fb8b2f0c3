import Base

/// What became of a proposal.
package enum Proposed: Equatable, Sendable {
    /// The leader is here: the batch's entries are at `first` and after it, of term `term`. An entry that later appears at
    /// its index with another term has replaced the proposal.
    case appended(first: LogIndex, term: Term)
    /// Sent to the leader; whether it arrives shows when the entry comes out to be applied, if ever.
    case forwarded(to: MemberID)
}

extension RaftNode {
    package mutating func propose(_ data: Bytes) throws(RaftError) -> Proposed {
        switch role {
        case .leader:
            try checkRoom(bytes: data.count)
            let first = log.lastIndex.next
            append(kind: .normal, data: data)
            return .appended(first: first, term: term)
        case .follower, .preCandidate, .candidate: return try forward([Entry(term: .zero, index: .zero, data: data)])
        }
    }

    /// All of the batch, or on an error nothing. O(1) per entry; the data is shared, not copied.
    package mutating func propose(batch: [Bytes]) throws(RaftError) -> Proposed {
        switch role {
        case .leader:
            var bytes = 0
            for data in batch { bytes += data.count }
            try checkRoom(bytes: bytes)
            let first = log.lastIndex.next
            log.reserve(batch.count)
            var index = first
            for data in batch {
                log.append(Entry(term: term, index: index, data: data))
                index = index.next
            }
            return .appended(first: first, term: term)
        case .follower, .preCandidate, .candidate:
            return try forward(batch.map { Entry(term: .zero, index: .zero, data: $0) })
        }
    }

    /// Proposes a membership change: `data` is the encoded raftpb.ConfChange (`.configurationChange`) or ConfChangeV2. One at a
    /// time (Raft thesis §4.1): the next is refused until this one is applied and a joint configuration is left.
    package mutating func propose(configurationChange data: Bytes, kind: EntryKind) throws(RaftError) -> Proposed {
        let change = try ConfigurationChange(decoding: data, kind: kind)
        switch role {
        case .leader:
            try checkRoom(bytes: 0)
            try checkConfigurationChange(change)
            let index = log.lastIndex.next
            append(kind: kind, data: data)
            pendingChange = index
            return .appended(first: index, term: term)
        case .follower, .preCandidate, .candidate: return try forward([Entry(term: .zero, index: .zero, kind: kind, data: data)])
        }
    }

    /// Whether the leader takes proposals, and `bytes` more of them.
    private func checkRoom(bytes: Int) throws(RaftError) {
        precondition(role == .leader)
        guard membership.position(of: id) != nil else { throw .notMember }
        guard transferee == .zero else { throw .leadershipTransferInProgress(to: transferee) }
        // Entries without data always pass: a leader's first entry and leaving a joint configuration must not be stuck.
        let total = log.uncommittedBytes + bytes
        guard bytes == 0 || log.uncommittedBytes == 0 || total <= configuration.uncommittedBytesMax else {
            throw .uncommittedSizeLimit(bytes: total, max: configuration.uncommittedBytesMax)
        }
    }

    private func checkConfigurationChange(_ change: ConfigurationChange) throws(RaftError) {
        guard pendingChange <= log.applied else { throw .configurationChangePending(at: pendingChange) }
        let isJoint = membership.isJoint
        if isJoint && !change.changes.isEmpty { throw .configurationIsJoint }
        if !isJoint && change.changes.isEmpty { throw .configurationIsNotJoint }
    }

    private mutating func forward(_ entries: [Entry]) throws(RaftError) -> Proposed {
        guard leader != .zero else { throw .noLeader }
        precondition(leader != id)
        var start = 0
        while start < entries.count {
            var end = start
            var bytes = 0
            while end < entries.count, end == start || bytes + entries[end].data.count + Entry.overheadBytes <= configuration.messageBytesMax {
                bytes += entries[end].data.count + Entry.overheadBytes
                end += 1
            }
            send(Message(.proposal, to: leader, entries: Array(entries[start..<end])))
            start = end
        }
        return .forwarded(to: leader)
    }

    /// A proposal from another member. While nobody can take it, it is held; if it is lost, its proposer waits in vain and then
    /// gives up.
    mutating func handleProposal(_ message: borrowing Message) {
        switch role {
        case .follower: if leader == .zero { held.add(message, ticks: heldTicks) } else { relay(message) }
        case .preCandidate, .candidate: held.add(message, ticks: heldTicks)
        case .leader:
            var bytes = 0
            for entry in message.entries { bytes += entry.data.count }
            do throws(RaftError) { try checkRoom(bytes: bytes) } catch {
                if case .leadershipTransferInProgress = error { held.add(message, ticks: heldTicks) }
                return
            }
            for entry in message.entries { appendForwarded(entry) }
            #if PLANTED_BUGS
                if PlantedBug.isActive(.forwardTwice) { for entry in message.entries where entry.kind == .normal { appendForwarded(entry) } }
            #endif
        }
    }

    /// Longer than a transfer or an election takes, shorter than proposers wait.
    private var heldTicks: Int { 4 * configuration.electionTicks }

    /// What was held goes on its way as soon as somebody takes proposals.
    mutating func releaseHeld() {
        guard !held.isEmpty else { return }
        switch role {
        case .leader: if transferee != .zero { return }
        case .follower: if leader == .zero { return }
        case .preCandidate, .candidate: return
        }
        for message in held.takeAll() { handleProposal(message) }
    }

    /// A membership change that can't be taken becomes an empty entry, as in etcd.
    private mutating func appendForwarded(_ entry: borrowing Entry) {
        switch entry.kind {
        case .normal: append(kind: .normal, data: entry.data)
        case .configurationChange, .configurationChangeV2:
            do throws(RaftError) {
                try checkConfigurationChange(try ConfigurationChange(decoding: entry.data, kind: entry.kind))
            } catch {
                return append(kind: .normal, data: Bytes())
            }
            append(kind: entry.kind, data: entry.data)
            pendingChange = log.lastIndex
        }
    }
}
