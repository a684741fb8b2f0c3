import Base

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

/// Nobody answers.
struct NoPeers: RemotePeers {
    func get(_ path: String, at url: String, timeout: Interval) -> Result<RemoteAnswer, RemoteFailure> {
        .failure(RemoteFailure(description: "no connection"))
    }
}
