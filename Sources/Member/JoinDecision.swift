import Base
import Cluster
import CommandLine
import Platform
import Wire

/// How a member without data finds its place in a running cluster (`--initial-cluster-state existing`; formats.md §9, §10).
///
/// Decides who it is, which cluster that is, and whether it may join; nothing is written before that. Start-up thread.
struct JoinDecision<Peers: RemotePeers> {
    let flags: EtcdConfiguration
    let peers: Peers
    let comparison: PeerURLComparison
    let version: Version
    let logger: Logger
    private let timeout = Interval.seconds(10)

    struct Place: Equatable {
        var me: ClusterMember
        var clusterID: ClusterID
        /// All members as the cluster has told, by which peers are known until the log tells of them.
        var members: [ClusterMember]
    }

    func place(in local: InitialCluster) throws(StartError) -> Place {
        let cluster: RemoteCluster
        do throws(StartError) {
            cluster = try RemoteCluster.fetch(from: local.otherURLs(flags), through: peers, timeout: timeout, logger: logger)
        } catch {
            throw StartError("cannot fetch cluster info from peer urls: \(error.description)")
        }
        let me = try match(local, with: cluster)
        try checkVersions(cluster, me)
        try checkLearners(cluster)
        return Place(me: me, clusterID: cluster.id, members: cluster.members)
    }

    /// Pairs the listed members with the running cluster's by their addresses. Answers which one this is.
    private func match(_ local: InitialCluster, with cluster: RemoteCluster) throws(StartError) -> ClusterMember {
        let listed = cluster.members.map { "\($0.id.hex) \($0.peerURLs.joined(separator: ","))" }.joined(separator: "; ")
        guard cluster.members.count == local.members.count else {
            throw StartError(
                "error validating peerURLs: member count is unequal: --initial-cluster has \(local.members.count) members, the cluster "
                    + "\(cluster.id.hex) has \(cluster.members.count) (\(listed)); add this member first (etcdctl member add) and use the "
                    + "--initial-cluster that it prints")
        }
        var rest = local.members
        var me: ClusterMember?
        for existing in cluster.members {
            var reason = ""
            let position = rest.firstIndex { candidate in
                guard let difference = comparison.difference(urls(existing.peerURLs), urls(candidate.peerURLs)) else { return true }
                reason = difference
                return false
            }
            guard let position else {
                throw StartError(
                    "error validating peerURLs: PeerURLs: no match found for existing member (\(existing.id.hex), "
                        + "[\(existing.peerURLs.joined(separator: " "))]), last resolver error (\(reason)); --initial-cluster must have the "
                        + "same peer URLs as the cluster (\(listed))")
            }
            let name = rest.remove(at: position).name
            if name == flags.name { me = existing }
        }
        guard let me else { preconditionFailure("equal numbers of members were paired") }
        return me
    }

    private func urls(_ texts: [String]) -> [TransportURL] { texts.compactMap { try? TransportURL($0) } }

    /// At least one good answer is needed, and none may be out of range.
    private func checkVersions(_ cluster: RemoteCluster, _ me: ClusterMember) throws(StartError) {
        let range = allowedVersions(isDowngrading: isDowngradeEnabled(cluster, me))
        var good = 0
        for member in cluster.members where member.id != me.id {
            guard let found = versions(of: member) else { continue }
            guard let version = Version(found.cluster) else {
                logger.warn(
                    "failed to parse cluster version of remote member",
                    ["remote-member-id": .string(member.id.hex), "remote-member-cluster-version": .string(found.cluster)])
                continue
            }
            guard range.contains(version) else {
                throw StartError(
                    "incompatible with current running cluster: member \(member.id.hex) has cluster version \(version), which is too "
                        + "\(version < range.lowerBound ? "low" : "high"): this release joins clusters from \(range.lowerBound) to "
                        + "\(range.upperBound)")
            }
            good += 1
        }
        guard good > 0 else {
            throw StartError(
                "incompatible with current running cluster: no member told a usable cluster version; are the peers reachable, and has "
                    + "the cluster a leader?")
        }
    }

    private func allowedVersions(isDowngrading: Bool) -> ClosedRange<Version> {
        let own = version.minorRelease
        let above = Version(own.major, own.minor + 1)
        return isDowngrading ? above...above : Version(3, 0)...own
    }

    private func versions(of member: ClusterMember) -> RemoteVersion? {
        for url in member.peerURLs {
            guard case .success(let answer) = peers.get("/version", at: url, timeout: timeout), answer.status == 200,
                let versions = try? RemoteVersion(json: answer.body.span)
            else {
                logger.warn(
                    "failed to get version of remote member",
                    ["remote-member-id": .string(member.id.hex), "address": .string(url + "/version")])
                continue
            }
            return versions
        }
        return nil
    }

    /// The first answer counts. Releases before 3.5 have none.
    private func isDowngradeEnabled(_ cluster: RemoteCluster, _ me: ClusterMember) -> Bool {
        for member in cluster.members where member.id != me.id {
            for url in member.peerURLs {
                guard case .success(let answer) = peers.get("/downgrade/enabled", at: url, timeout: timeout), answer.status == 200 else {
                    continue
                }
                return answer.body.string == "true"
            }
        }
        return false
    }

    private func checkLearners(_ cluster: RemoteCluster) throws(StartError) {
        let learners = cluster.members.filter(\.isLearner).count
        guard learners <= flags.maxLearners else {
            throw StartError("cannot join: \(learners) learners are in the cluster, more than --max-learners=\(flags.maxLearners)")
        }
    }
}
