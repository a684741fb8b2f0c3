import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Promotions that the leader is asked for: it alone knows how far a learner is. Asked again until there is an answer that
/// will not change, or the client's time is over.
struct ForwardedPromotions {
    struct Promotion {
        var member: MemberID
        var waiter: PendingProposals.Waiter
        /// When the leader is asked (again); nil while it is being asked.
        var nextAttempt: Instant?
    }

    var underWay: [UInt64: Promotion] = [:]
    var next: UInt64 = 1

    static let retry = Interval.milliseconds(500)
}

/// A learner becomes a voter.
extension Replica {
    mutating func memberPromote(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = try decoded(Etcdserverpb.MemberPromoteRequest.self, batch.block.span.subscripted(request.range))
        beginPromotion(of: MemberID(message.id), waiter(for: request, batch.loop))
    }

    /// POST /members/promote/{id}
    mutating func peerPromote(_ request: Request, _ batch: RequestBatch, _ responses: ResponseBuilder) {
        let text = String(decoding: batch.block.span.subscripted(request.range).array, as: UTF8.self)
        guard let id = UInt64(text) else {
            return responses.failPeer(request.ticket, status: 404, "member \(text) not found in cluster")
        }
        beginPromotion(of: MemberID(id), waiter(for: request, batch.loop))
    }

    private mutating func beginPromotion(of id: MemberID, _ waiter: PendingProposals.Waiter) {
        affairs.promotions.underWay[affairs.promotions.next] = .init(member: id, waiter: waiter, nextAttempt: now)
        affairs.promotions.next += 1
    }

    /// Part of every turn.
    mutating func continuePromotions(into effects: inout Effects) {
        guard !affairs.promotions.underWay.isEmpty else { return }
        for (number, promotion) in affairs.promotions.underWay.sorted(by: { $0.key < $1.key }) {
            if promotion.waiter.deadline <= now {
                affairs.promotions.underWay[number] = nil
                effects.responses[Int(promotion.waiter.loop)].fail(promotion.waiter.ticket, promotion.waiter.method, .timeout)
            } else if let attempt = promotion.nextAttempt, attempt <= now {
                attemptPromotion(number, promotion, into: &effects)
            }
        }
    }

    private mutating func attemptPromotion(_ number: UInt64, _ promotion: ForwardedPromotions.Promotion, into effects: inout Effects) {
        if raft.isLeader {
            affairs.promotions.underWay[number] = nil
            promote(promotion.member, promotion.waiter, into: &effects)
        } else if raft.leader != .zero {
            affairs.promotions.underWay[number]?.nextAttempt = nil
            ask(raft.leader, .promote(promotion.member), for: .promotion(number), into: &effects)
        }
    }

    mutating func promotionAnswered(_ number: UInt64, _ answer: PeerAnswer, into effects: inout Effects) {
        guard let promotion = affairs.promotions.underWay[number] else { return }
        switch answer {
        case .body(let body):
            affairs.promotions.underWay[number] = nil
            respond(promotion.waiter, membersJSON: body, into: &effects)
        case .status(let status, let text):
            if let error = MembershipError(httpStatus: status, text: text) {
                affairs.promotions.underWay[number] = nil
                refuseChange(promotion.waiter, error, into: &effects)
            } else {
                affairs.promotions.underWay[number]?.nextAttempt = now + ForwardedPromotions.retry
            }
        case .unreachable:
            affairs.promotions.underWay[number]?.nextAttempt = now + ForwardedPromotions.retry
        }
    }

    private func respond(_ waiter: PendingProposals.Waiter, membersJSON body: Bytes, into effects: inout Effects) {
        let responses = effects.responses[Int(waiter.loop)]
        if waiter.method == .peerPromote { return responses.answer(waiter.ticket, text: body.string) }
        // The leader has just changed it: its list is newer than ours.
        let members = (try? [ClusterMember](membersJSON: body.span)) ?? membership.sorted
        responses.answer(waiter.ticket, promotionResponse(members.map(\.message)))
    }

    // MARK: On the leader

    private mutating func promote(_ id: MemberID, _ waiter: PendingProposals.Waiter, into effects: inout Effects) {
        do throws(MembershipError) {
            try mayPromote(id)
            propose(.promote(id), waiter: waiter)
        } catch {
            noteRefusedPromotion(error, waiter)
            refuseChange(waiter, error, into: &effects)
        }
    }

    private func mayPromote(_ id: MemberID) throws(MembershipError) {
        guard let learner = raft.memberStatus(of: id) else { throw .idNotFound }
        guard Membership.isInSync(learner: learner.match, leader: leaderMatch) else { throw .learnerNotReady }
        guard !configuration.strictReconfigurationCheck || membership.isReadyToPromote else { throw .notEnoughStartedMembers }
    }

    private var leaderMatch: LogIndex { raft.memberStatus(of: configuration.memberID)?.match ?? .zero }

    /// Part of every turn: with `--learner-auto-promote` the leader promotes who has kept up.
    mutating func promoteByItself() {
        guard affairs.autoPromotion != nil, affairs.nextAutoPromotion <= now else { return }
        affairs.nextAutoPromotion = now + .seconds(1)
        guard raft.isLeader else {
            affairs.autoPromotion?.forget()
            return
        }
        let learners = membership.learners.compactMap { member -> AutoPromotion.Sighting? in
            guard let status = raft.memberStatus(of: member.id) else { return nil }
            // Raft forgets who was active with every check of its quorum.
            let isActive = affairs.connectedSince[member.id] != nil || status.isRecentlyActive
            return .init(
                id: member.id, match: status.match, isActive: isActive && status.replication == .replicate, isStarted: member.isStarted)
        }
        let match = leaderMatch
        guard let due = affairs.autoPromotion?.due(learners, leaderMatch: match, now: now), (try? mayPromote(due)) != nil else { return }
        let waiter = PendingProposals.Waiter(
            ticket: 0, loop: 0, method: .memberPromote, isWaiting: true, deadline: now + configuration.requestTimeout)
        propose(.promote(due), waiter: waiter)
        affairs.autoPromotion?.forget()
    }

    // MARK: Counting

    mutating func notePromotion(_ waiter: PendingProposals.Waiter) {
        guard waiter.method == .memberPromote || waiter.method == .peerPromote else { return }
        counted.learnerPromotions += 1
    }

    mutating func noteRefusedPromotion(_ error: MembershipError, _ waiter: PendingProposals.Waiter) {
        guard waiter.method == .memberPromote || waiter.method == .peerPromote else { return }
        counted.refusedPromotions[error.promotionReason, default: 0] += 1
    }
}

extension MembershipError {
    /// The label of etcd_server_learner_promote_failures.
    var promotionReason: String {
        switch self {
        case .idNotFound: "membership: ID not found"
        case .idRemoved: "membership: ID removed"
        case .memberNotLearner: "membership: can only promote a learner member"
        default: status.text
        }
    }
}
