import Base
import Replica
import Wire

/// The clients of a run: what they ask, of whom and when, all drawn from one seed; every question and answer goes to the
/// witness.
///
/// Actors are plain clients (one operation at a time), lease holders and watch streams. After `quiesce` they come to rest; then
/// the auditor asks every member for all it holds, until all agree with the log (`Workload+Audit`).
package final class Workload: WorldLoad {
    let witness: Witness
    let mix: WorkloadMix
    var dice: Dice

    /// Somebody who has asked something and waits, or waits until it is time to ask.
    struct Actor {
        /// When it asks next, or gives up the present question.
        var due: Instant
        var waiting: Waiting?
    }

    struct Waiting {
        var ticket: UInt64
        var operation: Int
        var slot: Int
    }

    enum Owner {
        case client(Int)
        case holder(Int)
        case stream(Int)
        case audit(Int)
        /// The answer does not matter.
        case nobody
    }

    struct Ticket {
        var owner: Owner
        var slot: Int
    }

    enum Phase: Equatable {
        case running
        /// No more writes; leases run out, watchers catch up.
        case resting
        case done
    }

    var phase = Phase.running
    var clients: [Actor] = []
    var holders: [LeaseHolder] = []
    var streams: [WatchStreamClient] = []
    var audits: [Audit] = []
    var tickets: [UInt64: Ticket] = [:]
    var nextTicket: UInt64 = 1
    var outgoing: [Submission] = []
    var members: [MemberView] = []
    /// Makes requests unique.
    var marks: UInt64 = 0
    /// Leases that were asked for, oldest first.
    var leaseIDs: [Int64] = []
    var lastCompaction: Int64 = 1
    /// Questions for hashes that follow a compaction: members may not be equally far with it.
    var hashesLeft = 0
    /// Operations left of a burst.
    private var burst = 0
    var alarmsLookedAt = Instant(nanoseconds: 0)
    var restingSince = Instant(nanoseconds: 0)

    package init(witness: Witness, seed: UInt64, mix: WorkloadMix? = nil) {
        self.witness = witness
        var dice = Dice(seed: seed)
        self.mix = mix ?? WorkloadMix(&dice)
        self.dice = dice
        for _ in 0..<self.mix.clients { clients.append(Actor(due: soon(.seconds(2)), waiting: nil)) }
        for _ in 0..<self.mix.leaseHolders { holders.append(LeaseHolder(due: soon(.seconds(20)))) }
        for _ in 0..<self.mix.streams { streams.append(WatchStreamClient(due: soon(.seconds(20)))) }
    }

    var lastRevision: Int64 { witness.model.revision }

    private func soon(_ interval: Interval) -> Instant { Instant(nanoseconds: 0) + dice.interval(.zero...interval) }

    func later(_ now: Instant, mean: Interval) -> Instant { now + dice.interval(.zero...mean.scaled(by: 2)) }

    // MARK: WorldLoad

    package var nextDeadline: Instant? {
        if phase == .done { return nil }
        var next = alarmsLookedAt
        for client in clients where phase == .running || client.waiting != nil { next = min(next, client.due) }
        for holder in holders where phase == .running || holder.actor.waiting != nil { next = min(next, holder.actor.due) }
        for stream in streams { next = min(next, stream.due) }
        for audit in audits where !audit.isDone { next = min(next, audit.actor.due) }
        return next
    }

    package func step(now: Instant, members: [MemberView]) -> [Submission] {
        self.members = members
        if now >= alarmsLookedAt { lookAtAlarms(now) }
        for place in clients.indices where clients[place].due <= now { clientIsDue(place, now) }
        for place in holders.indices where holders[place].actor.due <= now { holderIsDue(place, now) }
        for place in streams.indices where streams[place].due <= now { streamIsDue(place, now) }
        if phase == .resting { audit(now) }
        defer { outgoing.removeAll(keepingCapacity: true) }
        return outgoing
    }

    package func answered(_ answer: Answer, now: Instant) {
        guard let ticket = tickets[answer.ticket] else { return }
        switch ticket.owner {
        case .nobody: tickets[answer.ticket] = nil
        case .stream(let place): streamAnswered(place, answer, now)
        case .client(let place):
            guard clients[place].waiting?.ticket == answer.ticket else { return }
            _ = finish(&clients[place], answer, now)
            clients[place].due = later(now, mean: nextPause())
        case .holder(let place): holderAnswered(place, answer, now)
        case .audit(let place): auditAnswered(place, answer, now)
        }
    }

    package func connectionsLost(_ slot: Int, now: Instant) {
        for place in clients.indices where clients[place].waiting?.slot == slot {
            abandon(&clients[place], now)
            clients[place].due = later(now, mean: mix.pause)
        }
        for place in holders.indices where holders[place].actor.waiting?.slot == slot { holderLost(place, now) }
        for place in streams.indices where streams[place].slot == slot { disconnect(place, now) }
        for place in audits.indices where audits[place].actor.waiting?.slot == slot { auditLost(place, now) }
    }

    package func quiesce(now: Instant) {
        guard phase == .running else { return }
        phase = .resting
        restingSince = now
    }

    package var isIdle: Bool { phase == .done }

    // MARK: Asking

    /// A member to ask: one that is up, mostly one that votes.
    func pickSlot(learnersToo: Bool = false) -> Int? {
        let able = members.filter { $0.isUp && (learnersToo || !$0.isLearner) }
        return able.isEmpty ? nil : dice.pick(able).slot
    }

    func send(_ method: Method, _ bytes: Bytes, to slot: Int, owner: Owner) -> UInt64 {
        let ticket = nextTicket
        nextTicket += 1
        tickets[ticket] = Ticket(owner: owner, slot: slot)
        outgoing.append(Submission(slot: slot, method: method, bytes: bytes, ticket: ticket))
        return ticket
    }

    func ask(_ request: OperationRequest, slot: Int, owner: Owner, client: Int, _ now: Instant) -> Actor {
        let operation = witness.invoked(request, client: client, slot: slot, at: now)
        let ticket = send(method(request), encoded(request), to: slot, owner: owner)
        return Actor(due: now + mix.patience, waiting: Waiting(ticket: ticket, operation: operation, slot: slot))
    }

    /// The outcome, told to the witness. nil: not what was waited for.
    func finish(_ actor: inout Actor, _ answer: Answer, _ now: Instant) -> Outcome? {
        guard let waiting = actor.waiting, waiting.ticket == answer.ticket else { return nil }
        actor.waiting = nil
        tickets[answer.ticket] = nil
        guard let outcome = outcome(answer, of: witness.operations[waiting.operation].request) else {
            witness.report(Violation(.state, "an answer that cannot be read: \(witness.operations[waiting.operation])", at: now))
            return nil
        }
        witness.answered(waiting.operation, outcome, at: now)
        return outcome
    }

    /// No answer is waited for any more.
    func abandon(_ actor: inout Actor, _ now: Instant) {
        guard let waiting = actor.waiting else { return }
        witness.answered(waiting.operation, .unknown, at: now)
        tickets[waiting.ticket] = nil
        actor.waiting = nil
    }

    // MARK: Plain clients

    /// Now and then everybody is in a hurry: that fills windows, streams and batches.
    private func nextPause() -> Interval {
        if burst > 0 {
            burst -= 1
            return Interval(nanoseconds: mix.pause.nanoseconds / 50)
        }
        if dice.happens(1, in: mix.burstEvery) { burst = dice.within(20...100) }
        return mix.pause
    }

    private func clientIsDue(_ place: Int, _ now: Instant) {
        if clients[place].waiting != nil {
            abandon(&clients[place], now)
            clients[place].due = now
        }
        guard phase == .running else { return }
        if dice.happens(mix.maintenance, in: 1000) { doMaintenance() }
        let request = drawRequest()
        var learnersToo = false
        if case .range(let range) = request { learnersToo = range.serializable }
        guard let slot = pickSlot(learnersToo: learnersToo) else {
            clients[place].due = later(now, mean: mix.pause)
            return
        }
        clients[place] = ask(request, slot: slot, owner: .client(place), client: place, now)
    }

    private func doMaintenance() {
        guard let slot = pickSlot() else { return }
        switch dice.below(3) {
        case 0: _ = send(.defragment, Bytes(), to: slot, owner: .nobody)
        case 1: _ = send(.snapshot, Bytes(), to: slot, owner: .nobody)
        default: _ = send(.status, Bytes(), to: slot, owner: .nobody)
        }
    }

    /// Somebody watches over the cluster: alarms of space are disarmed after a while; one of corruption ends the run.
    private func lookAtAlarms(_ now: Instant) {
        alarmsLookedAt = now + (phase == .running ? .seconds(5) : .milliseconds(500))
        if let member = witness.model.corruptAlarms.min() {
            witness.report(Violation(.state, "member \(String(member, radix: 16)) is said to be corrupt", at: now))
        }
        guard phase != .running || dice.happens(1, in: 3), let slot = pickSlot() else { return }
        for member in witness.model.noSpaceAlarms.sorted() {
            let request = Etcdserverpb.AlarmRequest.with {
                $0.action = .deactivate
                $0.memberID = member
                $0.alarm = .nospace
            }
            _ = send(.alarm, request.encoded(), to: slot, owner: .nobody)
        }
    }
}
