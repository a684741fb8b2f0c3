import Base
import HTTP
import Peer

/// One-off questions to other members' peer addresses, at start: answered or not within a time.
protocol RemotePeers {
    /// GET `path` at the peer address `url`.
    func get(_ path: String, at url: String, timeout: Interval) -> Result<RemoteAnswer, RemoteFailure>
}

struct RemoteAnswer {
    var status: Int
    var body: Bytes
    /// Of the header X-Etcd-Cluster-ID, if it holds one.
    var clusterID: ClusterID?
}

struct RemoteFailure: Error, Equatable, CustomStringConvertible {
    var description: String
}

/// Asks over HTTP, and waits.
struct HTTPRemotePeers: RemotePeers {
    func get(_ path: String, at url: String, timeout: Interval) -> Result<RemoteAnswer, RemoteFailure> {
        let address: TransportURL
        do throws(TransportURLError) { address = try TransportURL(url) } catch {
            return .failure(RemoteFailure(description: error.reason))
        }
        var request = Client1Request("GET", path)
        request.deadline = timeout
        switch PeerHTTPClient.sendNow(request, to: [address]) {
        case .failure(let failure): return .failure(RemoteFailure(description: "\(failure)"))
        case .success(let response):
            let id = response.header("x-etcd-cluster-id").flatMap { UInt64($0, radix: 16) }
            return .success(RemoteAnswer(status: response.status, body: response.body, clusterID: id.map { ClusterID($0) }))
        }
    }
}
