import Base
import Wire

/// The checks of Maintenance.Downgrade, in etcd's order.
package enum DowngradeRules {
    /// The version that a request names: `3.5.0` or `3.5`; its patch does not count.
    package static func target(_ text: String) throws(GRPCError) -> Version {
        guard let version = Version(text) ?? Version(text + ".0") else { throw .wrongDowngradeVersionFormat }
        return version.minorRelease
    }

    /// Whether the cluster can be downgraded to `target` now. To be asked behind a read barrier.
    package static func validate(_ target: Version, cluster: Version?, underWay: Version?) throws(GRPCError) {
        guard let cluster else { throw .clusterVersionUnavailable }
        guard target == ClusterVersions.downgrade(of: cluster) else { throw .invalidDowngradeTargetVersion }
        guard underWay == nil else { throw .downgradeInProcess }
    }

    /// The row `downgrade` of the bucket `cluster` (formats.md §4.2).
    package static func row(target: Version?) -> String {
        "{\"target-version\":\"\(target?.description ?? "")\",\"enabled\":\(target != nil)}"
    }

    /// What the row says; nil: no downgrade is under way.
    package static func target(row: RawSpan) throws(JSONError) -> Version? {
        var reader = try JSONReader(row)
        try reader.open()
        var seen: UInt64 = 0
        var target: Version?
        var isEnabled = false
        while let field = try reader.next("target-version,enabled", &seen) {
            if field == 0 { target = try reader.string().flatMap { Version($0) } } else { isEnabled = try reader.bool() ?? false }
        }
        return isEnabled ? target : nil
    }
}
