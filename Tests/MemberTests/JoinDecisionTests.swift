import Base
import Cluster
import CommandLine
import Platform
import Testing

@testable import Member

@Suite struct JoinDecisionTests {
    private static let flags = "a=http://10.0.0.1:2380,b=http://10.0.0.2:2380,c=http://10.0.0.3:2380"

    /// Two members run; the third was added and is to start.
    private static func answers(cluster: String = "3.6.0", third: String = #"{"id":30,"peerURLs":["http://c:2380"],"isLearner":true}"#)
        -> ScriptedPeers
    {
        let list =
            #"[{"id":20,"peerURLs":["http://10.0.0.2:2380"],"name":"b","clientURLs":["x"]},\#(third),{"id":10,"peerURLs":["http://10.0.0.1:2380"],"name":"a"}]"#
        var peers = ScriptedPeers()
        for host in ["10.0.0.1", "10.0.0.2"] {
            peers.answers["http://\(host):2380/members"] = (200, list)
            peers.answers["http://\(host):2380/version"] = (200, #"{"etcdserver":"3.6.0","etcdcluster":"\#(cluster)"}"#)
            peers.answers["http://\(host):2380/downgrade/enabled"] = (200, "false")
        }
        return peers
    }

    private func decide(_ peers: ScriptedPeers, initialCluster: String = Self.flags) throws -> (
        place: JoinDecision<ScriptedPeers>.Place?, error: String
    ) {
        let flags = try configuration("--name=c", "--initial-cluster=\(initialCluster)", "--initial-cluster-state=existing")
        let decision = JoinDecision(
            flags: flags, peers: peers, comparison: names(["c": "10.0.0.3"]), version: Version(3, 6), logger: .silent)
        do throws(StartError) { return (try decision.place(in: InitialCluster(flags)), "") } catch { return (nil, error.description) }
    }

    @Test func `a joining member is the entry with its addresses`() throws {
        let (place, error) = try decide(Self.answers())
        #expect(place?.me.id == MemberID(30) && place?.clusterID == ClusterID(0x99) && place?.members.count == 3, "\(error)")
    }

    @Test func `a member that is silent is passed over`() throws {
        var peers = Self.answers()
        for path in ["/members", "/version", "/downgrade/enabled"] { peers.answers["http://10.0.0.1:2380\(path)"] = nil }
        #expect(try decide(peers).place?.me.id == MemberID(30))
    }

    @Test func `nobody to ask, nothing to join`() throws {
        #expect(try decide(ScriptedPeers()).error.contains("cannot fetch cluster info from peer urls: could not retrieve cluster information"))
        var peers = Self.answers()
        peers.clusterID = nil
        #expect(try decide(peers).error.contains("could not retrieve cluster information"))
        peers = Self.answers()
        peers.answers["http://10.0.0.1:2380/members"] = (200, "[]")
        #expect(try decide(peers).error.contains("failed to get raft cluster member(s) from the given URLs"))
    }

    @Test func `the numbers of members must be equal, and their addresses`() throws {
        #expect(try decide(Self.answers(), initialCluster: Self.flags + ",d=http://10.0.0.4:2380").error.contains("member count is unequal"))
        let other = Self.answers(third: #"{"id":30,"peerURLs":["http://10.0.0.9:2380"]}"#)
        #expect(try decide(other).error.contains("PeerURLs: no match found for existing member (1e, [http://10.0.0.9:2380])"))
    }

    @Test(arguments: ["3.7.0", "2.9.0", "not_decided"]) func `the cluster's version must be one that this release speaks`(_ version: String) throws {
        #expect(try decide(Self.answers(cluster: version)).error.contains("incompatible with current running cluster"))
    }

    @Test func `while a downgrade is on, only the release that it leads to may join`() throws {
        var peers = Self.answers()
        peers.answers["http://10.0.0.1:2380/downgrade/enabled"] = (200, "true")
        #expect(try decide(peers).error.contains("incompatible"))
        var above = Self.answers(cluster: "3.7.0")
        above.answers["http://10.0.0.1:2380/downgrade/enabled"] = (200, "true")
        #expect(try decide(above).place != nil)
    }
}
