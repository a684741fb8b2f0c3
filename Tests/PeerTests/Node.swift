import Base
import CSystem
import HTTP
import Peer
import Platform
import Raft
import Replica
import TestSupport

/// A member as its peers see it: a transport on a loop that the test turns itself. No threads but those that save snapshots.
final class Node: PeerTransportDelegate {
    let loop: EventLoop
    let listener: Listener
    let metrics = MetricsRegistry()
    let id: MemberID
    private(set) var transport: PeerTransport!
    let directory: TemporaryDirectory

    var messages: [Message] = []
    var snapshots: [(message: Message, path: String)] = []
    var unreachables: [MemberID] = []
    var sent: [(to: MemberID, succeeded: Bool)] = []
    var answers: [UInt64: PeerAnswer] = [:]
    var requests: [PeerRequest] = []
    var removals: [MemberID] = []
    var active: Set<MemberID> = []
    /// Of each member, whether a stream of it is read.
    var links: [MemberID: Bool] = [:]
    /// Why a member with this data directory is refused.
    var refusals: [UInt64: String] = [:]
    var refusedBecause: [String] = []
    /// What to do with a request at once.
    var answer: ((PeerRequest) -> PeerAnswer)?
    var membersJSON = Bytes("[]\n")
    var versionJSON = Bytes("{\"etcdserver\":\"3.6.0\"}")

    static let cluster = ClusterID(0xC)

    init(
        _ id: UInt64, address: SocketAddress = .loopback(port: 0), cluster: ClusterID = Node.cluster, version: String = "3.6.0",
        incarnation: UInt64 = 0, _ change: (inout PeerLimits) -> Void = { _ in }
    ) throws {
        self.id = MemberID(id)
        loop = try EventLoop()
        directory = try TemporaryDirectory()
        listener = try Listener(address)
        var limits = PeerLimits()
        // A machine that stands still for seconds must not look like a peer that does.
        limits.readTimeout = .seconds(60)
        limits.writeTimeout = .seconds(60)
        limits.callTimeout = .seconds(60)
        change(&limits)
        let identity = PeerIdentity(
            memberID: self.id, clusterID: cluster, serverVersion: version, peerURLs: ["http://\(listener.address)"],
            incarnation: incarnation)
        transport = PeerTransport(
            loop: loop, identity: identity, limits: limits, snapshotDirectory: directory.path, delegate: self, logger: .silent,
            metrics: metrics)
        try transport.serve(listener)
    }

    deinit { transport.close() }

    var url: String { "http://\(listener.address)" }
    var peer: PeerList.Peer { PeerList.Peer(id: id, peerURLs: [url]) }

    func connect(to others: Node..., removed: Set<MemberID> = []) {
        transport.update(PeerList(members: others.map(\.peer), removed: removed))
    }

    /// Turns the nodes' loops until `condition` holds; false after a generous time.
    static func run(_ nodes: Node..., until condition: () -> Bool) -> Bool { run(nodes, until: condition) }

    static func run(_ nodes: [Node], also step: () -> Void = {}, until condition: () -> Bool) -> Bool {
        let limit = Clock.now + .seconds(60)
        while !condition() {
            guard Clock.now < limit else { return false }
            for node in nodes { node.loop.turn(until: Clock.now + .microseconds(500)) }
            step()
        }
        return true
    }

    /// Two members that have heard of each other.
    static func pair(_ change: (inout PeerLimits) -> Void = { _ in }) throws -> (Node, Node)? {
        let a = try Node(1, change)
        let b = try Node(2, change)
        a.connect(to: b)
        b.connect(to: a)
        let connected = run(a, b) { a.isStreaming(b) && b.isStreaming(a) }
        return connected ? (a, b) : nil
    }

    /// Messages sent to `other` take a stream.
    func isStreaming(_ other: Node) -> Bool { transport.streams(to: other.id) == 2 && active.contains(other.id) }

    func metric(_ line: String) -> Double {
        let found = metrics.exposition().split(separator: "\n").first { $0.hasPrefix(line + " ") }
        return found.flatMap { Double($0.dropFirst(line.count + 1)) } ?? 0
    }

    // MARK: Delegate

    func received(_ messages: [Message]) { self.messages += messages }
    func received(snapshot message: Message, path: String) { snapshots.append((message, path)) }
    func unreachable(_ id: MemberID) { unreachables.append(id) }
    func snapshotSent(to id: MemberID, succeeded: Bool) { sent.append((id, succeeded)) }
    func answered(_ call: UInt64, _ answer: PeerAnswer) { answers[call] = answer }
    func requested(_ request: PeerRequest) {
        requests.append(request)
        if let answer { transport.answer(request.token, answer(request)) }
    }
    func removedFromCluster(toldBy id: MemberID) { removals.append(id) }
    func link(_ id: MemberID, isUp: Bool) { links[id] = isUp }
    func judge(_ id: MemberID, incarnation: UInt64) -> String? { refusals[incarnation] }
    func refusedByPeer(_ reason: String) { refusedBecause.append(reason) }
    func activityChanged(of id: MemberID, isActive: Bool) { if isActive { active.insert(id) } else { active.remove(id) } }
}
