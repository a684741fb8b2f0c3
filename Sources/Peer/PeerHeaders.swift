import Base
import Cluster
import HTTP

/// The header fields by which members know each other, and the checks on them (formats.md §7.1).
enum PeerHeaders {
    static let minClusterVersion = "3.0.0"

    /// Of every request to `/raft…`.
    static func all(_ identity: PeerIdentity) -> [(name: String, value: String)] {
        [
            ("X-Server-From", identity.memberID.hex), ("X-Server-Version", identity.serverVersion),
            ("X-Min-Cluster-Version", minClusterVersion), ("X-Etcd-Cluster-ID", identity.clusterID.hex),
            ("X-PeerURLs", identity.peerURLs.joined(separator: ",")),
        ] + incarnation(identity)
    }

    // Ours alone: members of ours tell each other the numbers of their data directories, so that one that lost its disk and
    // comes back under its old id is known (it has forgotten its votes and its log). Go members take no notice.
    static let incarnationName = "X-Etcd-Swift-Incarnation"
    static let refusedName = "X-Etcd-Swift-Refused"

    static func incarnation(_ identity: PeerIdentity) -> [(name: String, value: String)] {
        guard identity.incarnation != 0 else { return [] }
        let digits = String(identity.incarnation, radix: 16)
        return [(incarnationName, String(repeating: "0", count: 16 - digits.count) + digits)]
    }

    /// The number in a request or response; nil when there is none.
    static func incarnation(_ text: String?) -> UInt64? {
        guard let text, text.utf8.count == 16, let number = UInt64(text, radix: 16), number != 0 else { return nil }
        return number
    }

    /// Why the sender's request is refused, with status 412; nil when it is not.
    static func refusal(_ request: HTTPRequest, _ identity: PeerIdentity) -> String? {
        let sender = version(request.header("x-server-version"))
        let senderMinimum = version(request.header("x-min-cluster-version"))
        let own = version(identity.serverVersion)
        guard sender >= version(minClusterVersion), senderMinimum <= own else { return "incompatible version" }
        guard request.header("x-etcd-cluster-id") == identity.clusterID.hex else { return "cluster ID mismatch" }
        return nil
    }

    /// Whether a member that answers with this version writes the streams that we read: it is not older than ours, or of a minor
    /// that we know.
    static func supportsStreams(_ answered: String?, _ identity: PeerIdentity) -> Bool {
        let other = version(answered)
        return other >= version(identity.serverVersion) || other >= Version(2, 1)
    }

    /// Major and minor; missing or unreadable counts as 2.0.
    private static func version(_ text: String?) -> Version { text.flatMap { Version($0) }?.minorRelease ?? Version(2, 0) }

    /// A hexadecimal id; nil when it is none.
    static func member(_ text: some StringProtocol) -> MemberID? {
        guard !text.isEmpty, text.utf8.count <= 16, text.first != "+", let id = UInt64(text, radix: 16) else { return nil }
        return MemberID(id)
    }

    static func urls(_ text: String) -> [TransportURL] { text.split(separator: ",").compactMap { try? TransportURL(String($0)) } }
}
