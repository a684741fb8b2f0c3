import Base
import Replica
import Wire

/// A client that takes a lease, keeps it alive for a while, and then gives it back or forgets it.
struct LeaseHolder {
    enum State {
        case idle
        case granting(Int64)
        case holding(id: Int64, ttl: Int64, until: Instant)
        case renewing(id: Int64, ttl: Int64, until: Instant)
        case revoking
    }

    var actor: Workload.Actor
    var state = State.idle

    init(due: Instant) { actor = Workload.Actor(due: due, waiting: nil) }
}

extension Workload {
    /// Clients' numbers in the history.
    private func client(_ holder: Int) -> Int { clients.count + holder }

    func holderIsDue(_ place: Int, _ now: Instant) {
        if holders[place].actor.waiting != nil { return holderLost(place, now) }
        guard phase == .running else {
            holders[place].actor.due = .distantFuture
            return
        }
        guard let slot = pickSlot() else {
            holders[place].actor.due = later(now, mean: .milliseconds(500))
            return
        }
        switch holders[place].state {
        case .idle:
            let id = 1000 + Int64(leaseIDs.count)
            let request = Etcdserverpb.LeaseGrantRequest.with {
                $0.id = id
                $0.ttl = Int64(dice.skewed(1...60))
            }
            leaseIDs.append(id)
            holders[place].actor = ask(.leaseGrant(request), slot: slot, owner: .holder(place), client: client(place), now)
            holders[place].state = .granting(id)
        case .holding(let id, let ttl, let until) where now < until:
            let request = OperationRequest.leaseKeepAlive(.with { $0.id = id })
            holders[place].actor = ask(request, slot: slot, owner: .holder(place), client: client(place), now)
            holders[place].state = .renewing(id: id, ttl: ttl, until: until)
        case .holding(let id, _, _):
            guard dice.happens(1, in: 3) else { return rest(place, now) }
            let request = OperationRequest.leaseRevoke(.with { $0.id = id })
            holders[place].actor = ask(request, slot: slot, owner: .holder(place), client: client(place), now)
            holders[place].state = .revoking
        case .granting, .renewing, .revoking: rest(place, now)
        }
    }

    func holderAnswered(_ place: Int, _ answer: Answer, _ now: Instant) {
        guard let outcome = finish(&holders[place].actor, answer, now) else { return }
        switch (holders[place].state, outcome) {
        case (.granting(let id), .leaseGrant(let response)):
            hold(place, id, ttl: response.ttl, until: later(now, mean: .seconds(60)), now)
        case (.renewing(let id, let ttl, let until), .leaseKeepAlive(let response)) where response.ttl > 0:
            hold(place, id, ttl: ttl, until: until, now)
        case (.renewing(let id, let ttl, let until), .failure):
            hold(place, id, ttl: ttl, until: until, now)
        default: rest(place, now)
        }
    }

    /// No answer came.
    func holderLost(_ place: Int, _ now: Instant) {
        abandon(&holders[place].actor, now)
        switch holders[place].state {
        case .renewing(let id, let ttl, let until): hold(place, id, ttl: ttl, until: until, now)
        case .idle, .granting, .holding, .revoking: rest(place, now)
        }
    }

    private func hold(_ place: Int, _ id: Int64, ttl: Int64, until: Instant, _ now: Instant) {
        holders[place].state = .holding(id: id, ttl: ttl, until: until)
        holders[place].actor.due = now + Interval.milliseconds(ttl * 333)
    }

    private func rest(_ place: Int, _ now: Instant) {
        holders[place].state = .idle
        holders[place].actor.due = later(now, mean: .seconds(20))
    }
}
