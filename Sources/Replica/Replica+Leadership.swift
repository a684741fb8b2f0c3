import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Who leads, since when, and who waits for that to change.
struct Leadership {
    /// The last leader known.
    var last = MemberID.zero
    /// When the present or last leader became known here.
    var knownSince: Instant?
    /// Since when none is known; nil while there is one.
    var lostAt: Instant?
    /// Clients that wait for leadership to be with a member.
    var transfers: [(waiter: PendingProposals.Waiter, target: MemberID)] = []
    /// Whether the cluster knows this member's name and client URLs.
    var isAnnounced = false
    let startedAt: Instant
    var isElectionAdvanced = false
    /// This member was removed: when it stops.
    var stopsAt: Instant?
    /// When they are proposed again: a proposal may be lost.
    var nextAnnouncement: Instant

    init(now: Instant) {
        startedAt = now
        lostAt = now
        nextAnnouncement = now
    }
}

extension Replica {
    mutating func leadershipChanged() {
        if let state = output.softState { note(state) }
        guard raft.isLeader else {
            if wasLeader { lessor.demote() }
            wasLeader = false
            return
        }
        if !wasLeader {
            wasLeader = true
            lessor.promote(extension: configuration.electionTimeout, now: now)
        }
    }

    private mutating func note(_ state: SoftState) {
        guard state.leader != .zero else {
            leadership.lostAt = leadership.lostAt ?? now
            return
        }
        leadership.lostAt = nil
        guard state.leader != leadership.last else { return }
        leadership.last = state.leader
        leadership.knownSince = now
        counted.leaderChanges += 1
    }

    /// No leader for three election timeouts: clients who asked for one (`hasleader`) are told.
    var isLeaderless: Bool {
        guard let lostAt = leadership.lostAt else { return false }
        return now - lostAt >= configuration.electionTimeout.scaled(by: 3)
    }

    // MARK: Handing over

    mutating func moveLeader(_ request: Request, _ batch: RequestBatch, _ responses: ResponseBuilder) throws(CallError) {
        let message = try decoded(Etcdserverpb.MoveLeaderRequest.self, batch.block.span.subscripted(request.range))
        guard raft.isLeader else { throw .notLeader }
        let target = MemberID(message.targetID)
        guard let member = membership[target], !member.isLearner else { throw .badLeaderTransferee }
        let waiter = PendingProposals.Waiter(
            ticket: request.ticket, loop: batch.loop, method: request.method, isWaiting: true,
            deadline: now + configuration.requestTimeout)
        if target != configuration.memberID {
            do throws(RaftError) { try raft.transferLeadership(to: target) } catch { throw .badLeaderTransferee }
        }
        leadership.transfers.append((waiter, target))
    }

    /// Answers those whose transfer has happened or took too long.
    mutating func finishTransfers(into effects: inout Effects) {
        guard !leadership.transfers.isEmpty else { return }
        for (waiter, target) in leadership.transfers {
            let responses = effects.responses[Int(waiter.loop)]
            if raft.leader == target {
                // etcd answers without a header.
                responses.answer(waiter.ticket, Etcdserverpb.MoveLeaderResponse())
            } else if waiter.deadline <= now {
                responses.fail(waiter.ticket, .other("etcdserver: request timed out, leader transfer took too long"))
            }
        }
        let (leader, now) = (raft.leader, now)
        leadership.transfers.removeAll { $0.target == leader || $0.waiter.deadline <= now }
    }

    /// Before a stop: leadership goes to the voter that is furthest, so that the cluster need not find out by itself. True if there
    /// is something to wait for; it is over when `ReplicaStatus.isLeader` is false, or an election timeout has passed.
    package mutating func handOver() -> Bool {
        guard raft.isLeader else { return false }
        let candidates = raft.memberStatuses.filter { $0.id != configuration.memberID && !$0.isLearner && $0.isRecentlyActive }
        guard let best = candidates.max(by: { $0.match < $1.match }) else { return false }
        do throws(RaftError) { try raft.transferLeadership(to: best.id) } catch { return false }
        return true
    }

    /// A removed member goes on for a moment, as etcd's do: a leader has yet to tell the others what is committed.
    mutating func stopIfRemoved(into effects: inout Effects) {
        if membershipChanged, leadership.stopsAt == nil, membership.removed.contains(configuration.memberID) {
            leadership.stopsAt = now + configuration.tick.scaled(by: 10)
        }
        guard let time = leadership.stopsAt, time <= now else { return }
        leadership.stopsAt = .distantFuture
        effects.stopped = true
    }

    // MARK: The first election

    /// A cluster that starts need not wait for a whole election timeout to find out that nobody leads: once a majority is
    /// connected, most of it is skipped (etcd's adjustTicks).
    mutating func advanceFirstElection() {
        guard configuration.initialElectionTickAdvance, !leadership.isElectionAdvanced, raft.leader == .zero,
            now - leadership.startedAt <= Self.firstConnections
        else { return }
        let voters = raft.confState.voters
        let connected = voters.count { $0 == configuration.memberID || affairs.connectedSince[$0] != nil }
        guard connected >= 2, connected * 2 > voters.count else { return }
        leadership.isElectionAdvanced = true
        raft.advanceElection(ticks: configuration.electionTicks - 2)
    }

    /// Peers that connect later than this after the start connect to a cluster that has been running.
    private static var firstConnections: Interval { .seconds(5) }

    private func connected(since start: Instant) -> Int {
        membership.members.keys.count { id in affairs.connectedSince[id].map { $0 <= start } ?? false }
    }

    // MARK: Time-outs

    /// What a client hears whose proposal, made at `start`, was not applied in time.
    func timeout(since start: Instant) -> CallError {
        if let lostAt = leadership.lostAt, lostAt <= start { return .deadlineExceeded }
        if let known = leadership.knownSince, start < known, known - start <= configuration.electionTimeout.scaled(by: 2) {
            return .grpc(.timeoutDueToLeaderFail)
        }
        let isConnected: Bool
        if raft.leader == .zero {
            isConnected = true
        } else if raft.isLeader {
            isConnected = (connected(since: start) + 1) * 2 > membership.members.count
        } else {
            isConnected = affairs.connectedSince[raft.leader].map { $0 <= start } ?? false
        }
        return isConnected ? .timeout : .grpc(.timeoutDueToConnectionLost)
    }
}
