import Base
import Cluster
import Raft
import Replica
import Storage
import Wire

/// A whole cluster in one thread: machines with disks and clocks, processes of members on them, the network between them and
/// their clients, and what goes wrong. Time is virtual, and everything is decided by one seed: the same options give the same
/// run, bit for bit (`traceHash`).
///
/// How to use it:
/// ```
/// let world = World(World.Options(seed: 7, duration: .seconds(600)))
/// world.observer = witness                 // WorldObserver: sees entries applied, messages sent, processes come and go
/// world.load = workload                    // WorldLoad: the clients; asked for requests, told of answers
/// world.check { world in ... }             // run at the very end, when the cluster has healed
/// world.run()
/// world.violations                         // what was wrong, empty when all was right
/// ```
/// * Time: `now` is true time since the run began. Faults happen until `faultsEnd`; from then on all machines run, all links
///   are up, and the cluster must become live. `load.quiesce` is called at `quietFrom`; the run ends when `load.isIdle`, and
///   `latestEnd` is too late.
/// * `call(_:_:to:_:)` sends one request to a member and calls back with its answer or nil (the connection broke), besides the
///   load. `at(_:_:)` calls back later.
/// * `members` lists the machines in the cluster; `inspect(slot) { replica in ... }` looks into a running member.
/// * `violate(_:_:)` ends the run: a rule was broken.
/// * Random decisions: `makeDice()` gives each part its own.
///
/// The parts: `World+Network`, `World+Clients`, `World+Faults`, `World+Operator` (membership), `World+Invariants`.
package final class World {
    package struct Options: Sendable {
        package var seed: UInt64
        package var duration = Interval.seconds(600)
        /// Nil: drawn from the seed.
        package var profile: Profile.Kind?
        package var founders: Int?
        /// Entries between two snapshots, and no entry kept behind one; nil: drawn from the seed.
        package var snapshotEvery: UInt64?
        /// So many lines of each member's history are kept, and of operations; nil: none.
        package var historyLines: Int?

        package init(seed: UInt64, duration: Interval = .seconds(600)) {
            self.seed = seed
            self.duration = duration
        }
    }

    package let options: Options
    package internal(set) var profile: Profile
    package internal(set) var now = Instant(nanoseconds: 0)
    let limits: RunLimits
    var queue = EventQueue()
    var trace = Trace()
    var nodes: [Node] = []
    var slots: [MemberID: Int] = [:]
    var links = Links()
    package var observer: (any WorldObserver)?
    package var load: (any WorldLoad)?
    package internal(set) var violations: [Violation] = []
    /// Whether somebody else has found that a rule was broken; asked after each event.
    package var isBroken: () -> Bool = { false }
    package internal(set) var coverage = Coverage()

    /// Faults no longer happen from here on.
    package let faultsEnd: Instant
    /// No new operations of clients from here on.
    package let quietFrom: Instant
    /// Everything must have come to rest by then.
    package let latestEnd: Instant

    var networkDice: Dice
    var clientDice: Dice
    var faultDice: Dice
    var siteDice: Dice
    var operatorDice: Dice
    private var seeds: Dice

    var faultsActive = true
    private var isOver = false
    var clients = ClientState()
    var committed = CommittedLog()
    var operations = OperatorState()
    private var finalChecks: [(World) -> Void] = []

    package init(_ options: Options) {
        self.options = options
        seeds = Dice(seed: options.seed)
        var setup = Dice(seed: seeds.number())
        networkDice = Dice(seed: seeds.number())
        clientDice = Dice(seed: seeds.number())
        faultDice = Dice(seed: seeds.number())
        siteDice = Dice(seed: seeds.number())
        operatorDice = Dice(seed: seeds.number())
        var drawn = Profile.draw(&setup)
        if let kind = options.profile { drawn = Profile(kind, &setup) }
        profile = drawn
        var limits = RunLimits(&setup)
        if let founders = options.founders { limits.founders = founders }
        if let count = options.snapshotEvery {
            limits.replica.snapshotCount = count
            limits.replica.catchUpEntries = 1
        }
        self.limits = limits
        let duration = options.duration
        // The cluster gets a good part of a minute to heal; then clients rest, and leases run out.
        let healing = Interval.seconds(30) + limits.replica.electionTimeout.scaled(by: 6)
        quietFrom = Instant(nanoseconds: 0) + duration
        faultsEnd = quietFrom - min(healing, .nanoseconds(duration.nanoseconds / 4))
        latestEnd = quietFrom + .seconds(420)
        trace.isRecording = options.historyLines != nil
    }

    package var traceHash: UInt64 { trace.hash }
    package var events: Int { trace.events }

    /// Random decisions for a part of its own.
    package func makeDice() -> Dice { Dice(seed: seeds.number()) }

    package var members: [MemberView] {
        nodes.filter { $0.condition != .removed }.map { node in
            MemberView(slot: node.slot, id: node.memberID, isUp: node.condition == .up, isLearner: node.status.isLearner)
        }
    }

    /// What the run's members are configured with; `memberID`, `name` and the URLs are each one's own.
    package var configuration: ReplicaConfiguration { limits.replica }

    /// Looks into a member that runs; nil otherwise.
    package func inspect<Value>(_ slot: Int, _ body: (borrowing Replica) -> Value) -> Value? {
        guard nodes[slot].condition == .up, nodes[slot].replica != nil else { return nil }
        return body(nodes[slot].replica!)
    }

    /// Calls `body` at the end of the run, after the last event.
    package func check(_ body: @escaping (World) -> Void) { finalChecks.append(body) }

    /// Calls `body` after `delay`.
    package func at(_ delay: Interval, _ body: @escaping () -> Void) { queue.push(at: now + delay, body) }

    /// A rule was broken: the run ends.
    package func violate(_ rule: Violation.Rule, _ text: String) {
        note("VIOLATION of \(rule.rawValue): \(text)")
        violations.append(Violation(rule, text, at: now))
    }

    func note(_ text: @autoclosure () -> String) { if trace.isRecording { trace.record(-1, now, text()) } }

    func name(of id: MemberID) -> String { id == .zero ? "none" : slots[id].map { nodes[$0].name } ?? id.hex }

    // MARK: Running

    /// From the founding of the cluster to the end or to the first violation.
    package func run() {
        found()
        planFaults()
        wakeLoad()
        at(faultsEnd - now) { [unowned self] in heal() }
        at(quietFrom - now - .seconds(15)) { [unowned self] in settleMembership() }
        at(quietFrom - now) { [unowned self] in
            note("clients begin nothing new")
            load?.quiesce(now: now)
            wakeLoad()
        }
        at(quietFrom - now + .seconds(20)) { [unowned self] in rest() }
        while violations.isEmpty, !isOver, !isBroken(), let event = queue.pop() {
            now = Instant(nanoseconds: event.time)
            carryOut(event)
        }
        guard violations.isEmpty, !isBroken() else { return }
        checkConvergence()
        for check in finalChecks where violations.isEmpty { check(self) }
    }

    /// Waits until the clients have come to rest.
    private func rest() {
        if load?.isIdle ?? true {
            isOver = true
        } else if now >= latestEnd {
            violate(.liveness, "clients wait for something: \(load?.waitsFor ?? "")")
        } else {
            at(.seconds(1)) { [unowned self] in rest() }
        }
    }

    private func carryOut(_ event: EventQueue.Event) {
        let slot = Int(event.node)
        trace.event(event.kind.rawValue, slot, at: now)
        switch event.kind {
        case .action: queue.takeAction(event)()
        case .deliver: arrive(queue.takeDelivery(event), at: slot, epoch: event.epoch)
        case .turn: if nodes[slot].epoch == event.epoch { nodes[slot].turn() }
        case .wake: if nodes[slot].epoch == event.epoch { nodes[slot].wake(at: now) }
        case .log: if nodes[slot].epoch == event.epoch { nodes[slot].logGoesOn() }
        case .background: if nodes[slot].epoch == event.epoch { nodes[slot].backgroundGoesOn() }
        }
    }

    // MARK: Members

    private func found() {
        for _ in 0..<limits.founders { addNode() }
        let founders = nodes.map { node in
            let id = Identity.member(peerURLs: [node.peerURL], token: "simulation")
            node.memberID = id
            slots[id] = node.slot
            return ClusterMember(id: id, name: node.name, peerURLs: [node.peerURL])
        }
        for node in nodes {
            node.founders = founders
            at(clientDice.interval(.zero ... .milliseconds(500))) { node.start() }
        }
        note("\(limits.founders) founders, profile \(profile.kind), tick \(limits.replica.tick.milliseconds) ms × \(limits.replica.electionTicks)")
    }

    @discardableResult
    func addNode() -> Node {
        let slot = nodes.count
        let node = Node(
            self, slot: slot, name: "m\(slot + 1)", configuration: limits.replica, limits: limits.log, seed: seeds.number())
        nodes.append(node)
        links.grow(to: nodes.count)
        clients.grow(to: nodes.count)
        for node in nodes { while node.linked.count < nodes.count { node.linked.append(0) } }
        return node
    }

    func started(_ node: Node) {
        observer?.started(node.slot, id: node.memberID, at: now)
        refreshLinks()
    }

    /// The process has ended; it comes back unless its machine is out.
    func ended(_ node: Node) {
        observer?.stopped(node.slot, at: now)
        connectionsLost(node)
        refreshLinks()
        guard node.condition == .down else { return }
        let pause: Interval = faultsActive ? operatorDice.interval(.milliseconds(100) ... .seconds(20)) : .milliseconds(500)
        let epoch = node.epoch
        at(pause) { if node.epoch == epoch { node.start() } }
    }

    /// The member has stopped because it was removed.
    func removed(_ node: Node) {
        node.note("stops: removed from the cluster")
        node.end(power: false)
        node.condition = .removed
    }
}
