import Base
import Raft
import Replica
import Storage

/// Damage to what is on disk, and members that say that they cannot go on.
extension World {
    /// One bit of a stopped member's files changes. Only what a quorum does not need: one member at a time, of three voters or
    /// more, is damaged, and if it refuses to start it is replaced.
    func flipBit(_ node: Node) -> Bool {
        guard operations.damaged == nil, !operations.isBusy, voters.count >= 3, nodes.allSatisfy({ $0.condition == .up || $0.condition == .removed })
        else {
            return false
        }
        let names = node.disk.list().filter { $0.hasSuffix(".wal") || $0.hasSuffix(".snap") }
        guard !names.isEmpty else { return false }
        node.note("is killed")
        node.end(power: false)
        let name = faultDice.pick(names)
        operations.damaged = node.slot
        node.note("a bit of \(name) flips")
        return node.disk.flipBit(in: name, &faultDice)
    }

    /// A member has said that it cannot start or go on.
    func refused(_ node: Node, _ text: String) {
        guard operations.damaged == node.slot else {
            // What the world did to it explains this.
            if text.contains("sync") || text.contains("no space left") { return }
            return violate(.refusal, "\(node.name) stops with: \(text)")
        }
        node.note("is out until it is replaced")
        node.condition = .out(text)
        replaceLater(node)
    }

    /// What was durable must be found again, and behind it as much of what was being written as reached the disk.
    func checkRecovered(_ node: Node, _ found: RecoveredLog) {
        let difference = node.durable.difference(from: found.entries, behind: found.snapshot, unsynced: node.unsynced)
        guard operations.damaged != node.slot else {
            // The damage was in nothing that mattered, or it was found and put aside.
            if let difference {
                violate(.durability, "\(node.name) starts \(difference) after a bit flipped, and does not say so")
            }
            operations.damaged = nil
            return
        }
        if let difference { violate(.durability, "\(node.name) starts \(difference)") }
        let (state, durable) = (found.state, node.durableState)
        if state.term < durable.term || state.term == durable.term && state.vote != durable.vote && durable.vote != .zero {
            violate(
                .durability,
                "\(node.name) starts in term \(state.term) with vote \(state.vote.hex); term \(durable.term) and vote \(durable.vote.hex) were durable"
            )
        }
    }
}
