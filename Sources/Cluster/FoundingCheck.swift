import Base

/// Whether a member with an empty data directory may found its cluster (`--initial-cluster-state new`), by what the addresses
/// of the other founders answer to GET /members.
///
/// A founder that has run before and comes back without its data has forgotten what it voted for and acknowledged. Two of
/// them could outvote the third and begin the same cluster anew, without its data (etcd issue 12227). So every answer counts
/// here, not the first alone. Who does not answer says nothing: at the very first start nobody does. What is missed then,
/// `Incarnations` finds out later.
package enum FoundingCheck {
    package struct Answer: Sendable, Equatable {
        package var url: String
        package var clusterID: ClusterID
        package var members: [ClusterMember]

        package init(url: String, clusterID: ClusterID, members: [ClusterMember]) {
            self.url = url
            self.clusterID = clusterID
            self.members = members
        }
    }

    /// What to say and stop with; nil: go on.
    package static func refusal(me: ClusterMember, cluster: ClusterID, dataDirectory: String, _ answers: [Answer]) -> String? {
        for answer in answers {
            guard answer.clusterID == cluster else {
                return "\(answer.url) belongs to cluster \(answer.clusterID.hex), but --initial-cluster and --initial-cluster-token found "
                    + "cluster \(cluster.hex): correct them, or join that cluster with --initial-cluster-state=existing; nothing was changed"
            }
            guard let known = answer.members.first(where: { $0.id == me.id }) else {
                return "member \(me.id.hex) (\"\(me.name)\") was removed from cluster \(cluster.hex), says \(answer.url). "
                    + replacing(me, dataDirectory, isRemoved: true)
            }
            if !known.clientURLs.isEmpty {
                return "member \(me.id.hex) has already been bootstrapped, says \(answer.url), but \(dataDirectory) is empty: its data was lost "
                    + "or moved. If it was moved, put it back. " + replacing(me, dataDirectory, isRemoved: false)
            }
        }
        return nil
    }

    static func replacing(_ me: ClusterMember, _ dataDirectory: String, isRemoved: Bool) -> String {
        (isRemoved ? "To come back as a new member: " : "If it is lost, replace the member: etcdctl member remove \(me.id.hex), then ")
            + "etcdctl member add \(me.name.isEmpty ? "NAME" : me.name) --peer-urls=\(me.peerURLs.joined(separator: ",")), "
            + "then start it with --initial-cluster-state=existing, the --initial-cluster that was printed, and an empty --data-dir"
    }
}
