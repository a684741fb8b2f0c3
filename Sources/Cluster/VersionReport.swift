import Base
import Wire

/// What a member says of itself under GET /version.
package struct VersionReport: Sendable, Equatable {
    /// The etcd release that it behaves as; nil if its text is none.
    package var server: Version?
    package var cluster: Version?
    /// Ours alone: `--max-cluster-version`.
    package var maxCluster: Version?
    /// Ours alone: the program's name.
    package var program = ""

    package init(server: Version?, cluster: Version? = nil, maxCluster: Version? = nil, program: String = "") {
        self.server = server
        self.cluster = cluster
        self.maxCluster = maxCluster
        self.program = program
    }

    package init(json text: RawSpan) throws(JSONError) {
        var reader = try JSONReader(text)
        try reader.open()
        var seen: UInt64 = 0
        while let field = try reader.next("etcdserver,etcdcluster,maxClusterVersion,server", &seen) {
            let value = try reader.string() ?? ""
            switch field {
            case 0: server = Version(value)
            case 1: cluster = Version(value)
            case 2: maxCluster = Version(value)
            default: program = value
            }
        }
    }
}
