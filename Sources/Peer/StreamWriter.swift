import Base
import HTTP
import Platform
import Raft

/// Writes raft messages to one peer, in the response to its dial. Loop's thread.
///
/// Decides what is dropped: whatever comes while too many bytes wait. A peer that takes nothing at all is cut off by the
/// server's write time-out.
final class StreamWriter {
    private unowned let link: PeerLink
    private let kind: StreamKind
    private(set) var handle: StreamHandle?
    private var encoder = AppendStreamCodec.Encoder()
    /// Encoded since the last flush.
    private var pending = ByteBuffer()
    private var isFlushQueued = false
    /// Something was written since the last heartbeat was due.
    private var wroteSinceBeat = false
    /// From here on, entries are worth sharing instead of copying.
    private static let sharedBytesMin = 2048

    init(_ link: PeerLink, _ kind: StreamKind) {
        self.link = link
        self.kind = kind
    }

    private var transport: PeerTransport { link.transport }
    var isAttached: Bool { handle != nil }

    // MARK: Connection

    /// The peer has dialled: this response is where messages go now.
    func attach(_ handle: StreamHandle) {
        detach(reason: "the remote peer has dialled again")
        self.handle = handle
        encoder = AppendStreamCodec.Encoder()
        pending.removeAll()
        wroteSinceBeat = false
        link.activate()
        transport.logger.info(
            "established TCP streaming connection with remote peer",
            ["stream-writer-type": "\(kind.name)", "local-member-id": "\(transport.identity.memberID.hex)", "remote-peer-id": "\(link.id.hex)"])
    }

    /// The connection is gone, or is to go; what waited in it is lost.
    func detach(reason: String) {
        guard let handle else { return }
        let isLossy = !pending.isEmpty || (transport.server?.queuedBytes(handle) ?? 0) > 0
        self.handle = nil
        pending.removeAll(keepingCapacity: false)
        transport.forgetWriter(handle)
        transport.server?.cut(handle)
        if isLossy { link.lost() }
        transport.logger.warn(
            "lost TCP streaming connection with remote peer",
            [
                "stream-writer-type": "\(kind.name)", "local-member-id": "\(transport.identity.memberID.hex)",
                "remote-peer-id": "\(link.id.hex)", "reason": "\(reason)",
            ])
    }

    /// The server says that the connection is closed.
    func closed() {
        detach(reason: "the remote peer has closed it")
        link.deactivate("write", on: kind.name, "the remote peer has closed the connection")
    }

    // MARK: Writing

    /// False when too much waits already.
    func send(_ message: borrowing Message) -> Bool {
        guard let handle, let server = transport.server else { return false }
        guard server.queuedBytes(handle) + pending.count <= transport.limits.streamQueueBytesMax else { return false }
        let before = pending.count
        switch kind {
        case .message: MessageStreamCodec.encode(message, into: &pending)
        case .append: encodeAppend(message, server, handle)
        }
        link.metrics.sentBytes.add(UInt64(max(0, pending.count - before)))
        queueFlush()
        return true
    }

    private func encodeAppend(_ message: borrowing Message, _ server: HTTPServer, _ handle: StreamHandle) {
        guard encoder.continues(message), !message.entries.isEmpty else { return encoder.encode(message, into: &pending) }
        let shared = transport.encoded(message.entries)
        encoder.encodeHead(message, into: &pending)
        if shared.count < StreamWriter.sharedBytesMin {
            pending.append(shared.span)
        } else {
            writePending(server, handle)
            server.write(handle, body: shared)
            link.metrics.sentBytes.add(UInt64(shared.count))
        }
        encoder.encodeTail(message, into: &pending)
    }

    /// So that the peer can tell a quiet link from a dead one.
    func beat() {
        defer { wroteSinceBeat = false }
        guard isAttached, !wroteSinceBeat else { return }
        switch kind {
        case .message: MessageStreamCodec.encodeLinkHeartbeat(into: &pending)
        case .append: AppendStreamCodec.encodeLinkHeartbeat(into: &pending)
        }
        queueFlush()
    }

    private func queueFlush() {
        wroteSinceBeat = true
        guard !isFlushQueued else { return }
        isFlushQueued = true
        transport.writersToFlush.append(self)
    }

    /// At the end of a turn: everything of the turn leaves together.
    func flush() {
        isFlushQueued = false
        guard let handle, let server = transport.server else { return }
        writePending(server, handle)
    }

    private func writePending(_ server: HTTPServer, _ handle: StreamHandle) {
        guard !pending.isEmpty else { return }
        server.write(handle, body: Bytes(pending.freeze()))
    }
}
