import Base
import Cluster
import Testing
import Wire

private func report(_ minor: Int, max: Int? = nil) -> VersionReport {
    VersionReport(server: Version(3, minor, 4), maxCluster: max.map { Version(3, $0) })
}

@Suite struct ClusterVersionTests {
    @Test func `the first version is the lowest member's, or 3.0 while one is silent`() {
        #expect(ClusterVersions.decide(current: nil, reports: [report(6), report(5)], downgradeTarget: nil) == .set(Version(3, 5)))
        #expect(ClusterVersions.decide(current: nil, reports: [report(6), nil], downgradeTarget: nil) == .set(Version(3, 0)))
    }

    @Test func `the version rises when all members can, and does not fall by itself`() {
        #expect(ClusterVersions.decide(current: Version(3, 5), reports: [report(6), report(6)], downgradeTarget: nil) == .set(Version(3, 6)))
        #expect(ClusterVersions.decide(current: Version(3, 5), reports: [report(6), report(5)], downgradeTarget: nil) == .keep)
        #expect(ClusterVersions.decide(current: Version(3, 5), reports: [report(6), nil], downgradeTarget: nil) == .keep)
        #expect(ClusterVersions.decide(current: Version(3, 6), reports: [report(6), report(5)], downgradeTarget: nil) == .keep)
    }

    @Test func `a member that asks for it keeps the cluster down`() {
        #expect(ClusterVersions.decide(current: nil, reports: [report(6), report(6, max: 5)], downgradeTarget: nil) == .set(Version(3, 5)))
        #expect(ClusterVersions.decide(current: Version(3, 5), reports: [report(6), report(6, max: 5)], downgradeTarget: nil) == .keep)
    }

    @Test func `a downgrade goes down by one and stays there`() {
        let target = Version(3, 5)
        #expect(ClusterVersions.decide(current: Version(3, 6), reports: [report(6), report(6)], downgradeTarget: target) == .set(target))
        #expect(ClusterVersions.decide(current: Version(3, 5), reports: [report(6), report(5)], downgradeTarget: target) == .keep)
        #expect(
            ClusterVersions.decide(current: Version(3, 7), reports: [report(7)], downgradeTarget: target)
                == .invalidDowngrade(target: target, from: Version(3, 7)))
        #expect(!ClusterVersions.isDowngradeComplete(target: target, reports: [report(6), report(5)]))
        #expect(!ClusterVersions.isDowngradeComplete(target: target, reports: [report(5), nil]))
        #expect(ClusterVersions.isDowngradeComplete(target: target, reports: [report(5), report(5)]))
    }

    @Test func `a server below the cluster's version does not start`() {
        #expect(ClusterVersions.startRefusal(own: Version(3, 6), cluster: nil) == nil)
        #expect(ClusterVersions.startRefusal(own: Version(3, 6, 2), cluster: Version(3, 6)) == nil)
        #expect(ClusterVersions.startRefusal(own: Version(3, 6), cluster: Version(3, 7))?.contains("invalid downgrade") == true)
    }

    @Test func `members of 3.4 get the entries that they know`() {
        #expect(!ClusterVersions.usesInternalRequests(Version(3, 4)))
        #expect(ClusterVersions.usesInternalRequests(Version(3, 5)))
        #expect(ClusterVersions.usesInternalRequests(nil))
        #expect(ClusterVersions.usesInternalRequests(Version(3, 0)))
    }

    @Test func `a version's answer is read, ours and Go's`() throws {
        let go = try VersionReport(json: Bytes(#"{"etcdserver":"3.5.16","etcdcluster":"3.5.0"}"#).span)
        #expect(go == VersionReport(server: Version(3, 5, 16), cluster: Version(3, 5)))
        let young = try VersionReport(
            json: Bytes(#"{"etcdserver":"3.6.0","etcdcluster":"not_decided","maxClusterVersion":"3.5.0","server":"x"}"#).span)
        #expect(young == VersionReport(server: Version(3, 6), maxCluster: Version(3, 5), program: "x"))
    }

    @Test func `downgrade requests are checked in etcd's order`() throws {
        #expect(try DowngradeRules.target("3.5") == Version(3, 5))
        #expect(try DowngradeRules.target("3.5.9") == Version(3, 5))
        #expect(throws: GRPCError.wrongDowngradeVersionFormat) { try DowngradeRules.target("x") }
        #expect(throws: GRPCError.clusterVersionUnavailable) { try DowngradeRules.validate(Version(3, 5), cluster: nil, underWay: nil) }
        #expect(throws: GRPCError.invalidDowngradeTargetVersion) {
            try DowngradeRules.validate(Version(3, 4), cluster: Version(3, 6), underWay: Version(3, 5))
        }
        #expect(throws: GRPCError.downgradeInProcess) {
            try DowngradeRules.validate(Version(3, 5), cluster: Version(3, 6), underWay: Version(3, 5))
        }
        try DowngradeRules.validate(Version(3, 5), cluster: Version(3, 6), underWay: nil)
    }

    @Test func `the downgrade's row is etcd's`() throws {
        #expect(DowngradeRules.row(target: Version(3, 5)) == #"{"target-version":"3.5.0","enabled":true}"#)
        #expect(DowngradeRules.row(target: nil) == #"{"target-version":"","enabled":false}"#)
        for target in [Version(3, 5), nil] {
            #expect(try DowngradeRules.target(row: Bytes(DowngradeRules.row(target: target)).span) == target)
        }
    }
}
