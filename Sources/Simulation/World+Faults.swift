import Base
import Replica

/// What goes wrong, when, and for how long.
extension World {
    /// Whether the member ends at this site.
    func endsAt(_ site: FaultSite, _ node: Node) -> Bool {
        let count = coverage.pass(site)
        guard faultsActive, profile.crashPerSite > 0, mayEnd(node) else { return false }
        // A site that was seldom passed yet in this run is a likelier end than one that is passed all the time.
        let rarity = count < 20 ? 300 : count < 200 ? 30 : 1
        guard siteDice.happens(rarity, in: profile.crashPerSite) else { return false }
        coverage.count(.crashAtSite)
        coverage.end(site)
        node.note("ends at \(site.name)")
        return true
    }

    /// Whether one more may be down.
    private func mayEnd(_ node: Node) -> Bool {
        guard !profile.mayLoseQuorum else { return true }
        let others = nodes.filter { $0.slot != node.slot && $0.condition != .removed }
        let down = others.count { !$0.isRunning }
        return (down + 1) * 2 < others.count + 1 || others.isEmpty
    }

    func planFaults() {
        for (kind, interval) in profile.meanBetween { plan(kind, interval) }
    }

    private func plan(_ kind: FaultKind, _ mean: Interval) {
        // Evenly between almost at once and twice the mean.
        at(faultDice.interval(.milliseconds(10)...mean.scaled(by: 2))) { [unowned self] in
            guard faultsActive else { return }
            if inflict(kind) { coverage.count(kind) }
            plan(kind, mean)
        }
    }

    private var running: [Node] { nodes.filter { $0.isRunning } }

    /// False when it can't happen now.
    private func inflict(_ kind: FaultKind) -> Bool {
        switch kind {
        case .kill, .powerLoss, .pause: return stop(kind)
        case .partition, .oneWayPartition, .isolation: return cut(kind)
        case .clockJump, .clockDrift: return disturbClock(kind)
        case .slowDisk, .fullDisk, .lowDisk, .failedSync, .bitFlip: return disturbDisk(kind)
        case .brokenClientLink:
            guard let node = victim() else { return false }
            node.note("loses the connections to its clients")
            connectionsLost(node)
            return true
        case .memberAdded, .memberPromoted, .memberRemoved, .memberReplaced, .leaderMoved: return operate(kind)
        case .messageDropped, .messageDuplicated, .messageDelayed, .snapshotTransferFailed, .callFailed, .crashAtSite: return false
        }
    }

    /// A running member; the leader often.
    private func victim() -> Node? {
        let candidates = running
        guard !candidates.isEmpty else { return nil }
        if faultDice.happens(1, in: 3), let leader = candidates.first(where: { $0.status.isLeader }) { return leader }
        return faultDice.pick(candidates)
    }

    private func stop(_ kind: FaultKind) -> Bool {
        guard let node = victim(), mayEnd(node) else { return false }
        switch kind {
        case .kill:
            node.note("is killed")
            node.end(power: false)
        case .powerLoss:
            node.note("loses power")
            node.end(power: true)
            // One power line may feed several machines.
            if faultDice.happens(1, in: 4), profile.mayLoseQuorum {
                for other in running where faultDice.happens(1, in: 2) {
                    other.note("loses power too")
                    other.end(power: true)
                }
            }
        default:
            node.note("stands still")
            node.isPaused = true
            let epoch = node.epoch
            at(faultDice.interval(.milliseconds(50)...limits.replica.electionTimeout.scaled(by: 8))) {
                if node.epoch == epoch { node.resume() }
            }
        }
        return true
    }

    // MARK: The network

    private func cut(_ kind: FaultKind) -> Bool {
        guard nodes.count > 1 else { return false }
        var pairs: [(Int, Int)] = []
        switch kind {
        case .partition:
            let sides = nodes.map { _ in faultDice.happens(1, in: 2) }
            for a in nodes.indices { for b in nodes.indices where sides[a] != sides[b] { pairs.append((a, b)) } }
        case .isolation:
            guard let node = victim() else { return false }
            let isOneWay = faultDice.below(3)
            for other in nodes.indices where other != node.slot {
                if isOneWay != 1 { pairs.append((node.slot, other)) }
                if isOneWay != 2 { pairs.append((other, node.slot)) }
            }
        default:
            for _ in 0..<faultDice.within(1...nodes.count) {
                let a = faultDice.below(nodes.count)
                let b = faultDice.below(nodes.count)
                if a != b { pairs.append((a, b)) }
            }
        }
        guard !pairs.isEmpty else { return false }
        note("cuts \(pairs.map { "\(nodes[$0.0].name)→\(nodes[$0.1].name)" }.joined(separator: " "))")
        for (a, b) in pairs { links[a, b].cuts += 1 }
        refreshLinks()
        let longest = limits.replica.electionTimeout.scaled(by: faultDice.happens(1, in: 4) ? 60 : 6)
        at(faultDice.interval(.milliseconds(100)...longest)) { [unowned self] in
            for (a, b) in pairs { links[a, b].cuts -= 1 }
            refreshLinks()
            note("mends \(pairs.map { "\(nodes[$0.0].name)→\(nodes[$0.1].name)" }.joined(separator: " "))")
        }
        return true
    }

    // MARK: Clocks

    private func disturbClock(_ kind: FaultKind) -> Bool {
        guard let node = victim() else { return false }
        if kind == .clockDrift {
            let drift = faultDice.within(-profile.driftMax...profile.driftMax)
            node.note("its clock runs \(drift) ppm fast")
            node.clock.setDrift(Int64(drift), at: now)
        } else {
            let jump = faultDice.interval(.milliseconds(1)...profile.jumpMax)
            guard node.jumped + jump <= profile.jumpsMax else { return false }
            node.jumped = node.jumped + jump
            node.note("its clock jumps ahead by \(jump.milliseconds) ms")
            node.clock.jump(by: jump, at: now)
        }
        // Deadlines are nearer or further than they were.
        node.wakeAt = nil
        node.turn()
        return true
    }

    // MARK: Disks

    private func disturbDisk(_ kind: FaultKind) -> Bool {
        guard let node = victim() else { return false }
        switch kind {
        case .slowDisk:
            let slowness = faultDice.pick([5, 50, 500, 2000])
            node.note("its disk is \(slowness) times slower")
            node.disk.slowness = slowness.asInt64
            at(faultDice.interval(.seconds(1) ... .seconds(30))) { node.disk.slowness = 1 }
        case .fullDisk:
            guard !node.disk.isFull, mayEnd(node) else { return false }
            node.note("its disk is full")
            node.disk.isFull = true
            node.post(.diskSpace(isLow: true))
            at(faultDice.interval(.seconds(1) ... .seconds(40))) { [unowned self] in relieve(node) }
        case .lowDisk:
            guard !node.disk.isFull else { return false }
            node.note("its disk is nearly full")
            node.post(.diskSpace(isLow: true))
            at(faultDice.interval(.seconds(1) ... .seconds(40))) { [unowned self] in relieve(node) }
        case .failedSync:
            guard mayEnd(node) else { return false }
            node.note("its next sync will fail")
            node.disk.failsNextSync = true
        default:
            return flipBit(node)
        }
        return true
    }

    private func relieve(_ node: Node) {
        guard node.disk.isFull || node.condition == .up else { return }
        node.disk.isFull = false
        node.note("its disk has room")
        node.post(.diskSpace(isLow: false))
    }

    // MARK: The end of faults

    func heal() {
        note("faults end")
        faultsActive = false
        links = {
            var fresh = Links()
            fresh.grow(to: nodes.count)
            return fresh
        }()
        refreshLinks()
        for node in nodes {
            node.disk.slowness = 1
            node.disk.failsNextSync = false
            relieve(node)
            node.resume()
            if node.condition == .down { node.start() }
        }
    }
}
