import Base

/// The cluster's version: what the leader makes of its members' (formats.md §10), who may start under it, and what a downgrade
/// may aim at. Pure rules, as etcd 3.6 has them.
package enum ClusterVersions {
    /// What is set as long as a founding member has not been heard of.
    package static let minimum = Version(3, 0)

    package enum Decision: Sendable, Equatable {
        case keep
        case set(Version)
        /// A downgrade is under way to a version that the members can't get to in one step.
        case invalidDowngrade(target: Version, from: Version)
    }

    /// The lowest version among the members, capped where one of them asks for it; nil if one is not known.
    package static func lowest(of reports: [VersionReport?]) -> Version? {
        var lowest: Version?
        for report in reports {
            guard let report, let server = report.server else { return nil }
            let version = min(server.minorRelease, report.maxCluster?.minorRelease ?? server.minorRelease)
            lowest = min(lowest ?? version, version)
        }
        return lowest
    }

    /// `reports`: of all members, the leader's own among them; nil where there was no answer.
    package static func decide(current: Version?, reports: [VersionReport?], downgradeTarget: Version?) -> Decision {
        let lowest = lowest(of: reports)
        guard let current else { return .set(lowest ?? minimum) }
        guard let lowest else { return .keep }
        if let target = downgradeTarget {
            if target == current.minorRelease { return .keep }
            guard target == downgrade(of: current) else { return .invalidDowngrade(target: target, from: current) }
            // What the members are capped to is no hindrance: only what they are.
            let servers = reports.compactMap { $0?.server?.minorRelease }.min() ?? lowest
            guard target == downgrade(of: servers) || target == servers else {
                return .invalidDowngrade(target: target, from: servers)
            }
            return .set(target)
        }
        return current.minorRelease < lowest && current.major == lowest.major ? .set(lowest) : .keep
    }

    /// One minor release below: the only target of a downgrade.
    package static func downgrade(of version: Version) -> Version { Version(version.major, version.minor - 1) }

    /// The downgrade is complete when every member runs the target.
    package static func isDowngradeComplete(target: Version, reports: [VersionReport?]) -> Bool {
        reports.allSatisfy { $0?.server?.minorRelease == target.minorRelease }
    }

    /// Why a server of release `own` must not run in a cluster of this version; nil if it may.
    package static func startRefusal(own: Version, cluster: Version?) -> String? {
        guard let cluster, own.minorRelease < cluster.minorRelease else { return nil }
        return "invalid downgrade; server version is lower than determined cluster version: this server is \(own), the cluster is at "
            + "\(cluster). Start a release of at least \(cluster.minorRelease), or downgrade the cluster first with the release it runs "
            + "(etcdctl downgrade enable)"
    }

    /// Whether entries for attributes and version are InternalRaftRequests: members up to 3.4 know them as bare v2 requests
    /// alone (formats.md §2.7). 3.0.0 stands for a version that is not decided yet.
    package static func usesInternalRequests(_ cluster: Version?) -> Bool {
        guard let cluster, cluster.minorRelease != minimum else { return true }
        return cluster.minorRelease >= Version(3, 5)
    }
}
