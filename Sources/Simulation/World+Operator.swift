import Base
import Cluster
import Raft
import Replica
import Wire

/// The one who adds, promotes, removes and replaces members; does one thing at a time, as a careful person would.
struct OperatorState {
    var isBusy = false
    /// A member whose disk was damaged; no second one may be before this one is replaced.
    var damaged: Int?
    /// The membership as of the newest entry that somebody has applied. A member that has just joined does not know yet what
    /// it is itself.
    var membership = (index: LogIndex.zero, members: [ClusterMember]())
}

extension World {
    /// Called when a member shows what it has applied.
    func membersChanged(_ members: [ClusterMember], at index: LogIndex) {
        if !members.isEmpty, index >= operations.membership.index { operations.membership = (index, members) }
    }

    /// Machines of members that vote, running or not.
    var voters: [Node] {
        operations.membership.members.compactMap { member in
            guard !member.isLearner, let slot = slots[member.id], nodes[slot].condition != .removed, !nodes[slot].isLeaving else { return nil }
            return nodes[slot]
        }
    }

    /// Begins the change; false when it can't be made now.
    func operate(_ kind: FaultKind) -> Bool {
        guard !operations.isBusy, let asked = nodes.filter({ $0.isRunning }).randomPick(&operatorDice) else { return false }
        let present = nodes.filter { $0.condition != .removed && !$0.isLeaving && $0.memberID != .zero }
        let voters = voters.count
        // Nobody careful takes a member away, or adds a voter that has yet to start, while another one is missing.
        let isComplete = present.allSatisfy(\.isRunning)
        switch kind {
        case .memberAdded:
            guard present.count < limits.membersMax, isComplete || operations.damaged != nil else { return false }
            add(asking: asked.slot)
        case .memberPromoted:
            guard let learner = present.first(where: { $0.status.isLearner }) else { return false }
            promote(learner, asking: asked.slot)
        case .memberRemoved:
            // Of two voters, one that goes before the other knows that the change is committed leaves a cluster without a quorum:
            // that is the protocol's, and a careful person takes the learner, or adds a third before.
            guard isComplete, present.count > max(1, limits.founders - 2), voters != 2, let target = present.randomPick(&operatorDice) else {
                return false
            }
            remove(target, asking: asked.slot)
        case .memberReplaced:
            guard isComplete, voters >= 3, let target = present.randomPick(&operatorDice) else {
                return false
            }
            target.note("loses its disk for good")
            switchOff(target, "its disk is lost")
            replaceLater(target)
        case .leaderMoved:
            guard let leader = nodes.first(where: { $0.isRunning && $0.status.isLeader }),
                let target = present.filter({ $0.slot != leader.slot && !$0.status.isLearner }).randomPick(&operatorDice)
            else { return false }
            note("moves the lead from \(leader.name) to \(target.name)")
            call(.moveLeader, Etcdserverpb.MoveLeaderRequest.with { $0.targetID = target.memberID.rawValue }, to: leader.slot) { _ in }
        default:
            return false
        }
        return true
    }

    /// A member that will not start again: its machine is taken out, and as soon as the others agree it is no member any more.
    func switchOff(_ node: Node, _ why: String) {
        node.end(power: true)
        node.condition = .out(why)
    }

    func replaceLater(_ node: Node) {
        at(.seconds(1)) { [unowned self] in
            guard case .out = node.condition else { return }
            guard !operations.isBusy, let asked = nodes.filter({ $0.isRunning }).randomPick(&operatorDice) else { return replaceLater(node) }
            remove(node, asking: asked.slot) { [unowned self] isGone in
                guard isGone else { return replaceLater(node) }
                if operations.damaged == node.slot { operations.damaged = nil }
                if faultsActive { _ = operate(.memberAdded) }
            }
        }
    }

    // MARK: Each change

    private func add(asking slot: Int) {
        operations.isBusy = true
        let node = addNode()
        node.condition = .removed
        let isLearner = operatorDice.happens(2, in: 3)
        let request = Etcdserverpb.MemberAddRequest.with {
            $0.peerURLs = [node.peerURL]
            $0.isLearner = isLearner
        }
        note("adds \(node.name)\(isLearner ? " as learner" : ""), asking \(nodes[slot].name)")
        call(.memberAdd, request, to: slot) { [unowned self] answer in
            note("adding \(node.name): \(answer.map { $0.kind == .failure ? $0.text : "done" } ?? "no answer")")
            if let answer, Self.refusals.contains(answer.text) {
                operations.isBusy = false
            } else {
                settleAddition(of: node, attempts: 60)
            }
        }
    }

    /// The list of members says whether it was added. Any member's own list: where the new one is a voter, there may be no
    /// quorum before it starts. `attempts`: before other things are done meanwhile; nil when they are.
    private func settleAddition(of node: Node, attempts: Int?) {
        listMembers(linearizable: false) { [unowned self] list in
            if let list, let member = list.members.first(where: { $0.peerURLs == [node.peerURL] }) {
                if attempts != nil { operations.isBusy = false }
                return join(node, MemberID(member.id), list)
            }
            if attempts == 0 {
                // Given up for now; it may yet turn out to have been added.
                operations.isBusy = false
            }
            let left = attempts.flatMap { $0 > 0 ? $0 - 1 : nil }
            at(left != nil ? .milliseconds(500) : .seconds(5)) { [unowned self] in settleAddition(of: node, attempts: left) }
        }
    }

    private func join(_ node: Node, _ id: MemberID, _ list: Etcdserverpb.MemberListResponse) {
        node.memberID = id
        node.clusterID = ClusterID(list.header?.clusterID ?? 0)
        slots[id] = node.slot
        node.remotes = list.members.filter { $0.id != id.rawValue }.map {
            ClusterMember(id: MemberID($0.id), name: $0.name, peerURLs: $0.peerURLs, clientURLs: $0.clientURLs, isLearner: $0.isLearner)
        }
        node.condition = .down
        node.start()
    }

    private func promote(_ node: Node, asking slot: Int) {
        operations.isBusy = true
        note("promotes \(node.name), asking \(nodes[slot].name)")
        call(.memberPromote, Etcdserverpb.MemberPromoteRequest.with { $0.id = node.memberID.rawValue }, to: slot) { [unowned self] answer in
            operations.isBusy = false
            note("promoting \(node.name): \(answer.map { $0.kind == .failure ? $0.text : "done" } ?? "no answer")")
        }
    }

    /// What was refused before it was proposed is settled. Anything else may still come true, even after a later attempt was
    /// refused, and with another member gone meanwhile it could take the quorum: so the same is asked for until it is done.
    private func remove(_ node: Node, asking slot: Int, mayBePending: Bool = false, _ completion: @escaping (Bool) -> Void = { _ in }) {
        operations.isBusy = true
        note("removes \(node.name), asking \(nodes[slot].name)")
        call(.memberRemove, Etcdserverpb.MemberRemoveRequest.with { $0.id = node.memberID.rawValue }, to: slot) { [unowned self] answer in
            note("removing \(node.name): \(answer.map { $0.kind == .failure ? $0.text : "done" } ?? "no answer")")
            if let answer, answer.kind == .message || answer.text == "etcdserver: member not found" {
                operations.isBusy = false
                node.isLeaving = true
                if case .out = node.condition { node.condition = .removed }
                // It hears of it by itself, or from those it talks to; who does not is switched off.
                at(.seconds(60)) { [unowned self] in if node.condition != .removed { removed(node) } }
                return completion(true)
            }
            if !mayBePending, let answer, Self.refusals.contains(answer.text) {
                operations.isBusy = false
                return completion(false)
            }
            removeAgain(node, completion)
        }
    }

    private func removeAgain(_ node: Node, _ completion: @escaping (Bool) -> Void) {
        at(.seconds(1)) { [unowned self] in
            guard let asked = nodes.filter({ $0.isRunning }).randomPick(&operatorDice) else { return removeAgain(node, completion) }
            remove(node, asking: asked.slot, mayBePending: true, completion)
        }
    }

    /// Errors of checks that come before the proposal.
    private static let refusals: Set = [
        "etcdserver: unhealthy cluster", "etcdserver: re-configuration failed due to not enough started members",
        "etcdserver: rpc not supported for learner",
    ]

    private func listMembers(linearizable: Bool, _ completion: @escaping (Etcdserverpb.MemberListResponse?) -> Void) {
        guard let asked = nodes.filter({ $0.isRunning }).randomPick(&operatorDice) else { return completion(nil) }
        call(.memberList, Etcdserverpb.MemberListRequest.with { $0.linearizable = linearizable }, to: asked.slot) { answer in
            guard let answer, answer.kind == .message else { return completion(nil) }
            completion(try? Etcdserverpb.MemberListResponse(decoding: answer.bytes))
        }
    }

    // MARK: After the faults

    /// Machines that are no members (any more) are switched off, so that the rest can be compared.
    func settleMembership(attempts: Int = 25) {
        listMembers(linearizable: true) { [unowned self] list in
            guard let list else {
                guard attempts > 0 else { return }
                return at(.seconds(1)) { [unowned self] in settleMembership(attempts: attempts - 1) }
            }
            let ids = list.members.map(\.id)
            for node in nodes where node.condition != .removed && !ids.contains(node.memberID.rawValue) { removed(node) }
        }
    }
}

extension Array {
    func randomPick(_ dice: inout Dice) -> Element? { isEmpty ? nil : self[dice.below(count)] }
}
