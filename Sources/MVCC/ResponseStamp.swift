import Base

/// What every response header says besides the revision.
package struct ResponseStamp: Equatable, Sendable {
    package var clusterID: ClusterID
    package var memberID: MemberID
    package var raftTerm: Term

    package init(clusterID: ClusterID, memberID: MemberID, raftTerm: Term) {
        self.clusterID = clusterID
        self.memberID = memberID
        self.raftTerm = raftTerm
    }
}
