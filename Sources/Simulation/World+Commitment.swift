import Base
import Raft
import Replica

extension World {
    /// Raft §5.4.2: while a member leads, what is committed moves on to an entry of its own term only. An entry of an earlier
    /// term on a majority of the disks may yet be overwritten.
    func checkCommitment(_ node: Node) {
        guard let commitment = inspect(node.slot, { $0.commitment }) else { return }
        let before = node.commitment
        node.commitment = (commitment.leads, commitment.index)
        guard let term = commitment.leads, before.leads == term, commitment.index > before.index, commitment.term != term else { return }
        let found = commitment.term.map { "\($0)" } ?? "unknown"
        violate(.logMatching, "\(node.name) leads in term \(term) and commits up to entry \(commitment.index) of term \(found) by counting")
    }
}
