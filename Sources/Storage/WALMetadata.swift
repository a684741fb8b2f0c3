import Base

/// Whose log it is: the first record after the checksum in every segment.
package struct WALMetadata: Hashable, Sendable {
    package var memberID: MemberID
    package var clusterID: ClusterID

    package init(memberID: MemberID, clusterID: ClusterID) {
        self.memberID = memberID
        self.clusterID = clusterID
    }
}
