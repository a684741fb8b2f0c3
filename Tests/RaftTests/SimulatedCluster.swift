import Base
import Raft

/// Members joined by a network that delays, drops, duplicates and reorders, all decided by one seed. Checks the properties of
/// Raft §5, figure 3, after every turn; what it finds wrong is in `violations`.
final class SimulatedCluster {
    var members: [SimulatedMember] = []
    var network: [Message] = []
    var random: RandomSource
    var violations: [String] = []
    /// Pairs that can't reach each other.
    var cut: Set<[MemberID]> = []
    /// Writes are durable and messages arrive as soon as they can.
    var isPerfect = false
    /// Drops messages for which this is true.
    var drop: ((Message) -> Bool)?
    var delivered: [Message] = []

    /// Every entry that some member committed, and the term in which that was first seen.
    private var committed: [LogIndex: (entry: Entry, seenIn: Term)] = [:]
    private var leaders: [Term: MemberID] = [:]
    private(set) var appliedMax = LogIndex.zero
    private var committedSeen: [MemberID: LogIndex] = [:]
    private var nextRead: UInt64 = 0

    init(
        voters: [UInt64], others: [UInt64] = [], seed: UInt64, configure: (inout RaftConfiguration) -> Void = { _ in }
    ) throws {
        random = RandomSource(seed: seed)
        let confState = ConfState(voters: voters.map { MemberID($0) })
        for id in voters + others {
            var configuration = RaftConfiguration(id: MemberID(id))
            configure(&configuration)
            var disk = SimulatedMember.Disk()
            if voters.contains(id) {
                disk = SimulatedMember.Disk(
                    hardState: HardState(term: Term(1), commit: LogIndex(1)), base: LogPosition(index: LogIndex(1), term: Term(1)),
                    snapshotConfState: confState)
            }
            members.append(try SimulatedMember(configuration, disk: disk, seed: random.next()))
        }
    }

    subscript(id: UInt64) -> SimulatedMember { members.first { $0.id == MemberID(id) }! }

    var leader: SimulatedMember? { members.filter { $0.isUp && $0.node.isLeader }.max { $0.node.term < $1.node.term } }

    func violate(_ text: String) { if violations.count < 10 { violations.append(text) } }

    // MARK: Turns

    func turn(_ member: SimulatedMember) {
        guard member.isUp else { return }
        member.node.takeOutput(into: &member.output)
        for refusal in member.output.refusals where refusal.isFatal { violate("\(member.id): \(refusal)") }
        if let write = member.output.write {
            member.writes.append(.init(write: write, entries: member.output.entries, snapshot: member.output.snapshot))
        }
        for var outgoing in member.output.messages {
            if outgoing.message.kind == .snapshot { outgoing.message.snapshot = currentSnapshot(member) }
            member.held.append(outgoing)
        }
        checkLeader(member)
        checkCommitted(member)
        for state in member.output.readStates {
            guard let least = member.reads.removeValue(forKey: state.context) else { continue }
            member.readsAnswered += 1
            if state.index < least { violate("\(member.id): read \(state.context) at \(state.index), should be at least \(least)") }
        }
        apply(member)
        release(member)
        if isPerfect { while !member.writes.isEmpty { persist(member) } }
    }

    private func currentSnapshot(_ member: SimulatedMember) -> Snapshot {
        let index = member.store.index
        return Snapshot(
            metadata: SnapshotMetadata(index: index, term: member.node.term(at: index)!, confState: member.store.confState))
    }

    private func apply(_ member: SimulatedMember) {
        guard member.output.hasEntriesToApply else { return }
        var index = member.output.firstToApply
        while index <= member.output.lastToApply {
            if index != member.store.index.next { violate("\(member.id): applies \(index) after \(member.store.index)") }
            let entry = member.node.entry(at: index)
            if entry.kind != .normal {
                do throws(RaftError) {
                    let change = try ConfigurationChange(decoding: entry.data, kind: entry.kind)
                    member.store.confState = try member.node.applyConfigurationChange(change)
                } catch { violate("\(member.id): change at \(index): \(error)") }
            }
            if index > member.disk.lastIndex { violate("\(member.id): applies \(index), its disk ends at \(member.disk.lastIndex)") }
            member.store.index = index
            index = index.next
        }
        member.node.applied(through: member.output.lastToApply)
        appliedMax = Swift.max(appliedMax, member.output.lastToApply)
    }

    private func release(_ member: SimulatedMember) {
        let durable = member.disk
        _ = durable
        var stay: [OutgoingMessage] = []
        let oldest = member.writes.first { $0.write.mustSync }?.write.number
        for outgoing in member.held {
            if let after = outgoing.after, let oldest, oldest <= after { stay.append(outgoing) } else { network.append(outgoing.message) }
        }
        member.held = stay
    }

    func persist(_ member: SimulatedMember) {
        guard member.isUp, !member.writes.isEmpty else { return }
        member.persistOne()
        release(member)
    }

    func deliver(_ message: Message) {
        guard let member = members.first(where: { $0.id == message.to }), member.isUp else { return }
        let pair = message.kind == .transferLeader ? [message.to] : [Swift.min(message.from, message.to), Swift.max(message.from, message.to)]
        guard !cut.contains(pair), drop?(message) != true else { return }
        delivered.append(message)
        if delivered.count > 100_000 { delivered.removeFirst(50_000) }
        member.node.step(message)
        if message.kind == .snapshot, let sender = members.first(where: { $0.id == message.from }), sender.isUp {
            sender.node.reportSnapshot(message.to, delivered: true)
        }
    }

    /// Perfect network and disks, until nothing happens any more.
    func settle() {
        isPerfect = true
        defer { isPerfect = false }
        for _ in 0..<10_000 {
            for member in members { persistAll(member) }
            for member in members { turn(member) }
            let now = network
            network = []
            for message in now { deliver(message) }
            for member in members { turn(member) }
            if network.isEmpty && members.allSatisfy({ !$0.isUp || ($0.held.isEmpty && $0.writes.isEmpty) }) { return }
        }
        violate("messages without end")
    }

    private func persistAll(_ member: SimulatedMember) { while member.isUp && !member.writes.isEmpty { persist(member) } }

    func tickAll() {
        for member in members where member.isUp { member.node.tick() }
        settle()
    }

    /// Makes `id` campaign and expects it to win.
    func elect(_ id: UInt64) {
        self[id].node.campaign()
        settle()
        if !self[id].node.isLeader { violate("\(id) did not win") }
    }

    func read(at member: SimulatedMember) {
        nextRead += 1
        do throws(RaftError) { try member.node.readIndex(context: nextRead) } catch { return }
        member.reads[nextRead] = appliedMax
    }

    // MARK: Checks (Raft figure 3)

    private func checkLeader(_ member: SimulatedMember) {
        guard member.node.isLeader else { return }
        let term = member.node.term
        if let other = leaders[term] {
            if other != member.id { violate("election safety: \(other) and \(member.id) lead term \(term)") }
            return
        }
        leaders[term] = member.id
        for (index, seen) in committed where seen.seenIn < term && index >= member.node.firstIndex {
            if member.node.term(at: index) != seen.entry.term {
                violate("leader completeness: \(member.id) leads term \(term) without entry \(index) of term \(seen.entry.term)")
            }
        }
    }

    private func checkCommitted(_ member: SimulatedMember) {
        let now = member.node.committed
        var index = Swift.max(committedSeen[member.id] ?? .zero, member.node.firstIndex.previous).next
        while index <= now {
            let entry = member.node.entry(at: index)
            if let seen = committed[index] {
                if seen.entry != entry { violate("state machine safety: entry \(index) is \(seen.entry) and, on \(member.id), \(entry)") }
            } else {
                committed[index] = (entry, member.node.term)
            }
            index = index.next
        }
        committedSeen[member.id] = now
    }

    func memberRestarted(_ member: SimulatedMember) { committedSeen[member.id] = nil }

    /// Log matching: entries with the same index and term have the same data and the same predecessors.
    func checkLogMatching() {
        for a in members where a.isUp {
            for b in members where b.isUp && b.id > a.id {
                var index = Swift.min(a.node.lastIndex, b.node.lastIndex)
                let first = Swift.max(a.node.firstIndex, b.node.firstIndex)
                while index >= first, a.node.term(at: index) != b.node.term(at: index) { index = index.previous }
                while index >= first {
                    if a.node.entry(at: index) != b.node.entry(at: index) { violate("log matching: \(a.id), \(b.id) at \(index)") }
                    index = index.previous
                }
            }
        }
    }
}
