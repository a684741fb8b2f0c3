/// What the programs of this suite say of themselves.
package enum Release {
    /// The etcd release whose interfaces and behaviour this one implements: what clients and peers compare.
    package static let etcd = "3.6.0"
    package static let api = "3.6"
    package static let name = "etcd-swift"
    /// Our own release.
    package static let version = "0.1.0"
}
