import Cluster
import CommandLine

extension Release {
    /// `etcd` as members compare it.
    package static let etcdVersion = Version(etcd)!

    package static var platform: String {
        #if arch(x86_64)
            "linux/amd64"
        #else
            "linux/arm64"
        #endif
    }
}
