import Base
import Cluster
import CommandLine
import Raft
import Storage

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
            throw StartError("couldn't find local name \"\(flags.name)\" in the initial cluster configuration; add it to --initial-cluster or change --name")
        }
        self.members = members.sorted { $0.id < $1.id }
        self.me = me
        id = Identity.cluster(founders: members.map(\.id))
    }

    /// The first entries of the log.
    var entries: [WALEntry] {
        members.enumerated().map { position, member in
            let change = ConfigurationChange([.init(.addVoter, member.id)], context: Bytes(member.json))
            return WALEntry(
                term: Term(1), index: LogIndex(UInt64(position + 1)), kind: .configurationChange, data: change.encodedV1())
        }
    }

    /// With which they are saved: committed by agreement of those who start the founders.
    var state: WALHardState { WALHardState(term: Term(1), vote: .zero, commit: LogIndex(UInt64(members.count))) }

    /// The others' addresses, in the order in which they are asked.
    func otherURLs(_ flags: EtcdConfiguration) -> [String] {
        members.filter { $0.id != me.id }.flatMap(\.peerURLs).sorted()
    }
}
