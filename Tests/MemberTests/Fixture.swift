import Base
import Cluster
import CommandLine
import Platform

@testable import Member

func configuration(_ arguments: String...) throws -> EtcdConfiguration {
    guard case .serve(let flags, _) = try EtcdInvocation(arguments: arguments, environment: []) else {
        throw StartError("these flags start nothing")
    }
    return flags
}

/// Peers that answer from a table: "URL path" to status, body and cluster id.
struct ScriptedPeers: RemotePeers {
    var answers: [String: (status: Int, body: String)] = [:]
    var clusterID: ClusterID? = ClusterID(0x99)

    func get(_ path: String, at url: String, timeout: Interval) -> Result<RemoteAnswer, RemoteFailure> {
        guard let answer = answers[url + path] else { return .failure(RemoteFailure(description: "connection refused")) }
        return .success(RemoteAnswer(status: answer.status, body: Bytes(answer.body), clusterID: clusterID))
    }
}

/// Names that resolve as a table says, at once.
func names(_ table: [String: String]) -> PeerURLComparison {
    PeerURLComparison { url in
        if let numeric = SocketAddress(numericHost: url.host, port: url.port) { return .success(numeric.description) }
        guard let host = table[url.host] else { return .failure(ResolveError(name: url.host, reason: "no such host")) }
        return .success("\(host):\(url.port)")
    }
}

func startError<R>(_ body: () throws(StartError) -> R) -> String? {
    do throws(StartError) {
        _ = try body()
        return nil
    } catch { return error.description }
}
