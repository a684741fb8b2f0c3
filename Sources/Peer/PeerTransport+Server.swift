import Base
import HTTP
import Platform
import Raft
import Replica

/// What peers ask of this member, and the checks on it, in etcd's order and words (formats.md §7.1, http.tsv).
extension PeerTransport: ServerDelegate {
    package func route(_ path: RawSpan) -> GRPCRoute { .unimplemented }
    package func unary(_ stream: StreamHandle, method: UInt8, message: RawSpan, _ metadata: borrowing CallMetadata) {}
    package func streamOpened(_ stream: StreamHandle, method: UInt8, _ metadata: borrowing CallMetadata) {}
    package func streamMessage(_ stream: StreamHandle, message: RawSpan) {}
    package func streamHalfClosed(_ stream: StreamHandle) {}
    package func streamWritable(_ stream: StreamHandle) {}
    package func turnEnded() {}

    package func streamClosed(_ stream: StreamHandle) {
        requests[stream] = nil
        if let receiver = receivers.removeValue(forKey: stream) { ended(receiver, succeeded: false) }
        writer(stream)?.closed()
    }

    package func request(_ stream: StreamHandle, _ request: HTTPRequest) {
        let path = request.path
        switch path {
        case "/raft": receivePipeline(stream, request)
        case "/raft/probing": respond(stream, 200, Probe.answer, [("Content-Type", "text/plain; charset=utf-8")])
        // Over HTTP/1.1, POSTs come as `requestBegan`, but for one without a body.
        case "/raft/snapshot":
            guard allow("POST", stream, request), agree(stream, request) else { return }
            refuse(stream, 400, "failed to decode raft message (EOF)")
        case _ where path.hasPrefix("/raft/stream/"): openStream(stream, request, path)
        default: answerMember(stream, request, path)
        }
    }

    // MARK: Answers

    var clusterHeader: (String, String) { ("X-Etcd-Cluster-ID", identity.clusterID.hex) }

    func respond(_ stream: StreamHandle, _ status: Int, _ body: Bytes, _ headers: [(String, String)] = []) {
        server?.respond(stream, status: status, headers: headers + PeerHeaders.incarnation(identity), body: body)
    }

    /// As Go's `http.Error`.
    func refuse(_ stream: StreamHandle, _ status: Int, _ text: String, _ headers: [(String, String)] = []) {
        let all = headers + [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
        respond(stream, status, Bytes(text.hasSuffix("\n") ? text : text + "\n"), all)
    }

    /// False when the method is another: the request is answered.
    func allow(_ method: String, _ stream: StreamHandle, _ request: HTTPRequest, _ text: String = "Method Not Allowed") -> Bool {
        guard request.method != method else { return true }
        refuse(stream, 405, text, [("Allow", method)])
        return false
    }

    /// Whether the sender's version and cluster are those of a peer. False: the request is answered.
    private func agree(_ stream: StreamHandle, _ request: HTTPRequest, _ headers: [(String, String)] = []) -> Bool {
        guard let reason = PeerHeaders.refusal(request, identity) else { return isSameDirectory(stream, request, headers) }
        logRefusal(reason, request)
        refuse(stream, 412, reason, headers + [clusterHeader])
        return false
    }

    private func logRefusal(_ reason: String, _ request: HTTPRequest) {
        let sender = request.header("x-server-from") ?? ""
        guard mayLog("\(reason) \(sender.prefix(16))") else { return }
        logger.warn(
            "request was refused: \(reason)",
            [
                "local-member-id": "\(identity.memberID.hex)", "local-member-cluster-id": "\(identity.clusterID.hex)",
                "local-member-server-version": "\(identity.serverVersion)", "remote-peer-server-name": "\(sender)",
                "remote-peer-server-version": "\(request.header("x-server-version") ?? "")",
                "remote-peer-cluster-id": "\(request.header("x-etcd-cluster-id") ?? "")",
            ])
    }

    private func isSameDirectory(_ stream: StreamHandle, _ request: HTTPRequest, _ headers: [(String, String)]) -> Bool {
        guard let from = request.header("x-server-from").flatMap({ PeerHeaders.member($0) }), !removed.contains(from),
            let number = PeerHeaders.incarnation(request.header(PeerHeaders.incarnationName.lowercased())),
            let reason = delegate.judge(from, incarnation: number)
        else { return true }
        if mayLog("\(reason) \(from.hex)") {
            logger.warn("refused a member that lost its data directory", ["remote-peer-id": "\(from.hex)", "error": "\(reason)"])
        }
        refuse(stream, 412, reason, headers + [clusterHeader, (PeerHeaders.refusedName, "incarnation")])
        return false
    }

    /// Looks at what a peer's answer says of its data directory and ours. False when it is not to be believed.
    func isAnswerOf(_ id: MemberID, header: (String) -> String?, refusal: @autoclosure () -> String) -> Bool {
        if header(PeerHeaders.refusedName.lowercased()) != nil {
            delegate.refusedByPeer(refusal())
            return false
        }
        guard let number = PeerHeaders.incarnation(header(PeerHeaders.incarnationName.lowercased())),
            let reason = delegate.judge(id, incarnation: number)
        else { return true }
        if mayLog("\(reason) \(id.hex)") {
            logger.warn(
                "the answer of a member that lost its data directory is ignored", ["remote-peer-id": "\(id.hex)", "error": "\(reason)"])
        }
        return false
    }

    private func rememberSender(_ request: HTTPRequest) {
        guard let from = request.header("x-server-from").flatMap({ PeerHeaders.member($0) }), let urls = request.header("x-peerurls") else {
            return
        }
        addRemote(from, PeerHeaders.urls(urls))
    }

    // MARK: Streams

    private func openStream(_ stream: StreamHandle, _ request: HTTPRequest, _ path: String) {
        let headers = [("X-Server-Version", identity.serverVersion), clusterHeader]
        guard allow("GET", stream, request), agree(stream, request, [headers[0]]) else { return }
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count == 4, let kind = [StreamKind.message, .append].first(where: { path.hasPrefix($0.endpoint + "/") }) else {
            return refuse(stream, 404, "invalid path", headers)
        }
        guard let from = PeerHeaders.member(parts[3]) else { return refuse(stream, 404, "invalid from", headers) }
        guard !removed.contains(from) else {
            if mayLog("rejected \(from.hex)") {
                logger.warn("rejected stream from remote peer because it was removed", ["remote-peer-id": "\(from.hex)"])
            }
            return refuse(stream, 410, "removed member", headers)
        }
        guard let peer = peers[from] else {
            if let urls = request.header("x-peerurls") { addRemote(from, PeerHeaders.urls(urls)) }
            return refuse(stream, 404, "error sender not found", headers)
        }
        guard request.header("x-raft-to") == identity.memberID.hex else { return refuse(stream, 412, "to field mismatch", headers) }
        server?.begin(stream, status: 200, headers: headers + PeerHeaders.incarnation(identity))
        attach(stream, kind == .append ? peer.appends : peer.messages)
        peer.isHeardOf()
    }

    // MARK: Pipeline

    private func receivePipeline(_ stream: StreamHandle, _ request: HTTPRequest) {
        guard allow("POST", stream, request), agree(stream, request) else { return }
        rememberSender(request)
        let message: Message
        do throws(PeerCodecError) { message = try RaftpbCodec.decode(request.body, limits: limits.codec) } catch {
            // etcd steps over what is well-formed and does not travel between members.
            if case .unknownKind = error { return respond(stream, 204, Bytes(), [clusterHeader]) }
            if let link = link(of: request) { link.metrics.receivedFailures.add() }
            return refuse(stream, 400, "error unmarshalling raft message", [clusterHeader])
        }
        if let link = peers[message.from] { link.metrics.receivedBytes.add(UInt64(request.body.count)) }
        guard mismatch(message) == nil, message.kind != .snapshot else {
            server?.begin(stream, status: 500, headers: [clusterHeader, ("Content-Type", "text/plain; charset=utf-8")])
            server?.write(stream, body: Bytes("error processing raft message\n"))
            server?.abort(stream)
            return
        }
        received([message])
        respond(stream, 204, Bytes(), [clusterHeader])
    }

    private func link(of request: HTTPRequest) -> PeerLink? {
        request.header("x-server-from").flatMap { PeerHeaders.member($0) }.flatMap { peers[$0] }
    }

    /// Why a message is not stepped.
    private func mismatch(_ message: Message) -> String? {
        if removed.contains(message.from) { return "cannot process message from removed member" }
        if message.to != identity.memberID { return "cannot process message to mismatch member" }
        return nil
    }

    // MARK: Snapshots

    package func streamsBody(_ target: String) -> Bool { target == "/raft/snapshot" }

    package func requestBegan(_ stream: StreamHandle, _ request: HTTPRequest) {
        guard allow("POST", stream, request), agree(stream, request) else { return }
        rememberSender(request)
        guard receivers.count < limits.snapshotsReceivedMax else {
            return refuse(stream, 500, "failed to save KV snapshot (\(receivers.count) others are being received)", [clusterHeader])
        }
        receiverNumber += 1
        let sender = request.header("x-server-from").flatMap { PeerHeaders.member($0) } ?? .zero
        receivers[stream] = SnapshotReceiver(sender: sender, directory: snapshotDirectory, number: receiverNumber, limits: limits.codec)
        peers[sender]?.metrics.snapshotsComing.add(1)
        logger.info(
            "receiving database snapshot",
            ["local-member-id": "\(identity.memberID.hex)", "remote-snapshot-sender-id": "\(sender.hex)"])
    }

    package func requestBody(_ stream: StreamHandle, _ bytes: RawSpan) {
        guard let receiver = receivers[stream] else { return }
        do throws(SnapshotReceiver.Refusal) {
            try receiver.receive(bytes) { (message: Message) throws(SnapshotReceiver.Refusal) in
                guard let reason = mismatch(message) else { return }
                throw SnapshotReceiver.Refusal(status: 500, text: "failed to process raft message (\(reason))")
            }
        } catch { fail(stream, receiver, error) }
    }

    package func requestEnded(_ stream: StreamHandle) {
        guard let receiver = receivers[stream] else { return }
        do throws(SnapshotReceiver.Refusal) { try receiver.save(stream, saved) } catch { fail(stream, receiver, error) }
    }

    private func fail(_ stream: StreamHandle, _ receiver: SnapshotReceiver, _ refusal: SnapshotReceiver.Refusal) {
        receivers[stream] = nil
        ended(receiver, succeeded: false)
        logger.warn(
            "failed to receive database snapshot",
            ["remote-snapshot-sender-id": "\(receiver.sender.hex)", "bytes": .int(receiver.bytes), "error": "\(refusal.text)"])
        refuse(stream, refusal.status, refusal.text, [clusterHeader])
    }

    /// The file is durable, or is not.
    func finish(_ result: SnapshotReceiver.Saved) {
        guard let receiver = receivers[result.stream] else { return }
        if let failure = result.failure { return fail(result.stream, receiver, SnapshotReceiver.saveFailed(failure)) }
        receivers[result.stream] = nil
        ended(receiver, succeeded: true)
        guard let message = receiver.message else { return }
        logger.info(
            "received and saved database snapshot",
            [
                "remote-snapshot-sender-id": "\(receiver.sender.hex)", "path": "\(receiver.path)", "bytes": .int(receiver.bytes),
                "took": .interval(Clock.now - receiver.started),
            ])
        delegate.received(snapshot: message, path: receiver.path)
        respond(result.stream, 204, Bytes(), [clusterHeader])
    }

    private func ended(_ receiver: SnapshotReceiver, succeeded: Bool) {
        guard let metrics = peers[receiver.sender]?.metrics else { return }
        metrics.snapshotsComing.add(-1)
        if succeeded {
            metrics.snapshotsReceived.add()
            metrics.snapshotReceiveSeconds.observe((Clock.now - receiver.started).seconds)
            metrics.receivedBytes.add(UInt64(receiver.bytes))
        } else {
            metrics.snapshotReceiveFailures.add()
        }
    }
}
