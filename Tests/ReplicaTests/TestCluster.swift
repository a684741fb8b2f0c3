import Base
import Cluster
import MVCC
import Raft
import Replica
import Storage
import Wire

/// Several replicas without I/O, with links between them that deliver in order or not at all.
final class TestCluster {
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private(set) var members: [TestMember] = []
    private let configuration: ReplicaConfiguration
    private let founders: [ClusterMember]
    /// Members whose links are cut, both ways.
    var cutOff: Set<MemberID> = []
    /// Members whose process stands still: they do nothing, and hear of nothing that is sent meanwhile.
    var paused: Set<MemberID> = []
    /// Looked at for every message; false loses it.
    var lets: (Message) -> Bool = { _ in true }
    /// Snapshots that wait until `deliverSnapshots`; nil: none wait.
    var heldSnapshots: [(from: MemberID, OutgoingSnapshot)]?
    /// Whether members answer each other's calls.
    var answersCalls = true
    /// Answers a call in the member's place.
    var answering: (PeerCall) -> PeerAnswer? = { _ in nil }
    private var waitingCalls: [UInt64: (caller: MemberID, id: UInt64, answerer: MemberID)] = [:]
    private var nextPeerTicket: UInt64 = 1
    /// Links that members were told of; a restarted member has new ones.
    private var links: Set<Link> = []
    private struct Link: Hashable {
        var from: MemberID
        var to: MemberID
        var starts: [UInt64]
    }
    private(set) var messageCounts: [MessageKind: Int] = [:]

    init(_ count: Int = 3, _ configuration: ReplicaConfiguration = ReplicaConfiguration()) throws {
        self.configuration = configuration
        founders = (1...count).map { TestCluster.description(MemberID(UInt64($0))) }
        for founder in founders { members.append(TestMember(FoundLog(founders: founders, me: founder.id), configuration)) }
        for member in members { try member.start(now: now) }
        settle()
    }

    static func description(_ id: MemberID, isLearner: Bool = false) -> ClusterMember {
        ClusterMember(id: id, name: isLearner ? "" : "m\(id)", peerURLs: ["http://m\(id):2380"], isLearner: isLearner)
    }

    /// A process for a member that was added, with an empty log.
    @discardableResult
    func join(_ id: MemberID) throws -> TestMember {
        let found = FoundLog(
            memberID: id, clusterID: Identity.cluster(founders: founders.map(\.id)), remotes: founders + [TestCluster.description(id)])
        let member = TestMember(found, configuration)
        members.append(member)
        try member.start(now: now)
        settle()
        return member
    }

    subscript(id: UInt64) -> TestMember { members.first { $0.id == MemberID(id) }! }

    var leader: TestMember? {
        members.filter { $0.isUp && $0.status.isLeader && !cutOff.contains($0.id) && !paused.contains($0.id) }.max { $0.status.term < $1.status.term }
    }

    var followers: [TestMember] { members.filter { $0.isUp && !$0.status.isLeader } }

    /// Lets time pass until there is a leader that all connected members know.
    @discardableResult
    func elect() -> TestMember {
        for _ in 0..<2000 {
            if let leader, leader.status.isReady,
                members.allSatisfy({ !$0.isUp || cutOff.contains($0.id) || paused.contains($0.id) || $0.status.leader == leader.id })
            {
                return leader
            }
            advance(.milliseconds(10))
        }
        fatalError("no leader within 20 s")
    }

    func advance(_ interval: Interval) {
        let end = now + interval
        while now < end {
            now = now + .milliseconds(10)
            settle()
        }
    }

    /// Lets time pass until the condition holds; false if it did not within a minute.
    func wait(_ condition: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<6000 {
            if try condition() { return true }
            advance(.milliseconds(10))
        }
        return try condition()
    }

    @discardableResult
    func send(_ member: TestMember, _ method: Method, _ message: some WireMessage, ticket: UInt64? = nil) -> UInt64 {
        let ticket = member.send(method, message, ticket: ticket, now: now)
        settle()
        return ticket
    }

    /// Sends and waits for the answer; nil when it was refused.
    func call<M: WireMessage>(_ member: TestMember, _ method: Method, _ message: some WireMessage, _ type: M.Type) throws -> M? {
        let ticket = send(member, method, message)
        _ = try wait { try member.answer(ticket, type) != nil || member.failure(ticket) != nil }
        return try member.answer(ticket, type)
    }

    func crash(_ member: TestMember) { member.crash() }

    /// The founder loses its disk and is started as if the cluster were new.
    func startAnew(_ id: UInt64) throws -> TestMember {
        let position = members.firstIndex { $0.id == MemberID(id) }!
        members[position] = TestMember(FoundLog(founders: founders, me: MemberID(id)), configuration)
        try members[position].start(now: now)
        return members[position]
    }

    func restart(_ member: TestMember) throws {
        member.crash()
        try member.start(now: now)
        settle()
    }

    func doJobs(_ member: TestMember) {
        member.doJobs(now: now)
        settle()
    }

    // MARK: Turns

    func settle() {
        updateLinks()
        for _ in 0..<1000 {
            var hasWork = false
            for member in members where !paused.contains(member.id) { hasWork = member.turn(now: now) || hasWork }
            for member in members where !paused.contains(member.id) { deliver(from: member) }
            if !hasWork { return }
        }
        fatalError("the cluster does not come to rest")
    }

    private func updateLinks() {
        var present: Set<Link> = []
        for from in members where from.isUp {
            for to in members where to.isUp && to.id != from.id && isLinked(from.id, to.id) {
                present.insert(Link(from: from.id, to: to.id, starts: [from.starts, to.starts]))
            }
        }
        guard present != links else { return }
        for link in links.subtracting(present) {
            guard let member = running(link.from), member.starts == link.starts[0] else { continue }
            member.step(.link(link.to, isUp: false), now: now)
        }
        for link in present.subtracting(links) { running(link.from)?.step(.link(link.to, isUp: true), now: now) }
        links = present
    }

    private func isLinked(_ a: MemberID, _ b: MemberID) -> Bool {
        !cutOff.contains(a) && !cutOff.contains(b) && !paused.contains(a) && !paused.contains(b)
    }

    private func running(_ id: MemberID) -> TestMember? { members.first { $0.id == id && $0.isUp } }

    private func deliver(from sender: TestMember) {
        for outgoing in sender.takeOutbox() {
            let message = outgoing.message
            precondition(message.kind != .snapshot && message.from != .zero)
            messageCounts[message.kind, default: 0] += 1
            guard isLinked(sender.id, message.to), lets(message) else { continue }
            running(message.to)?.step(.peer([message]), now: now)
        }
        for outgoing in sender.takeSnapshots() {
            if heldSnapshots != nil { heldSnapshots?.append((sender.id, outgoing)) } else { deliver(outgoing, from: sender) }
        }
        for call in sender.takeCalls() { route(call, from: sender) }
        for answer in sender.takePeerAnswers() {
            guard let (caller, id, _) = waitingCalls.removeValue(forKey: answer.ticket) else { continue }
            let result: PeerAnswer = answer.kind == .failure ? .status(answer.code, answer.text) : .body(Bytes(answer.bytes))
            running(caller)?.step(.callAnswered(id, result), now: now)
        }
    }

    /// All members that run are connected to each other, and have been for long enough to be counted on.
    func connect() {
        for member in members where member.isUp {
            for other in members where other.isUp && other.id != member.id { member.step(.link(other.id, isUp: true), now: now) }
        }
        advance(.seconds(6))
    }

    func deliverSnapshots() {
        let held = heldSnapshots ?? []
        heldSnapshots = nil
        for (from, outgoing) in held {
            if let sender = running(from) { deliver(outgoing, from: sender) }
        }
        settle()
    }

    private func deliver(_ outgoing: OutgoingSnapshot, from sender: TestMember) {
        guard isLinked(sender.id, outgoing.to), let target = running(outgoing.to), let database = outgoing.file.content as? MemoryDisk else {
            return sender.step(.snapshotSent(to: outgoing.to, succeeded: false), now: now)
        }
        target.keep(database, at: outgoing.message.snapshot!.metadata.index)
        target.step(.snapshotReceived(outgoing.message, outgoing.file), now: now)
        sender.step(.snapshotSent(to: outgoing.to, succeeded: true), now: now)
    }

    private func route(_ call: PeerCall, from sender: TestMember) {
        guard answersCalls, isLinked(sender.id, call.to), let target = running(call.to) else {
            return sender.step(.callAnswered(call.id, .unreachable("no route")), now: now)
        }
        if let answer = answering(call) { return sender.step(.callAnswered(call.id, answer), now: now) }
        let ticket = nextPeerTicket
        nextPeerTicket += 1
        let request: (method: Method, bytes: Bytes)
        switch call.kind {
        case .leaseKeepAlive(let bytes): request = (.peerLeaseKeepAlive, bytes)
        case .leaseTimeToLive(let bytes): request = (.peerLeaseTimeToLive, bytes)
        case .promote(let id): request = (.peerPromote, Bytes("\(id)"))
        case .hashKV(let revision): request = (.peerHashKV, Bytes("{\"revision\":\(revision)}"))
        case .downgradeEnabled: request = (.peerDowngradeEnabled, Bytes())
        case .version:
            let version = "{\"etcdserver\":\"\(target.configuration.version)\",\"etcdcluster\":\"\(target.configuration.version)\"}"
            return sender.step(.callAnswered(call.id, .body(Bytes(version))), now: now)
        case .members: return sender.step(.callAnswered(call.id, .unreachable("not in this test")), now: now)
        }
        waitingCalls[ticket] = (sender.id, call.id, target.id)
        _ = target.send(request.method, request.bytes, loop: 1, ticket: ticket, now: now)
    }
}
