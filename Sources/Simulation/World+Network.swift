import Base
import Cluster
import Raft
import Replica
import Storage

/// The state of each one-way link between members.
struct Links {
    struct Link {
        /// Cut by so many faults at the moment.
        var cuts = 0
        /// Messages arrive in order, so none before this.
        var lastArrival = Instant(nanoseconds: 0)
    }

    private var links: [[Link]] = []

    mutating func grow(to count: Int) {
        for row in links.indices { while links[row].count < count { links[row].append(Link()) } }
        while links.count < count { links.append([Link](repeating: Link(), count: count)) }
    }

    subscript(from: Int, to: Int) -> Link {
        get { links[from][to] }
        set { links[from][to] = newValue }
    }

    func isCut(_ from: Int, _ to: Int) -> Bool { links[from][to].cuts > 0 }
}

/// The network between members.
extension World {
    /// A message leaves its member.
    func send(_ message: Message, from node: Node) {
        observer?.sent(message, at: now)
        guard let target = slots[message.to], target != node.slot else { return }
        // Who was never heard of and is no member has no address.
        guard node.knownPeers.contains(message.to) || node.remotes.contains(where: { $0.id == message.to }) else { return }
        guard !links.isCut(node.slot, target), !loses(profile.dropped) else {
            coverage.count(.messageDropped)
            // The sender's transport notices now and then.
            if networkDice.happens(1, in: 2) { post(.unreachable(message.to), to: node, after: .milliseconds(50)) }
            return
        }
        deliver(message, from: node.slot, to: target)
        // The protocol runs over TCP: only what is idempotent in Raft itself comes twice in the simulation.
        if message.kind != .proposal, loses(profile.duplicated) {
            coverage.count(.messageDuplicated)
            deliver(message, from: node.slot, to: target)
        }
    }

    private func loses(_ perHundredThousand: Int) -> Bool {
        faultsActive && perHundredThousand > 0 && networkDice.happens(perHundredThousand, in: 100_000)
    }

    private func deliver(_ message: Message, from: Int, to: Int) {
        var arrival = now + networkDice.interval(profile.latency)
        if loses(profile.delayed) {
            coverage.count(.messageDelayed)
            arrival = arrival + networkDice.interval(.milliseconds(10) ... .seconds(5))
        } else if profile.keepsOrder {
            arrival = max(arrival, links[from, to].lastArrival)
            links[from, to].lastArrival = arrival
        }
        queue.push(.message(message), at: arrival, node: to, epoch: 0)
    }

    func post(_ input: Replica.Input, to node: Node, after delay: Interval) {
        queue.push(.input(input), at: now + delay, node: node.slot, epoch: node.epoch)
    }

    /// Something has reached a machine. `epoch` is 0 for what any process of it takes.
    func arrive(_ delivery: Delivery, at slot: Int, epoch: UInt32) {
        let node = nodes[slot]
        switch delivery {
        case .message(let message): arrive(message, at: node)
        case .input(let input): if node.epoch == epoch { node.post(input) }
        case .request(let loop, let ticket, let method, let bytes):
            guard node.epoch == epoch, node.condition == .up else { return }
            node.post(Node.PendingRequest(ticket: ticket, method: method, bytes: bytes, count: 0), loop: Int(loop))
        case .answer(let answer, let connection): arrive(answer, connection: connection)
        }
    }

    private func arrive(_ message: Message, at node: Node) {
        guard node.condition == .up, let from = slots[message.from], !links.isCut(from, node.slot) else { return }
        guard !refuses(node, nodes[from]) else { return }
        trace.mix(UInt64(message.kind.rawValue) ^ message.term.rawValue << 8 ^ message.index.rawValue << 32)
        node.knownPeers.insert(message.from)
        noteBallot(message, node)
        node.post(message)
    }

    private func noteBallot(_ message: Message, _ node: Node) {
        guard trace.isRecording else { return }
        switch message.kind {
        case .vote, .preVote:
            node.note(
                "\(message.kind) for \(name(of: message.from)) in term \(message.term), its log ends at \(message.index) of term \(message.logTerm)")
        case .voteResponse, .preVoteResponse:
            node.note("\(message.kind) of \(name(of: message.from)) in term \(message.term)\(message.reject ? ": no" : ": yes")")
        default: break
        }
    }

    /// A member that was removed is told so by those who know, and stops.
    private func refuses(_ node: Node, _ sender: Node) -> Bool {
        guard node.removedPeers.contains(sender.memberID) else { return false }
        if sender.condition == .up { removed(sender) }
        return true
    }

    func isReachable(_ from: Node, _ to: Node) -> Bool {
        to.isRunning && !links.isCut(from.slot, to.slot) && !links.isCut(to.slot, from.slot)
    }

    // MARK: Links

    /// Tells members whose links have come up or gone. A link from another member is up while both processes run and both
    /// directions are open; a process that stands still keeps its connections.
    func refreshLinks() {
        for node in nodes where node.condition == .up {
            for other in nodes where other.slot != node.slot && node.knownPeers.contains(other.memberID) {
                let isUp = other.condition == .up && !links.isCut(node.slot, other.slot) && !links.isCut(other.slot, node.slot)
                let isNew = isUp && node.linked[other.slot] != other.epoch
                guard isUp != (node.linked[other.slot] != 0) || isNew else { continue }
                // A process that has started anew has new connections.
                if isNew, node.linked[other.slot] != 0 { node.post(.link(other.memberID, isUp: false)) }
                node.linked[other.slot] = isUp ? other.epoch : 0
                node.post(.link(other.memberID, isUp: isUp))
            }
        }
    }

    // MARK: Snapshots

    func send(_ snapshot: OutgoingSnapshot, from node: Node) {
        observer?.sent(snapshot.message, at: now)
        let id = snapshot.to
        node.note("sends the snapshot of \(snapshot.message.snapshot?.metadata.index ?? .zero) to \(name(of: id))")
        guard let slot = slots[id], let content = snapshot.file.content as? MemoryDisk else {
            return post(.snapshotSent(to: id, succeeded: false), to: node, after: .milliseconds(10))
        }
        let target = nodes[slot]
        let epoch = node.epoch
        at(networkDice.interval(.milliseconds(5) ... .seconds(2))) { [unowned self] in
            let arrives = isReachable(node, target) && !loses(profile.dropped * 4) && node.epoch == epoch && !refuses(target, node)
            if arrives { receive(snapshot, content, at: target) } else { coverage.count(.snapshotTransferFailed) }
            guard node.epoch == epoch else { return }
            // The answer may get lost on its way back.
            let isKnown = arrives && !loses(profile.dropped * 4)
            post(.snapshotSent(to: id, succeeded: isKnown), to: node, after: .milliseconds(1))
        }
    }

    private func receive(_ snapshot: OutgoingSnapshot, _ content: MemoryDisk, at target: Node) {
        let index = snapshot.message.snapshot?.metadata.index ?? .zero
        guard !target.disk.isFull else { return }
        target.database.receive(content, index: index)
        target.note("receives the snapshot of \(index)")
        coverage.snapshotsInstalled += 1
        target.post(.snapshotReceived(snapshot.message, SnapshotFile(content: content, bytes: 0, version: snapshot.file.version)))
    }

    // MARK: Questions over HTTP

    func call(_ call: PeerCall, from node: Node) {
        let epoch = node.epoch
        node.openCalls.insert(call.id)
        // The caller gives up on what does not come.
        at(.seconds(6)) { [unowned self] in finish(call.id, of: node, epoch, .unreachable("timeout")) }
        guard let slot = slots[call.to] else { return }
        let target = nodes[slot]
        at(networkDice.interval(profile.latency)) { [unowned self] in
            guard isReachable(node, target), !loses(profile.dropped) else {
                coverage.count(.callFailed)
                return at(.milliseconds(100)) { [unowned self] in finish(call.id, of: node, epoch, .unreachable("connection refused")) }
            }
            ask(target, call, from: node, epoch: epoch)
        }
    }

    private func finish(_ call: UInt64, of node: Node, _ epoch: UInt32, _ answer: PeerAnswer) {
        guard node.epoch == epoch, node.openCalls.remove(call) != nil else { return }
        node.post(.callAnswered(call, answer))
    }

    private func ask(_ target: Node, _ call: PeerCall, from node: Node, epoch: UInt32) {
        let method: Method
        var bytes = Bytes()
        switch call.kind {
        case .version:
            let cluster = target.status.clusterVersion?.description ?? "not_decided"
            let text = "{\"etcdserver\":\"\(target.configuration.version)\",\"etcdcluster\":\"\(cluster)\",\"storage\":\"\"}"
            return at(networkDice.interval(profile.latency)) { [unowned self] in finish(call.id, of: node, epoch, .body(Bytes(text))) }
        case .members:
            return finish(call.id, of: node, epoch, .unreachable("not served in the simulation"))
        case .leaseKeepAlive(let message): (method, bytes) = (.peerLeaseKeepAlive, message)
        case .leaseTimeToLive(let message): (method, bytes) = (.peerLeaseTimeToLive, message)
        case .promote(let id): (method, bytes) = (.peerPromote, Bytes("\(id)"))
        case .hashKV(let revision): (method, bytes) = (.peerHashKV, Bytes("{\"revision\":\(revision)}"))
        case .downgradeEnabled: method = .peerDowngradeEnabled
        }
        clients.nextPeerTicket += 1
        let ticket = clients.nextPeerTicket
        target.peerCalls[ticket] = Node.IncomingCall(from: node.slot, id: call.id, epoch: epoch)
        target.post(Node.PendingRequest(ticket: ticket, method: method, bytes: bytes, count: 0), loop: 1)
    }

    func answer(_ call: Node.IncomingCall, with answer: PeerAnswer, from target: Node) {
        let node = nodes[call.from]
        guard isReachable(target, node) else { return }
        at(networkDice.interval(profile.latency)) { [unowned self] in finish(call.id, of: node, call.epoch, answer) }
    }
}
