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

    /// What was durable must be found again. Entries may be missing or other ones only where a later term has overwritten them.
    func checkRecovered(_ node: Node, _ before: DurableLog, base: LogIndex, _ entries: [WALEntry], _ state: WALHardState) {
        guard operations.damaged != node.slot else {
            // The damage was in nothing that mattered, or it was found and put aside.
            if checkFound(before, base, entries) != nil {
                node.note("has lost entries to the damage")
                violate(.durability, "\(node.name) starts without entries that were durable before a bit flipped, and does not say so")
            }
            operations.damaged = nil
            return
        }
        if let missing = checkFound(before, base, entries) { violate(.durability, "\(node.name) starts without \(missing)") }
        if state.term < node.durableState.term
            || state.term == node.durableState.term && state.vote != node.durableState.vote
                && node.durableState.vote != .zero
        {
            violate(
                .durability,
                "\(node.name) starts in term \(state.term) with vote \(state.vote.hex); term \(node.durableState.term) and vote \(node.durableState.vote.hex) were durable"
            )
        }
    }

    private func checkFound(_ before: DurableLog, _ base: LogIndex, _ entries: [WALEntry]) -> String? {
        let lastTerm = entries.last?.term ?? .zero
        var index = max(before.base, base).next
        while index <= before.last {
            guard let term = before[index] else { return nil }
            let place = Int(index.rawValue - base.rawValue) - 1
            if place >= entries.count {
                if lastTerm <= term { return "entry \(index) of term \(term): its log ends at \(entries.last?.index ?? base), term \(lastTerm)" }
            } else if entries[place].term < term {
                return "entry \(index) of term \(term): it has one of term \(entries[place].term)"
            }
            index = index.next
        }
        return nil
    }
}
