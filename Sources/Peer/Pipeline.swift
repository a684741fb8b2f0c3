import Base
import HTTP
import Platform
import Raft

/// Raft messages one by one, each as a POST of its own: while no stream is up (formats.md §7.2). Loop's thread.
final class Pipeline {
    private unowned let link: PeerLink
    private var queue: [(kind: MessageKind, bytes: Bytes)] = []
    private var running = 0
    private var isStopped = false
    private var warnedOf = ""

    init(_ link: PeerLink) { self.link = link }

    private var transport: PeerTransport { link.transport }

    /// False when too many wait already.
    func send(_ message: borrowing Message) -> Bool {
        let limits = transport.limits
        guard queue.count < limits.pipelineQueueMax, !isStopped else { return false }
        queue.append((message.kind, RaftpbCodec.encode(message)))
        postNext()
        return true
    }

    private func postNext() {
        while running < transport.limits.pipelineConnectionsMax, !queue.isEmpty { post(queue.removeFirst().bytes) }
    }

    private func post(_ bytes: Bytes) {
        running += 1
        let limits = transport.limits
        var request = Client1Request(
            "POST", "/raft", headers: PeerHeaders.all(transport.identity) + [("Content-Type", "application/protobuf")], body: .bytes(bytes))
        request.headTimeout = limits.readTimeout
        request.stallTimeout = limits.writeTimeout
        request.silenceTimeout = limits.readTimeout
        let url = link.urlsInOrder.first
        // A proposal that came twice would be applied twice, so nothing is ever sent again here; raft repeats what must arrive.
        transport.client.send(request, to: url.map { [$0] } ?? [], isRepeatable: false) { [weak self] result in
            self?.ended(result, url, bytes.count)
        }
    }

    private func ended(_ result: Result<PeerHTTPClient.Response, Client1Failure>, _ url: TransportURL?, _ count: Int) {
        running -= 1
        guard !isStopped else { return }
        switch result {
        case .success(let response) where response.status == 204:
            warnedOf = ""
            link.activate()
            link.metrics.sentBytes.add(UInt64(count))
        case .success(let response):
            let reason = refusal(response)
            link.deactivate("write", on: "pipeline", reason)
            link.lost()
        case .failure(let failure):
            if let url { link.failed(url) }
            link.deactivate("write", on: "pipeline", failure.reason)
            link.lost()
        }
        postNext()
    }

    private func refusal(_ response: PeerHTTPClient.Response) -> String {
        let text = response.body.string.filter { $0 != "\n" }
        _ = transport.isAnswerOf(link.id, header: { response.header($0) }, refusal: text)
        switch response.status {
        case 412: warnOnce("request sent was ignored by remote peer", text)
        case 403, 410:
            transport.removed(toldBy: link.id)
            return "the member has been permanently removed from the cluster"
        default: break
        }
        return "unexpected http status \(response.status) (\(text))"
    }

    private func warnOnce(_ message: String, _ error: String) {
        guard warnedOf != error else { return }
        warnedOf = error
        transport.logger.warn(
            message,
            ["local-member-id": "\(transport.identity.memberID.hex)", "remote-peer-id": "\(link.id.hex)", "error": "\(error)"])
    }

    func stop() {
        isStopped = true
        queue.removeAll()
    }
}
