import Base
import Cluster
import Raft
import Replica
import Storage
import Wire

/// What all members have agreed on: for each index the term of the entry and the hash of its content.
struct CommittedLog {
    private(set) var entries: [(term: Term, hash: UInt64)] = []
    /// The last membership change that somebody applied.
    var lastChange = LogIndex.zero

    var last: LogIndex { LogIndex(UInt64(entries.count)) }

    subscript(index: LogIndex) -> (term: Term, hash: UInt64)? {
        index == .zero || index > last ? nil : entries[Int(index.rawValue) - 1]
    }

    mutating func append(_ term: Term, _ hash: UInt64) { entries.append((term, hash)) }

    static func hash(_ entry: Entry) -> UInt64 {
        UInt64(CRC32C.checksum(entry.data.span)) << 32 | UInt64(entry.data.count) << 8 | UInt64(entry.kind.rawValue)
    }
}

/// What must hold whatever the clients do. The checkers know more rules.
extension World {
    /// Tells of what a member has applied in its last turn, and compares it with what others have.
    func applied(_ node: Node) {
        guard let applied = inspect(node.slot, { $0.appliedIndex }) else { return }
        if let installed = node.installing, applied >= installed {
            node.installing = nil
            if node.toldApplied < installed {
                observer?.installed(node.slot, index: installed, at: now)
                node.toldApplied = installed
            }
        }
        while node.toldApplied < applied, violations.isEmpty {
            let index = node.toldApplied.next
            guard let entry = inspect(node.slot, { $0.appliedEntry(at: index) }) ?? nil else {
                return violate(.logMatching, "\(node.name) has applied up to \(applied), and has no entry \(index)")
            }
            apply(entry, node)
            node.toldApplied = index
        }
    }

    private func apply(_ entry: Entry, _ node: Node) {
        coverage.applied += 1
        let hash = CommittedLog.hash(entry)
        trace.mix(entry.index.rawValue ^ entry.term.rawValue << 40 ^ hash)
        if entry.kind != .normal { committed.lastChange = max(committed.lastChange, entry.index) }
        if let known = committed[entry.index] {
            if known.term != entry.term || known.hash != hash {
                violate(.logMatching, "\(node.name) applies entry \(entry.index) of term \(entry.term), others have one of term \(known.term)")
            }
        } else if entry.index == committed.last.next {
            committed.append(entry.term, hash)
            checkDurable(entry, node)
        } else {
            violate(.logMatching, "\(node.name) applies entry \(entry.index), \(committed.last) was the last")
        }
        observer?.applied(node.slot, entry, at: now)
    }

    /// An entry is applied only when a majority of the voters has it on disk, this member too.
    private func checkDurable(_ entry: Entry, _ node: Node) {
        func has(_ other: Node) -> Bool { other.durable.base >= entry.index || other.durable[entry.index] == entry.term }
        guard has(node) else { return violate(.durability, "\(node.name) applies entry \(entry.index), which is not on its disk") }
        // While members change, who counts is the entry's own affair.
        guard entry.index.rawValue > committed.lastChange.rawValue + 100 else { return }
        let voters = node.status.members.filter { !$0.isLearner }
        let holders = voters.count { voter in slots[voter.id].map { has(nodes[$0]) } ?? false }
        guard holders * 2 > voters.count || voters.isEmpty else {
            return violate(.durability, "\(node.name) applies entry \(entry.index), which \(holders) of \(voters.count) voters have on disk")
        }
    }

    // MARK: At the end

    /// Once faults have ended and clients are quiet, all members that run hold the same.
    func checkConvergence() {
        let present = nodes.filter { $0.condition != .removed }
        for node in present {
            guard node.condition == .up else {
                if case .out = node.condition { continue }
                return violate(.liveness, "\(node.name) does not run at the end: \(node.condition)")
            }
        }
        let up = present.filter { $0.condition == .up }
        guard let leader = up.first(where: { $0.status.isLeader }) else {
            return violate(.liveness, "no leader at the end: \(up.map { "\($0.name) in term \($0.status.term)" }.joined(separator: ", "))")
        }
        for node in up {
            guard node.status.leader == leader.memberID else {
                return violate(.liveness, "\(node.name) follows \(name(of: node.status.leader)) at the end, \(leader.name) leads")
            }
            let states = (node.toldApplied, leader.toldApplied)
            guard states.0 == states.1 else {
                return violate(.liveness, "\(node.name) has applied up to \(states.0) at the end, \(leader.name) up to \(states.1)")
            }
        }
    }
}
