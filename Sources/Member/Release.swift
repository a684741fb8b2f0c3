import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// What this program says of itself.
package enum Release {
    /// The etcd release whose interfaces and behaviour this one implements: what clients and peers compare.
    package static let etcdVersion = Version(3, 6, 0)
    package static let name = "etcd-swift"
    /// Our own release.
    package static let version = "0.1.0"
}
