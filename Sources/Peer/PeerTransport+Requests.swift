import Base
import HTTP
import Platform
import Raft
import Replica

/// The questions of other members that are no raft messages: their list, versions, leases, hashes (http.tsv, rows `peer`).
extension PeerTransport {
    func answerMember(_ stream: StreamHandle, _ request: HTTPRequest, _ path: String) {
        let json = ("Content-Type", "application/json")
        switch path {
        case "/version":
            guard allow("GET", stream, request) else { return }
            respond(stream, 200, delegate.versionJSON, [json])
        case "/members":
            guard allow("GET", stream, request) else { return }
            respond(stream, 200, delegate.membersJSON, [clusterHeader, json])
        case "/members/hashkv":
            guard allow("GET", stream, request) else { return }
            if let cluster = request.header("x-etcd-cluster-id"), !cluster.isEmpty, cluster != identity.clusterID.hex {
                return refuse(stream, 412, "cluster ID mismatch", [clusterHeader])
            }
            ask(stream, .hashKV, request.body)
        case "/downgrade/enabled":
            guard allow("GET", stream, request) else { return }
            ask(stream, .downgradeEnabled, Bytes())
        case "/leases", "/leases/internal":
            guard allow("POST", stream, request, "Method not allowed") else { return }
            guard request.body.count <= limits.leaseRequestBytesMax else { return refuse(stream, 413, "request body too large") }
            ask(stream, path == "/leases" ? .leaseKeepAlive : .leaseTimeToLive, request.body)
        case _ where path.hasPrefix("/members/promote/"):
            guard allow("POST", stream, request) else { return }
            let text = path.dropFirst("/members/promote/".count)
            guard !text.hasPrefix("+"), let id = UInt64(text) else {
                return refuse(stream, 404, "member \(text) not found in cluster", [clusterHeader])
            }
            ask(stream, .promote, Bytes(String(id)))
        default: refuse(stream, 404, "404 page not found")
        }
    }

    private func ask(_ stream: StreamHandle, _ kind: PeerRequest.Kind, _ body: Bytes) {
        guard requests.count < limits.requestsMax else { return refuse(stream, 503, "too many requests of peers wait") }
        requests[stream] = kind
        delegate.requested(PeerRequest(token: stream.rawValue, kind: kind, body: body))
    }

    /// Answers a request of a peer. A status that is not 200 goes with its text; one that has no text of its own in etcd (500 to a
    /// promotion) is given etcd's JSON.
    package func answer(_ token: UInt64, _ answer: PeerAnswer) {
        let stream = StreamHandle(rawValue: token)
        guard let kind = requests.removeValue(forKey: stream) else { return }
        switch answer {
        case .body(let body): respond(stream, 200, body, headers(kind))
        case .status(500, _) where kind == .promote:
            respond(stream, 500, Bytes("{\"message\":\"Internal Server Error\"}"), [clusterHeader, ("Content-Type", "application/json")])
        case .status(let status, let text): refuse(stream, status, text, hasClusterHeader(kind) ? [clusterHeader] : [])
        case .unreachable(let text): refuse(stream, 500, text)
        }
    }

    private func hasClusterHeader(_ kind: PeerRequest.Kind) -> Bool {
        switch kind {
        case .promote, .hashKV, .downgradeEnabled: true
        case .leaseKeepAlive, .leaseTimeToLive: false
        }
    }

    private func headers(_ kind: PeerRequest.Kind) -> [(String, String)] {
        switch kind {
        case .promote, .hashKV: [clusterHeader, ("Content-Type", "application/json")]
        case .downgradeEnabled: [clusterHeader, ("Content-Type", "text/plain")]
        case .leaseKeepAlive, .leaseTimeToLive: [("Content-Type", "application/protobuf")]
        }
    }

    // MARK: Our questions

    /// Asks a member; the delegate's `answered` tells the answer.
    package func call(_ call: PeerCall) {
        guard let peer = peers[call.to], !peer.urls.isEmpty else {
            return delegate.answered(call.id, .unreachable("member \(call.to.hex) is not known"))
        }
        var request = PeerTransport.request(call.kind, identity)
        request.deadline = limits.callTimeout
        // Neither of these does anything twice that once would not do; a promotion that comes twice is refused.
        let isRepeatable = if case .promote = call.kind { false } else { true }
        client.send(request, to: peer.urlsInOrder, bodyBytesMax: limits.callResponseBytesMax, isRepeatable: isRepeatable) {
            [weak self] result in
            let answer: PeerAnswer =
                switch result {
                case .success(let response) where response.status == 200: .body(response.body)
                case .success(let response): .status(response.status, PeerTransport.line(response.body))
                case .failure(let failure): .unreachable(failure.reason)
                }
            self?.delegate.answered(call.id, answer)
        }
    }

    private static func line(_ body: Bytes) -> String {
        let text = body.string
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func request(_ kind: PeerCallKind, _ identity: PeerIdentity) -> Client1Request {
        let protobuf = [(name: "Content-Type", value: "application/protobuf")]
        let cluster = [(name: "X-Etcd-Cluster-ID", value: identity.clusterID.hex)]
        return switch kind {
        case .version: Client1Request("GET", "/version")
        case .members: Client1Request("GET", "/members")
        case .leaseKeepAlive(let body): Client1Request("POST", "/leases", headers: protobuf, body: .bytes(body))
        case .leaseTimeToLive(let body): Client1Request("POST", "/leases/internal", headers: protobuf, body: .bytes(body))
        case .promote(let id): Client1Request("POST", "/members/promote/\(id.rawValue)")
        case .hashKV(let revision):
            Client1Request("GET", "/members/hashkv", headers: cluster, body: .bytes(Bytes("{\"revision\":\(revision)}")))
        case .downgradeEnabled: Client1Request("GET", "/downgrade/enabled")
        }
    }
}
