import Base
import Cluster
import CommandLine
import Replica

/// The cluster that `--initial-cluster` describes, with the identities that follow from it (formats.md §9).
///
/// Decides the entries that every founder writes by itself (formats.md §2.7): they are the same bytes on all of them, so
/// nothing of this machine may go in. Used once, at the first start.
struct InitialCluster: Equatable {
    /// Ascending by id.
    let members: [ClusterMember]
    let me: ClusterMember
    let id: ClusterID

    init(_ flags: EtcdConfiguration) throws(StartError) {
        var members: [ClusterMember] = []
        for founder in flags.initialCluster {
            let urls = founder.peerURLs.map(\.text).sorted()
            let member = ClusterMember(
                id: Identity.member(peerURLs: urls, token: flags.initialClusterToken), name: founder.name, peerURLs: urls)
            if let twin = members.first(where: { $0.id == member.id }) {
                throw StartError("member exists with identical ID \(member.id.hex): \"\(twin.name)\" and \"\(member.name)\" of --initial-cluster")
            }
            members.append(member)
        }
        guard let me = members.first(where: { $0.name == flags.name }) else {
            throw StartError(
                "couldn't find local name \"\(flags.name)\" in the initial cluster configuration; add it to --initial-cluster or change --name")
        }
        self.members = members.sorted { $0.id < $1.id }
        self.me = me
        id = Identity.cluster(founders: members.map(\.id))
    }

    /// What every founder writes by itself, as the first of its log.
    var log: FoundLog { FoundLog(founders: members, me: me.id) }

    /// The others' addresses, in the order in which they are asked.
    func otherURLs(_ flags: EtcdConfiguration) -> [String] {
        members.filter { $0.id != me.id }.flatMap(\.peerURLs).sorted()
    }
}
