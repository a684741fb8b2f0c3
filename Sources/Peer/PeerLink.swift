import Base
import HTTP
import Platform
import Raft

/// One other member, as seen from the transport: its URLs, whether it is heard of, and the ways to it. Loop's thread.
///
/// Decides which way a message takes (formats.md §7.2, §7.3): appends the append stream, all else the message stream, and
/// anything the pipeline while the stream it belongs to is down.
final class PeerLink {
    let id: MemberID
    unowned let transport: PeerTransport
    let metrics: PeerMetrics
    private(set) var urls: [TransportURL]
    /// Position of the URL that is used until it fails.
    private var picked = 0

    /// Set when messages reach it.
    private(set) var activeSince: Instant?
    private var dropsLoggedAt: Instant?

    private(set) var messages: StreamWriter!
    private(set) var appends: StreamWriter!
    private var readers: [StreamReader] = []
    private var readersUp = 0
    private(set) var pipeline: Pipeline!
    var snapshotSender: SnapshotSender?
    private(set) var probe: Probe!

    /// A member that is not known to be one gets no streams, only answers through the pipeline.
    init(_ transport: PeerTransport, id: MemberID, urls: [TransportURL], isRemote: Bool) {
        self.transport = transport
        self.id = id
        self.urls = urls
        metrics = PeerMetrics(transport.metricsRegistry, local: transport.identity.memberID, remote: id)
        messages = StreamWriter(self, .message)
        appends = StreamWriter(self, .append)
        pipeline = Pipeline(self)
        probe = Probe(self)
        if !isRemote { readers = [StreamReader(self, .append), StreamReader(self, .message)] }
    }

    func start() { for reader in readers { reader.dial() } }

    func stop() {
        for reader in readers { reader.stop() }
        readers.removeAll()
        messages.detach(reason: "this member has closed it")
        appends.detach(reason: "this member has closed it")
        pipeline.stop()
        snapshotSender?.stop()
        metrics.known.set(0)
        if activeSince != nil {
            activeSince = nil
            metrics.active.add(-1)
            metrics.disconnected.add()
        }
    }

    // MARK: URLs

    /// The URL in use first, then those to try after it.
    var urlsInOrder: [TransportURL] { Array(urls[picked...] + urls[..<picked]) }

    func update(_ urls: [TransportURL]) {
        transport.client.forget(self.urls.filter { !urls.contains($0) })
        self.urls = urls
        picked = 0
        for reader in readers { reader.dialSoon() }
    }

    func failed(_ url: TransportURL) {
        if picked < urls.count, urls[picked] == url { picked = (picked + 1) % urls.count }
    }

    // MARK: State

    func activate() {
        guard activeSince == nil else { return }
        activeSince = transport.loop.now
        metrics.active.add(1)
        transport.logger.info("peer became active", ["peer-id": "\(id.hex)"])
        transport.delegate.activityChanged(of: id, isActive: true)
    }

    /// `failure`: "dial", "read", "write", … on `source`.
    func deactivate(_ failure: String, on source: String, _ reason: String) {
        let text = "failed to \(failure) \(id.hex) on \(source) (\(reason))"
        guard activeSince != nil else {
            return transport.logger.debug("peer deactivated again", ["peer-id": "\(id.hex)", "error": "\(text)"])
        }
        activeSince = nil
        metrics.active.add(-1)
        metrics.disconnected.add()
        transport.logger.warn("peer became inactive (message send to peer failed)", ["peer-id": "\(id.hex)", "error": "\(text)"])
        transport.delegate.activityChanged(of: id, isActive: false)
    }

    func readerChanged(isUp: Bool) {
        let before = readersUp
        readersUp += isUp ? 1 : -1
        guard !transport.isClosed else { return }
        if before == 0 || readersUp == 0 { transport.delegate.link(id, isUp: readersUp > 0) }
    }

    /// It dialled us, so it can be dialled.
    func isHeardOf() { for reader in readers { reader.dialSoon() } }

    // MARK: Sending

    func send(_ message: borrowing Message) {
        let isAppend = message.kind == .append
        let isTaken: Bool
        if isAppend, appends.isAttached {
            isTaken = appends.send(message)
        } else if messages.isAttached {
            isTaken = messages.send(message)
        } else {
            isTaken = pipeline.send(message)
        }
        if !isTaken { dropped(message.kind) }
    }

    private func dropped(_ kind: MessageKind) {
        lost()
        let now = transport.loop.now
        if let last = dropsLoggedAt, now - last < transport.limits.warningInterval { return }
        dropsLoggedAt = now
        guard activeSince != nil else { return }
        transport.logger.warn(
            "dropped internal Raft message since sending buffer is full",
            [
                "message-type": "\(kind)", "local-member-id": "\(transport.identity.memberID.hex)", "remote-peer-id": "\(id.hex)",
                "remote-peer-active": true,
            ])
    }

    /// A message to it is lost.
    func lost() {
        metrics.sentFailures.add()
        transport.noteUnreachable(id)
    }
}
