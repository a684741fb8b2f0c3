import Base

/// One member of the cluster as the configuration log and the database describe it.
package struct ClusterMember: Equatable, Sendable {
    package var id: MemberID
    /// Empty until the member has started and published its attributes.
    package var name: String
    package var peerURLs: [String]
    /// Empty until the member has started and published its attributes.
    package var clientURLs: [String]
    package var isLearner: Bool

    package init(id: MemberID, name: String, peerURLs: [String], clientURLs: [String] = [], isLearner: Bool = false) {
        self.id = id
        self.name = name
        self.peerURLs = peerURLs
        self.clientURLs = clientURLs
        self.isLearner = isLearner
    }

    /// Whether the member has announced itself since it was added.
    package var isStarted: Bool { !name.isEmpty }
}
