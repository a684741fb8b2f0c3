import Base
import Replica

/// One run of a cluster with its clients and its judges, and what came of it.
package struct Run: Sendable {
    package var seed: UInt64
    package var profile: Profile.Kind
    /// Empty when all was right.
    package var violations: [Violation]
    package var traceHash: UInt64
    package var events: Int
    package var coverage: Coverage
    package var members: Int
    /// How long the run was in virtual time.
    package var length: Interval
    package var operations: Int
    /// The end of the history, when it was recorded and something was wrong.
    package var history: String?

    package init(_ options: World.Options) {
        let world = World(options)
        let clocks = ClockRules(maxRate: 1 + Double(world.profile.driftMax) / 1e6, maxJump: world.profile.jumpsMax)
        let witness = Witness(minimumLeaseTTL: world.configuration.minimumLeaseTTL, clocks: clocks)
        var dice = world.makeDice()
        let load = Workload(witness: witness, seed: dice.number())
        world.observer = witness
        world.load = load
        world.isBroken = { !witness.violations.isEmpty }
        world.run()
        // The load and the world know each other.
        world.load = nil
        world.observer = nil
        seed = options.seed
        profile = world.profile.kind
        violations = witness.violations + world.violations
        traceHash = world.traceHash
        events = world.events
        coverage = world.coverage
        members = world.nodes.count
        length = world.now - Instant(nanoseconds: 0)
        operations = witness.operations.count
        if let lines = options.historyLines { history = world.history(operations: witness.tail(lines), violations, linesPerMember: lines) }
    }
}

extension World {
    /// The last lines of each member and of the world, then the operations, then what was wrong.
    func history(operations: String, _ violations: [Violation], linesPerMember: Int) -> String {
        var left = [Int](repeating: linesPerMember, count: nodes.count)
        var worldLeft = linesPerMember
        var kept: [Trace.Line] = []
        for line in trace.lines.reversed() {
            if line.slot < 0 {
                guard worldLeft > 0 else { continue }
                worldLeft -= 1
            } else {
                guard left[line.slot] > 0 else { continue }
                left[line.slot] -= 1
            }
            kept.append(line)
        }
        var text = "Members and faults (the last \(linesPerMember) lines of each):\n"
        for line in kept.reversed() {
            let who = line.slot < 0 ? "" : "\(nodes[line.slot].name): "
            text += "  \(line.at.inSeconds)  \(who)\(line.text)\n"
        }
        text += "Operations (the last ones):\n\(operations)\n"
        for violation in violations { text += "VIOLATION: \(violation)\n" }
        return text
    }
}
