import Base
import HTTP
import Platform
import Raft

/// Dials one of a peer's streams, reads raft messages from it, and dials again when it ends. Loop's thread.
final class StreamReader: Client1Handler, TimerHandler {
    private unowned let link: PeerLink
    private let kind: StreamKind
    private var connection: Client1Connection?
    private var timer = TimerID.none
    private var isStopped = false
    /// Until the next dial, should this one fail.
    private var delay: Interval
    private var response: Client1Response?
    /// Of an answer that is no stream.
    private var refusalText = ByteBuffer()
    private var messages = MessageStreamCodec.Decoder()
    private var appends: AppendStreamCodec.Decoder
    private var refusalLoggedAt: Instant?
    private var isUp = false
    private var lastWarning = ""

    init(_ link: PeerLink, _ kind: StreamKind) {
        self.link = link
        self.kind = kind
        delay = link.transport.limits.redialDelay
        appends = AppendStreamCodec.Decoder(from: link.id, to: link.transport.identity.memberID)
    }

    private var transport: PeerTransport { link.transport }
    private var isReading: Bool { response?.status == 200 }

    // MARK: Dialling

    func dial() {
        guard !isStopped, connection == nil, let url = link.urlsInOrder.first else { return }
        transport.loop.cancel(timer)
        let identity = transport.identity
        var request = Client1Request(
            "GET", "\(kind.endpoint)/\(identity.memberID.hex)", headers: PeerHeaders.all(identity) + [("X-Raft-To", link.id.hex)])
        request.headTimeout = transport.limits.dialTimeout
        request.silenceTimeout = transport.limits.readTimeout
        response = nil
        refusalText.removeAll()
        messages = MessageStreamCodec.Decoder(limits: transport.limits.codec)
        appends = AppendStreamCodec.Decoder(from: link.id, to: identity.memberID, limits: transport.limits.codec)
        let connection = Client1Connection(transport.client.context, url: url)
        self.connection = connection
        connection.begin(request, self)
    }

    /// There is reason to believe that dialling works now.
    func dialSoon() {
        guard connection == nil, !isStopped else { return }
        delay = transport.limits.redialDelay
        transport.loop.cancel(timer)
        timer = transport.loop.schedule(transport.loop.now + .milliseconds(1), self)
    }

    func timerFired(_ tag: UInt64, now: Instant) { dial() }

    private func redial(afterFailure: Bool) {
        connection = nil
        guard !isStopped else { return }
        let limits = transport.limits
        timer = transport.loop.schedule(transport.loop.now + delay, self)
        delay = afterFailure ? min(delay + delay, limits.redialDelayMax) : limits.redialDelay
    }

    private func setDown() {
        guard isUp else { return }
        isUp = false
        link.readerChanged(isUp: false)
    }

    func stop() {
        setDown()
        isStopped = true
        transport.loop.cancel(timer)
        connection?.close()
        connection = nil
    }

    // MARK: The answer

    func responseBegan(_ connection: Client1Connection, _ response: Client1Response) {
        self.response = response
        guard response.status == 200 else { return }
        guard PeerHeaders.supportsStreams(response.header("x-server-version"), transport.identity) else {
            let version = response.header("x-server-version") ?? "unknown"
            return giveUp(connection, "dial", "the remote peer's version \(version) is too old")
        }
        guard transport.isAnswerOf(link.id, header: { response.header($0) }, refusal: "") else {
            return giveUp(connection, "dial", "the remote peer lost its data directory")
        }
        delay = transport.limits.redialDelay
        lastWarning = ""
        isUp = true
        link.readerChanged(isUp: true)
        link.activate()
        transport.logger.info(
            "established TCP streaming connection with remote peer",
            ["stream-reader-type": "\(kind.name)", "local-member-id": "\(transport.identity.memberID.hex)", "remote-peer-id": "\(link.id.hex)"])
    }

    func responseBody(_ connection: Client1Connection, _ bytes: RawSpan) {
        guard isReading else {
            if refusalText.count < 1024 { refusalText.append(bytes._extracting(unchecked: 0, count: min(1024, bytes.byteCount))) }
            return
        }
        link.metrics.receivedBytes.add(UInt64(bytes.byteCount))
        var decoded = DecodedMessages()
        do throws(PeerCodecError) {
            switch kind {
            case .message: try messages.receive(bytes, into: &decoded)
            case .append: try appends.receive(bytes, into: &decoded)
            }
        } catch {
            link.metrics.receivedFailures.add()
            transport.received(decoded.messages)
            return giveUp(connection, "read", error.description)
        }
        transport.received(decoded.messages)
        if let refusal = decoded.refusal { note(refusal, decoded.refused) }
    }

    private func note(_ refusal: PeerCodecError, _ count: Int) {
        link.metrics.receivedFailures.add(UInt64(count))
        let now = transport.loop.now
        if let last = refusalLoggedAt, now - last < transport.limits.warningInterval { return }
        refusalLoggedAt = now
        transport.logger.warn(
            "ignored a raft message that members do not send each other", ["remote-peer-id": "\(link.id.hex)", "error": "\(refusal)"])
    }

    func responseEnded(_ connection: Client1Connection) {
        guard isReading else {
            connection.close()
            return refused(connection)
        }
        lost("EOF")
        redial(afterFailure: false)
    }

    func failed(_ connection: Client1Connection, _ failure: Client1Failure) {
        if isReading {
            lost(failure.reason)
            if failure.kind != .closed { link.deactivate("read", on: kind.name, failure.reason) }
            redial(afterFailure: false)
        } else if response != nil {
            refused(connection)
        } else {
            dialFailed(connection, failure.reason)
        }
    }

    private func giveUp(_ connection: Client1Connection, _ action: String, _ reason: String) {
        let wasReading = isReading && action == "read"
        connection.close()
        if wasReading { lost(reason) }
        link.deactivate(action, on: kind.name, reason)
        redial(afterFailure: true)
    }

    private func lost(_ reason: String) {
        setDown()
        transport.logger.warn(
            "lost TCP streaming connection with remote peer",
            [
                "stream-reader-type": "\(kind.name)", "local-member-id": "\(transport.identity.memberID.hex)",
                "remote-peer-id": "\(link.id.hex)", "error": "\(reason)",
            ])
    }

    private func dialFailed(_ connection: Client1Connection, _ reason: String) {
        link.failed(connection.url)
        link.deactivate("dial", on: kind.name, reason)
        redial(afterFailure: true)
    }

    /// The peer has answered, and does not write to us.
    private func refused(_ connection: Client1Connection) {
        let text = String(decoding: refusalText.span.array, as: UTF8.self).filter { $0 != "\n" }
        let status = response?.status ?? 0
        _ = transport.isAnswerOf(link.id, header: { response?.header($0) }, refusal: text)
        switch status {
        case 410:
            transport.removed(toldBy: link.id)
            dialFailed(connection, "the member has been permanently removed from the cluster")
        case 404: dialFailed(connection, "peer \(link.id.hex) failed to find local node \(transport.identity.memberID.hex)")
        case 412 where text == "incompatible version":
            warnOnce("request sent was ignored by remote peer due to server version incompatibility", text)
            dialFailed(connection, text)
        case 412 where text == "cluster ID mismatch":
            warnOnce("request sent was ignored by remote peer due to cluster ID mismatch", text)
            dialFailed(connection, text)
        case 412: dialFailed(connection, "unhandled error \"\(text)\" when precondition failed")
        default: dialFailed(connection, "unhandled http status \(status)")
        }
    }

    private func warnOnce(_ message: String, _ error: String) {
        guard lastWarning != message else { return }
        lastWarning = message
        transport.logger.warn(
            message,
            [
                "local-member-id": "\(transport.identity.memberID.hex)", "local-member-cluster-id": "\(transport.identity.clusterID.hex)",
                "local-member-server-version": "\(transport.identity.serverVersion)", "remote-peer-id": "\(link.id.hex)",
                "remote-peer-cluster-id": "\(response?.header("x-etcd-cluster-id") ?? "")",
                "remote-peer-server-version": "\(response?.header("x-server-version") ?? "")", "error": "\(error)",
            ])
    }
}
