import Base

/// Who this member is to its peers: in the headers of every request.
package struct PeerIdentity: Sendable {
    package var memberID: MemberID
    package var clusterID: ClusterID
    /// The etcd release we report, `X.Y.Z`: peers of other minors decide by it whether they talk to us.
    package var serverVersion: String
    /// `--initial-advertise-peer-urls`.
    package var peerURLs: [String]
    /// The number of this member's data directory, by which others of ours know one that lost its disk; 0 is not told.
    package var incarnation: UInt64

    package init(memberID: MemberID, clusterID: ClusterID, serverVersion: String, peerURLs: [String], incarnation: UInt64 = 0) {
        self.memberID = memberID
        self.clusterID = clusterID
        self.serverVersion = serverVersion
        self.peerURLs = peerURLs
        self.incarnation = incarnation
    }
}
