import Base
import Cluster
import Platform
import Wire

/// What running members say of their cluster: their list of members, and the versions they speak.
struct RemoteCluster: Equatable {
    var id: ClusterID
    /// Ascending by id.
    var members: [ClusterMember]

    subscript(id: MemberID) -> ClusterMember? { members.first { $0.id == id } }

    /// Asks the addresses in turn until one gives a list.
    static func fetch(from urls: [String], through peers: some RemotePeers, timeout: Interval, logger: Logger?) throws(StartError) -> RemoteCluster {
        for url in urls {
            switch ask(url, peers, timeout) {
            case .success(let cluster):
                guard !cluster.members.isEmpty else {
                    throw StartError("failed to get raft cluster member(s) from the given URLs: \(url) answers with an empty list")
                }
                return cluster
            case .failure(let failure):
                logger?.warn("failed to get cluster response", ["address": .string(url + "/members"), "error": .string("\(failure)")])
            }
        }
        throw StartError("could not retrieve cluster information from the given URLs")
    }

    static func ask(_ url: String, _ peers: some RemotePeers, _ timeout: Interval) -> Result<RemoteCluster, RemoteFailure> {
        switch peers.get("/members", at: url, timeout: timeout) {
        case .failure(let failure): return .failure(failure)
        case .success(let answer):
            guard answer.status == 200 else { return .failure(RemoteFailure(description: "HTTP status \(answer.status)")) }
            guard let id = answer.clusterID else { return .failure(RemoteFailure(description: "no cluster id in the answer")) }
            do throws(JSONError) {
                return .success(RemoteCluster(id: id, members: try [ClusterMember](json: answer.body.span)))
            } catch {
                return .failure(RemoteFailure(description: "the list of members cannot be read: \(error)"))
            }
        }
    }
}

extension [ClusterMember] {
    /// The body of GET /members (http.tsv), ascending by id.
    init(json text: RawSpan) throws(JSONError) {
        var reader = try JSONReader(text)
        self.init()
        guard try reader.beginList() else { return }
        while try reader.nextElement() { append(ClusterMember(try MemberDescription(reading: &reader))) }
        sort { $0.id < $1.id }
    }
}

/// The body of GET /version.
struct RemoteVersion: Equatable {
    var server = ""
    var cluster = ""

    init(json text: RawSpan) throws(JSONError) {
        var reader = try JSONReader(text)
        try reader.open()
        var seen: UInt64 = 0
        while let field = try reader.next("etcdserver,etcdcluster", &seen) {
            let value = try reader.string() ?? ""
            if field == 0 { server = value } else { cluster = value }
        }
    }
}
