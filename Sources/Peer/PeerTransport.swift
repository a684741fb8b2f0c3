import Base
import HTTP
import Platform
import Raft
import Replica

/// The links to the other members: raft messages both ways, databases, and questions over HTTP (formats.md §7).
///
/// Decides when to dial, which way a message takes, and what is dropped when a peer does not keep up; a message is nothing
/// that must arrive. What the messages say is the replica's business. Confined to its loop's thread.
///
///     this member                                    a peer
///     StreamReader  -- GET /raft/stream/… -->        StreamWriter     (its messages come in the response)
///     StreamWriter  <-- GET /raft/stream/… --        StreamReader     (ours go out in the response)
///     Pipeline      -- POST /raft -->                                 (while its StreamReader has not dialled)
///     SnapshotSender -- POST /raft/snapshot -->      SnapshotReceiver
package final class PeerTransport: TimerHandler {
    package let loop: EventLoop
    package let identity: PeerIdentity
    package let limits: PeerLimits
    unowned let delegate: any PeerTransportDelegate
    let logger: Logger
    let metricsRegistry: MetricsRegistry
    let snapshotDirectory: String

    /// Nil once closed.
    private(set) var server: HTTPServer?
    var isClosed: Bool { server == nil }
    let client: PeerHTTPClient

    private(set) var peers: [MemberID: PeerLink] = [:]
    /// Senders that no configuration change has named yet: a member that was just added may hear of others sooner than they of
    /// it, and must be answered.
    private(set) var remotes: [MemberID: PeerLink] = [:]
    private(set) var removed: Set<MemberID> = []

    /// Who writes in which response.
    private var writers: [StreamHandle: StreamWriter] = [:]
    var writersToFlush: [StreamWriter] = []
    /// What came in during this turn.
    private var inbox: [Message] = []
    private var lost: Set<MemberID> = []
    /// Peers' requests that the replica has not answered.
    var requests: [StreamHandle: PeerRequest.Kind] = [:]
    var receivers: [StreamHandle: SnapshotReceiver] = [:]
    var receiverNumber: UInt64 = 0
    let saved: Mailbox<SnapshotReceiver.Saved>
    private var savedBatch: [SnapshotReceiver.Saved] = []
    /// The entries encoded last: mostly the same go to all peers in turn.
    private var encodedEntries: EncodedEntries?

    /// A log line that every dial of a stranger would repeat.
    private var repeatedLines: [String: Instant] = [:]
    private var phases: [PhaseHandler] = []
    private var beatTimer = TimerID.none
    private var probeTimer = TimerID.none
    private static let beatTag: UInt64 = 1
    private static let probeTag: UInt64 = 2

    /// One of the transport's places in a turn.
    private final class PhaseHandler: TurnHandler {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
        func turn(now: Instant) { body() }
    }

    /// `snapshotDirectory`: where received databases are put (`member/snap`).
    package init(
        loop: EventLoop, identity: PeerIdentity, limits: PeerLimits = PeerLimits(), snapshotDirectory: String,
        delegate: any PeerTransportDelegate, logger: Logger = .standard, metrics: MetricsRegistry
    ) {
        self.loop = loop
        self.identity = identity
        self.limits = limits
        self.snapshotDirectory = snapshotDirectory
        self.delegate = delegate
        self.logger = logger
        metricsRegistry = metrics
        var clientLimits = Client1Limits()
        clientLimits.connectTimeout = limits.dialTimeout
        client = PeerHTTPClient(loop, limits: clientLimits)
        saved = Mailbox(waker: loop.waker)
        // Before the server's places: what is written in a turn is flushed in it.
        addPhase(.handOver) { [unowned self] in handOver() }
        addPhase(.receive) { [unowned self] in finishSaved() }
        addPhase(.flush) { [unowned self] in flushWriters() }
        server = HTTPServer(loop: loop, limits: PeerTransport.serverLimits(limits), delegate: self)
        beatTimer = loop.schedule(loop.now + beatInterval, self, tag: PeerTransport.beatTag)
        probeTimer = loop.schedule(loop.now + limits.probeInterval, self, tag: PeerTransport.probeTag)
    }

    private static func serverLimits(_ limits: PeerLimits) -> HTTPLimits {
        var http = HTTPLimits()
        http.bodyBytesMax = limits.pipelineBodyBytesMax
        http.writeStallTimeout = limits.writeTimeout
        http.bodyTimeout = limits.snapshotStallTimeout
        http.connectionsMax = limits.connectionsMax
        // A stream's own bound comes first.
        http.connectionOutputBytesMax = limits.streamQueueBytesMax * 2
        return http
    }

    private func addPhase(_ phase: TurnPhase, _ body: @escaping () -> Void) {
        let handler = PhaseHandler(body)
        phases.append(handler)
        loop.addTurnHandler(handler, phase: phase)
    }

    private var beatInterval: Interval { .nanoseconds(limits.readTimeout.nanoseconds / 3) }

    // MARK: Members

    /// Begins to answer peers on a listener.
    package func serve(_ listener: Listener) throws(SystemError) { try server?.serve(listener) }

    /// Connects to these members, and to no others any more; requests of removed ones are refused.
    package func update(_ list: PeerList) {
        guard server != nil else { return }
        removed = list.removed
        let wanted = Set(list.members.map(\.id))
        for id in peers.keys where !wanted.contains(id) { drop(id) }
        for id in remotes.keys where wanted.contains(id) || removed.contains(id) { remotes.removeValue(forKey: id)?.stop() }
        for member in list.members where member.id != identity.memberID {
            let urls = member.peerURLs.compactMap { try? TransportURL($0) }
            if let peer = peers[member.id] {
                guard peer.urls != urls else { continue }
                peer.update(urls)
                logger.info("updated remote peer", ["remote-peer-id": "\(member.id.hex)", "updated-remote-peer-urls": .strings(member.peerURLs)])
            } else {
                let peer = PeerLink(self, id: member.id, urls: urls, isRemote: false)
                peers[member.id] = peer
                logger.info(
                    "added remote peer",
                    [
                        "local-member-id": "\(identity.memberID.hex)", "remote-peer-id": "\(member.id.hex)",
                        "remote-peer-urls": .strings(member.peerURLs),
                    ])
                peer.start()
            }
        }
    }

    private func drop(_ id: MemberID) {
        peers.removeValue(forKey: id)?.stop()
        logger.info("removed remote peer", ["local-member-id": "\(identity.memberID.hex)", "removed-remote-peer-id": "\(id.hex)"])
    }

    /// Remembers where a sender that is no member yet can be reached.
    func addRemote(_ id: MemberID, _ urls: [TransportURL]) {
        guard id != .zero, id != identity.memberID, peers[id] == nil, remotes[id] == nil, !removed.contains(id), !urls.isEmpty,
            remotes.count < limits.remotesMax
        else { return }
        remotes[id] = PeerLink(self, id: id, urls: urls, isRemote: true)
        logger.info("added new remote peer", ["local-member-id": "\(identity.memberID.hex)", "remote-peer-id": "\(id.hex)"])
    }

    /// Since when messages have reached a member without a break; nil when they do not.
    package func activeSince(_ id: MemberID) -> Instant? { peers[id]?.activeSince }

    // MARK: Sending

    /// Sends a message, or drops it and says `unreachable`. Never of kind snapshot.
    package func send(_ message: Message) {
        guard let link = peers[message.to] ?? remotes[message.to] else {
            return logger.debug(
                "ignored message send request; unknown remote peer target",
                ["type": "\(message.kind)", "unknown-target-peer-id": "\(message.to.hex)"])
        }
        guard message.kind != .snapshot else { return }
        link.send(message)
    }

    /// Sends a snapshot message and its database, which is read from `descriptor`; the snapshot's file keeps that open.
    package func send(_ snapshot: OutgoingSnapshot, descriptor: Int32) {
        guard let link = peers[snapshot.to] ?? remotes[snapshot.to], link.snapshotSender == nil, let url = link.urlsInOrder.first else {
            logger.warn(
                "failed to send database snapshot",
                ["remote-peer-id": "\(snapshot.to.hex)", "error": "the peer is not known, or another snapshot is on its way to it"])
            return delegate.snapshotSent(to: snapshot.to, succeeded: false)
        }
        let sender = SnapshotSender(link, snapshot, descriptor: descriptor, url: url)
        link.snapshotSender = sender
        sender.begin()
    }

    /// Entries as the append stream has them; the same bytes for each peer that gets the same entries in a row.
    func encoded(_ entries: [Entry]) -> Bytes {
        if let encodedEntries, encodedEntries.holds(entries) { return encodedEntries.bytes }
        let encoded = EncodedEntries(entries)
        encodedEntries = encoded
        return encoded.bytes
    }

    // MARK: Turns

    /// What a peer sent, to be handed over at the turn's end.
    func received(_ messages: [Message]) {
        for message in messages where message.to == identity.memberID && !removed.contains(message.from) { inbox.append(message) }
    }

    func noteUnreachable(_ id: MemberID) { lost.insert(id) }

    private func handOver() {
        if !inbox.isEmpty {
            delegate.received(inbox)
            inbox.removeAll()
        }
        tellLost()
    }

    private func tellLost() {
        guard !lost.isEmpty else { return }
        let ids = lost
        lost.removeAll()
        for id in ids { delegate.unreachable(id) }
    }

    private func flushWriters() {
        for writer in writersToFlush { writer.flush() }
        writersToFlush.removeAll(keepingCapacity: true)
        encodedEntries = nil
        tellLost()
    }

    private func finishSaved() {
        saved.drain(into: &savedBatch)
        for result in savedBatch { finish(result) }
        savedBatch.removeAll(keepingCapacity: true)
    }

    package func timerFired(_ tag: UInt64, now: Instant) {
        if tag == PeerTransport.beatTag {
            for writer in writers.values { writer.beat() }
            beatTimer = loop.schedule(now + beatInterval, self, tag: tag)
        } else {
            for peer in peers.values { peer.probe.run() }
            probeTimer = loop.schedule(now + limits.probeInterval, self, tag: tag)
        }
    }

    // MARK: Streams

    func attach(_ stream: StreamHandle, _ writer: StreamWriter) {
        writer.attach(stream)
        writers[stream] = writer
    }

    func forgetWriter(_ stream: StreamHandle) { writers[stream] = nil }

    func writer(_ stream: StreamHandle) -> StreamWriter? { writers[stream] }

    /// Whether a line about `subject` is due again.
    func mayLog(_ subject: String) -> Bool {
        let now = loop.now
        if let last = repeatedLines[subject], now - last < limits.warningInterval { return false }
        if repeatedLines.count >= 256 { repeatedLines.removeAll() }
        repeatedLines[subject] = now
        return true
    }

    /// A peer says that this member is none any more.
    func removed(toldBy id: MemberID) {
        if mayLog("removed by \(id.hex)") {
            logger.error(
                "the member has been permanently removed from the cluster",
                ["local-member-id": "\(identity.memberID.hex)", "told-by": "\(id.hex)"])
        }
        delegate.removedFromCluster(toldBy: id)
    }

    /// Ends everything at once; the delegate hears nothing more.
    package func close() {
        guard let server else { return }
        self.server = nil
        for peer in peers.values { peer.stop() }
        for remote in remotes.values { remote.stop() }
        peers.removeAll()
        remotes.removeAll()
        server.shutDown()
        client.close()
        loop.cancel(beatTimer)
        loop.cancel(probeTimer)
        for phase in phases { loop.removeTurnHandler(phase) }
        phases.removeAll()
        receivers.removeAll()
        requests.removeAll()
    }
}

extension PeerTransport {
    /// How many of the two streams to a member are up, for tests and status.
    package func streams(to id: MemberID) -> Int {
        guard let peer = peers[id] else { return 0 }
        return (peer.messages.isAttached ? 1 : 0) + (peer.appends.isAttached ? 1 : 0)
    }
}
