import Base
import Replica
import Wire

/// Requests of clients that wait for answers, and the calls that the world makes for itself.
struct ClientState {
    /// The load's tickets are below this.
    static let ownTickets: UInt64 = 1 << 40
    var nextOwnTicket = ClientState.ownTickets
    var nextPeerTicket: UInt64 = 0
    /// Calls of the world's own, by ticket.
    var calls: [UInt64: (slot: Int, completion: (Answer?) -> Void)] = [:]
    /// Tickets of `calls`, oldest first; some may be answered.
    var order: [UInt64] = []
    /// When the load is called next.
    var wakeAt: Instant?
    /// Answers of one member keep their order.
    var lastArrival: [Instant] = []
    var lastRequest: [Instant] = []
    /// By slot: counts the times that the connections to it broke.
    var connections: [UInt32] = []

    mutating func grow(to count: Int) {
        while connections.count < count {
            connections.append(0)
            lastArrival.append(Instant(nanoseconds: 0))
            lastRequest.append(Instant(nanoseconds: 0))
        }
    }
}

/// Clients and their connections to members.
extension World {
    /// Sends one request to the member at `slot`; `completion` gets the answer, or nil when none can come any more.
    package func call(_ method: Method, _ message: some WireMessage, to slot: Int, _ completion: @escaping (Answer?) -> Void) {
        clients.nextOwnTicket += 1
        let ticket = clients.nextOwnTicket
        let node = nodes[slot]
        guard node.condition == .up else { return at(.milliseconds(5)) { completion(nil) } }
        clients.calls[ticket] = (slot, completion)
        clients.order.append(ticket)
        submit(Submission(slot: slot, method: method, bytes: message.encoded(), ticket: ticket))
    }

    func submit(_ submission: Submission) {
        let node = nodes[submission.slot]
        coverage.requests += 1
        if submission.method == .watch, !node.streams.contains(submission.ticket) { node.streams.append(submission.ticket) }
        if submission.method == .watchClosed { node.streams.removeAll { $0 == submission.ticket } }
        let delivery = Delivery.request(
            loop: 0, ticket: submission.ticket, method: submission.method, bytes: submission.bytes)
        // A connection keeps the order of what it carries.
        let arrival = max(now + clientDice.interval(profile.clientLatency), clients.lastRequest[node.slot])
        clients.lastRequest[node.slot] = arrival
        queue.push(delivery, at: arrival, node: node.slot, epoch: node.epoch)
    }

    // MARK: Answers

    func deliver(_ answer: Answer, from node: Node) {
        // A connection keeps the order of what it carries.
        let arrival = max(now + clientDice.interval(profile.clientLatency), clients.lastArrival[node.slot])
        clients.lastArrival[node.slot] = arrival
        queue.push(.answer(answer, connection: clients.connections[node.slot]), at: arrival, node: node.slot, epoch: node.epoch)
    }

    func arrive(_ answer: Answer, connection: UInt32) {
        let node = nodes[answer.slot]
        guard clients.connections[node.slot] == connection else { return }
        trace.mix(answer.ticket)
        trace.mix(answer.bytes)
        if answer.kind == .streamMessage {
            node.post(
                Node.PendingRequest(ticket: answer.ticket, method: .watchDrained, bytes: Bytes(), count: answer.bytes.count), loop: 0)
        }
        guard answer.ticket >= ClientState.ownTickets else {
            load?.answered(answer, now: now)
            return wakeLoad()
        }
        guard let call = clients.calls.removeValue(forKey: answer.ticket) else { return }
        call.completion(answer)
    }

    /// The process has ended or its connections broke: nothing comes any more.
    func connectionsLost(_ node: Node) {
        clients.connections[node.slot] += 1
        // A member that goes on sees that the streams have ended.
        for ticket in node.streams {
            node.post(Node.PendingRequest(ticket: ticket, method: .watchClosed, bytes: Bytes(), count: 0), loop: 0)
        }
        node.streams = []
        let open = clients.calls
        let lost = clients.order.filter { open[$0]?.slot == node.slot }
        clients.order = clients.order.filter { open[$0].map { $0.slot != node.slot } ?? false }
        for ticket in lost {
            let call = clients.calls.removeValue(forKey: ticket)
            call?.completion(nil)
        }
        load?.connectionsLost(node.slot, now: now)
        wakeLoad()
    }

    // MARK: The load

    /// Lets the load begin what is due, and calls it again when it says.
    func wakeLoad() {
        guard let load else { return }
        for submission in load.step(now: now, members: members) { submit(submission) }
        guard let deadline = load.nextDeadline, clients.wakeAt.map({ deadline < $0 }) ?? true else { return }
        let time = max(deadline, now + .microseconds(1))
        clients.wakeAt = time
        queue.push(at: time) { [unowned self] in
            guard clients.wakeAt == time else { return }
            clients.wakeAt = nil
            wakeLoad()
        }
    }
}
