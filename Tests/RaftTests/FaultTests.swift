import Base
import Raft
import Glibc
import Testing

/// Thousands of random steps under faults, by seed. A failing seed repeats exactly.
@Suite struct FaultTests {
    struct Faults {
        var voters: [UInt64] = [1, 2, 3]
        var others: [UInt64] = []
        var dropPercent = 5
        var duplicatePercent = 5
        var crashPerMille = 2
        var cutPerMille = 8
        var changes = false
    }

    /// `RAFT_FAULT_SCALE=20 swift test --filter FaultTests` tries twenty times as many seeds.
    static let scale = environmentNumber("RAFT_FAULT_SCALE") ?? 1

    static func run(_ faults: Faults, seed: UInt64, steps: Int) throws -> SimulatedCluster {
        let cluster = try SimulatedCluster(voters: faults.voters, others: faults.others, seed: seed) { configuration in
            configuration.messageBytesMax = 200
            configuration.inflightMessagesMax = 4
            configuration.preVote = seed % 4 != 0
            // With neither, a removed member may disturb the others for ever (Raft §6, third issue).
            configuration.checkQuorum = seed % 3 != 0 || (faults.changes && !configuration.preVote)
        }
        for step in 0..<steps {
            try act(cluster, faults, step)
            if step % 50 == 0 { cluster.checkLogMatching() }
            guard cluster.violations.isEmpty else { break }
        }
        return cluster
    }

    static func act(_ cluster: SimulatedCluster, _ faults: Faults, _ step: Int) throws {
        let member = cluster.members.randomElement(using: &cluster.random)!
        let dice = Int.random(in: 0..<1000, using: &cluster.random)
        if dice < faults.crashPerMille { member.isUp ? member.crash(&cluster.random) : () }
        if dice >= 900, !member.isUp, dice < 920 {
            try member.restart(seed: cluster.random.next())
            cluster.memberRestarted(member)
        }
        if dice >= 920, dice < 920 + faults.cutPerMille { cut(cluster) }
        guard member.isUp else { return }
        switch dice {
        case 10..<600: for _ in 0..<2 { deliverOne(cluster, faults) }
        case 600..<750: cluster.persist(member)
        case 750..<810: member.node.tick()
        case 810..<850: try? propose(member, step)
        case 850..<870: cluster.read(at: member)
        case 870..<880: member.storeOnDisk = member.store
        case 880..<885: compact(member)
        case 885..<886: try? member.node.transferLeadership(to: cluster.members.randomElement(using: &cluster.random)!.id)
        case 886..<889: if faults.changes { try? change(cluster, member) }
        case 889..<891: member.node.reportUnreachable(cluster.members.randomElement(using: &cluster.random)!.id)
        case 891..<893:
            for other in cluster.members.shuffled(using: &cluster.random).prefix(2) where other.isUp {
                other.node.campaign()
                cluster.turn(other)
            }
        case 895..<897: for other in cluster.members where other.isUp { other.node.tick() }
        default: break
        }
        cluster.turn(member)
    }

    static func deliverOne(_ cluster: SimulatedCluster, _ faults: Faults) {
        guard !cluster.network.isEmpty else { return }
        // Mostly in order, so that things get on.
        let span = Int.random(in: 0..<10, using: &cluster.random) == 0 ? cluster.network.count : Swift.min(4, cluster.network.count)
        let position = Int.random(in: 0..<span, using: &cluster.random)
        let dice = Int.random(in: 0..<100, using: &cluster.random)
        let message = dice < faults.duplicatePercent ? cluster.network[position] : cluster.network.remove(at: position)
        if dice >= 100 - faults.dropPercent {
            if message.kind == .snapshot, let sender = cluster.members.first(where: { $0.id == message.from }), sender.isUp {
                sender.node.reportSnapshot(message.to, delivered: false)
            }
            return
        }
        cluster.deliver(message)
        if let receiver = cluster.members.first(where: { $0.id == message.to }) { cluster.turn(receiver) }
    }

    static func propose(_ member: SimulatedMember, _ step: Int) throws {
        if step % 3 == 0 {
            _ = try member.node.propose(batch: (0..<(step % 7)).map { Bytes("\(member.id).\(step).\($0)") })
        } else {
            _ = try member.node.propose(Bytes("\(member.id).\(step)"))
        }
    }

    static func compact(_ member: SimulatedMember) {
        let index = member.storeOnDisk.index
        guard index > member.disk.base.index, index <= member.disk.lastIndex, let term = member.disk.term(at: index) else { return }
        member.node.compact(through: index)
        if member.writes.isEmpty {
            member.disk.release(SnapshotMetadata(index: index, term: term, confState: member.storeOnDisk.confState))
        }
    }

    static func change(_ cluster: SimulatedCluster, _ member: SimulatedMember) throws {
        func single() -> ConfigurationChange.Single {
            let kinds: [ConfigurationChange.Kind] = [.addVoter, .removeMember, .updateMember, .addLearner]
            return .init(kinds.randomElement(using: &cluster.random)!, cluster.members.randomElement(using: &cluster.random)!.id)
        }
        switch Int.random(in: 0..<4, using: &cluster.random) {
        case 0, 1:
            let change = ConfigurationChange([single()])
            // At least two voters stay, so that the cluster can go on.
            guard change.changes[0].kind == .addVoter || member.node.confState.voters.count > 2 else { return }
            _ = try member.node.propose(configurationChange: change.encodedV1(), kind: .configurationChange)
        case 2:
            let transition: ConfigurationChange.Transition = Bool.random(using: &cluster.random) ? .jointExplicit : .jointImplicit
            // Voters change places with others, so that the two majorities differ as much as they can.
            let state = member.node.confState
            let out = state.voters.shuffled(using: &cluster.random).prefix(2)
            let into = cluster.members.map(\.id).filter { !state.voters.contains($0) }
            let kind: ConfigurationChange.Kind = Bool.random(using: &cluster.random) ? .removeMember : .addLearner
            let change = ConfigurationChange(
                transition: transition, out.map { .init(kind, $0) } + into.prefix(2).map { .init(.addVoter, $0) })
            guard state.voters.count - out.count + Swift.min(2, into.count) >= 2 else { return }
            _ = try member.node.propose(configurationChange: change.encodedV2(), kind: .configurationChangeV2)
        default: _ = try member.node.propose(configurationChange: ConfigurationChange([]).encodedV2(), kind: .configurationChangeV2)
        }
    }

    static func cut(_ cluster: SimulatedCluster) {
        guard cluster.cut.isEmpty else {
            cluster.cut = []
            return
        }
        let side = cluster.members.filter { _ in Bool.random(using: &cluster.random) }.map(\.id)
        for a in cluster.members where side.contains(a.id) {
            for b in cluster.members where !side.contains(b.id) { cluster.cut.insert([Swift.min(a.id, b.id), Swift.max(a.id, b.id)]) }
        }
    }

    /// After all faults are over the cluster elects a leader, commits, and its voters end up equal.
    static func heal(_ cluster: SimulatedCluster) throws {
        cluster.cut = []
        cluster.network = []
        for member in cluster.members {
            if !member.isUp {
                try member.restart(seed: cluster.random.next())
                cluster.memberRestarted(member)
            }
            for other in cluster.members { member.node.reportSnapshot(other.id, delivered: false) }
        }
        for round in 0..<400 {
            cluster.tickAll()
            if round % 20 == 10, let leader = cluster.leader { _ = try? leader.node.propose(Bytes("healed \(round)")) }
        }
        cluster.checkLogMatching()
        guard let leader = cluster.leader else { return cluster.violate("no leader after healing") }
        let state = leader.node.confState
        if leader.node.committed != leader.node.lastIndex || leader.node.committed < LogIndex(3) { cluster.violate("leader is stuck") }
        for member in cluster.members where state.voters.contains(member.id) || state.learners.contains(member.id) {
            if member.store.index != leader.store.index {
                cluster.violate("\(member.id) applied \(member.store.index), leader \(leader.store.index)")
            }
            if member.store.confState != state { cluster.violate("\(member.id) has another configuration") }
        }
    }

    @Test(arguments: 0..<(16 * FaultTests.scale))
    func `three to five voters keep Raft's safety properties under faults and recover (Raft §5, figure 3)`(seed: UInt64) throws {
        let faults = Faults(voters: seed % 2 == 0 ? [1, 2, 3] : [1, 2, 3, 4, 5])
        let cluster = try Self.run(faults, seed: seed, steps: 16_000)
        #expect(cluster.violations == [])
        guard cluster.violations.isEmpty else { return }
        try Self.heal(cluster)
        #expect(cluster.violations == [])
    }

    @Test(arguments: 1000..<(1000 + 16 * FaultTests.scale))
    func `membership changes keep them too (Raft §6)`(seed: UInt64) throws {
        let faults = Faults(voters: [1, 2, 3], others: [4, 5], changes: true)
        let cluster = try Self.run(faults, seed: seed, steps: 16_000)
        #expect(cluster.violations == [])
        guard cluster.violations.isEmpty else { return }
        try Self.heal(cluster)
        #expect(cluster.violations == [])
    }
}

private func environmentNumber(_ name: String) -> UInt64? {
    guard let value = unsafe getenv(name) else { return nil }
    return UInt64(unsafe String(cString: value))
}
