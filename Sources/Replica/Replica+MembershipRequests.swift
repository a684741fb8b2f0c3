import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// etcdserverpb.Cluster: changes are checked as far as this member can tell, proposed, and answered when they are applied.
extension Replica {
    mutating func memberAdd(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = try decoded(Etcdserverpb.MemberAddRequest.self, batch.block.span.subscripted(request.range))
        let change = try explained { () throws(MembershipError) in
            let urls = try MembershipChange.checkedURLs(message.peerURLs)
            try mayAdd(isLearner: message.isLearner)
            // Twice the same addresses within a second is twice the same member.
            let id = Identity.member(peerURLs: urls, addedAtUnixSeconds: affairs.unixSeconds(now))
            return MembershipChange.add(ClusterMember(id: id, name: "", peerURLs: urls, isLearner: message.isLearner))
        }
        propose(change, request, batch.loop)
    }

    private func mayAdd(isLearner: Bool) throws(MembershipError) {
        guard configuration.strictReconfigurationCheck else { return }
        guard isLearner || membership.isReadyToAddVoter else { throw .notEnoughStartedMembers }
        let connected = affairs.connected(for: Self.healthWindow, now: now)
        let voters = membership.voters
        guard voters.allSatisfy({ $0.id == configuration.memberID || connected.contains($0.id) }) else { throw .unhealthy }
    }

    /// limits.tsv, "member add health window".
    private static var healthWindow: Interval { .seconds(5) }

    mutating func memberRemove(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = try decoded(Etcdserverpb.MemberRemoveRequest.self, batch.block.span.subscripted(request.range))
        let id = MemberID(message.id)
        try explained { () throws(MembershipError) in try mayRemove(id) }
        propose(.remove(id), request, batch.loop)
    }

    private func mayRemove(_ id: MemberID) throws(MembershipError) {
        // A learner has no part in any majority.
        guard configuration.strictReconfigurationCheck, membership[id]?.isLearner != true else { return }
        guard membership.isReadyToRemoveVoter(id) else { throw .notEnoughStartedMembers }
        let connected = affairs.connected(for: .zero, now: now)
        guard membership.keepsQuorum(without: id, me: configuration.memberID, connected: connected) else { throw .unhealthy }
    }

    mutating func memberUpdate(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = try decoded(Etcdserverpb.MemberUpdateRequest.self, batch.block.span.subscripted(request.range))
        let id = MemberID(message.id)
        // etcd takes any text, and its members that are told of such an address end.
        try explained { () throws(MembershipError) in _ = try MembershipChange.checkedURLs(message.peerURLs) }
        propose(
            .update(id, peerURLs: message.peerURLs, isLearner: membership[id]?.isLearner ?? false), request, batch.loop)
    }

    private func explained<Value>(_ body: () throws(MembershipError) -> Value) throws(CallError) -> Value {
        do throws(MembershipError) { return try body() } catch { throw .grpc(error.status) }
    }

    // MARK: Proposing

    private mutating func propose(_ change: MembershipChange, _ request: Request, _ loop: UInt8) {
        propose(change, waiter: waiter(for: request, loop))
    }

    func waiter(for request: Request, _ loop: UInt8) -> PendingProposals.Waiter {
        PendingProposals.Waiter(
            ticket: request.ticket, loop: loop, method: request.method, isWaiting: true, deadline: now + configuration.requestTimeout)
    }

    mutating func propose(_ change: MembershipChange, waiter: PendingProposals.Waiter) {
        let id = pending.nextID
        let context = change.context.map { Bytes($0) } ?? Bytes()
        let entry = ConfigurationChange(id: id, [change.single], context: context)
        pending.append(waiter)
        affairs.changes.append(ProposedChange(id: id, data: entry.encodedV1(), nextAttempt: now))
    }

    /// Part of every turn: hands to Raft what is due, again and again as long as its client waits.
    mutating func proposeChanges() {
        guard !affairs.changes.isEmpty else { return }
        affairs.changes.removeAll { [pending] in !pending.isWaiting($0.id) }
        for position in affairs.changes.indices where affairs.changes[position].nextAttempt <= now {
            // Without a leader, or while another change is under way: at the next tick.
            do throws(RaftError) {
                _ = try raft.propose(configurationChange: affairs.changes[position].data, kind: .configurationChange)
            } catch { return }
            affairs.changes[position].nextAttempt = now + ProposedChange.retry
        }
    }

    // MARK: Answers

    /// Answers a change that has come out of the log. `added`: the new member.
    func answerChange(_ waiter: PendingProposals.Waiter, added: ClusterMember?, into effects: inout Effects) {
        guard waiter.ticket != 0 else { return }
        let responses = effects.responses[Int(waiter.loop)]
        let members = membership.sorted.map(\.message)
        let header = membershipHeader()
        switch waiter.method {
        case .memberAdd:
            let response = Etcdserverpb.MemberAddResponse.with { ($0.header, $0.member, $0.members) = (header, added?.message, members) }
            responses.answer(waiter.ticket, response)
        case .memberRemove:
            responses.answer(waiter.ticket, Etcdserverpb.MemberRemoveResponse.with { ($0.header, $0.members) = (header, members) })
        case .memberUpdate:
            responses.answer(waiter.ticket, Etcdserverpb.MemberUpdateResponse.with { ($0.header, $0.members) = (header, members) })
        case .peerPromote:
            responses.answer(waiter.ticket, text: "[" + membership.sorted.map(\.json).joined(separator: ",") + "]\n")
        default:
            responses.answer(waiter.ticket, promotionResponse(members))
        }
    }

    func promotionResponse(_ members: [Etcdserverpb.Member]) -> Etcdserverpb.MemberPromoteResponse {
        .with {
            $0.header = membershipHeader()
            $0.members = members
        }
    }

    func refuseChange(_ waiter: PendingProposals.Waiter, _ error: MembershipError, into effects: inout Effects) {
        guard waiter.ticket != 0 else { return }
        let responses = effects.responses[Int(waiter.loop)]
        if waiter.method == .peerPromote {
            responses.failPeer(waiter.ticket, status: error.httpAnswer.status, error.httpAnswer.text)
        } else {
            responses.fail(waiter.ticket, .grpc(error.status))
        }
    }

    mutating func memberList(_ request: Request, _ batch: RequestBatch, _ responses: ResponseBuilder) throws(CallError) {
        let message = try decoded(Etcdserverpb.MemberListRequest.self, batch.block.span.subscripted(request.range))
        if message.linearizable { gather(request, batch) } else { respondMembers(request.ticket, responses) }
    }

    func respondMembers(_ ticket: UInt64, _ responses: ResponseBuilder) {
        let (header, members) = (membershipHeader(), membership.sorted.map(\.message))
        responses.answer(ticket, Etcdserverpb.MemberListResponse.with { ($0.header, $0.members) = (header, members) })
    }

    /// etcd leaves the revision out of membership answers.
    private func membershipHeader() -> Etcdserverpb.ResponseHeader {
        var header = header()
        header.revision = 0
        return header
    }
}

extension MembershipChange {
    var single: ConfigurationChange.Single {
        switch self {
        case .add(let member): .init(member.isLearner ? .addLearner : .addVoter, member.id)
        case .promote(let id): .init(.addVoter, id)
        case .remove(let id): .init(.removeMember, id)
        case .update(let id, _, _): .init(.updateMember, id)
        }
    }
}

extension ClusterMember {
    var message: Etcdserverpb.Member {
        var message = Etcdserverpb.Member()
        message.id = id.rawValue
        message.name = name
        message.peerURLs = peerURLs
        message.clientURLs = clientURLs
        message.isLearner = isLearner
        return message
    }
}

extension ResponseBuilder {
    /// To a client as a gRPC status, to another member as an HTTP status.
    func fail(_ ticket: UInt64, _ method: Method, _ error: CallError) {
        if method.isFromPeer { failPeer(ticket, status: 500, error.text) } else { fail(ticket, error) }
    }
}

extension Method {
    var isFromPeer: Bool {
        switch self {
        case .peerLeaseKeepAlive, .peerLeaseTimeToLive, .peerPromote, .peerHashKV, .peerDowngradeEnabled: true
        default: false
        }
    }
}
