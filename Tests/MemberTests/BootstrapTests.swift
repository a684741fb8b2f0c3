import Base
import Cluster
import CommandLine
import Platform
import Replica
import TestSupport
import Testing

@testable import Member

/// What a start refuses before it has written anything.
@Suite struct BootstrapTests {
    private static let cluster = "a=http://127.0.0.1:42380,b=http://127.0.0.1:42480,c=http://127.0.0.1:42580"

    private func flags(_ directory: TemporaryDirectory, state: String = "new") throws -> EtcdConfiguration {
        try configuration(
            "--name=b", "--data-dir=\(directory.path)/data", "--initial-cluster=\(Self.cluster)", "--initial-cluster-state=\(state)",
            "--initial-advertise-peer-urls=http://127.0.0.1:42480")
    }

    private func refusal(_ flags: EtcdConfiguration, _ peers: ScriptedPeers) -> String? {
        let bootstrap = Bootstrap(flags: flags, peers: peers, replicaConfiguration: ReplicaConfiguration(flags, loops: 1), logger: .silent)
        do throws(StartError) {
            _ = try bootstrap.run(now: Clock.now)
            return nil
        } catch { return error.description }
    }

    /// The others run; what they know of this member is given.
    private func running(_ flags: EtcdConfiguration, clientURLs: [String], isMember: Bool = true) throws -> ScriptedPeers {
        let cluster = try InitialCluster(flags)
        var members = cluster.members
        for index in members.indices where members[index].id == cluster.me.id { members[index].clientURLs = clientURLs }
        if !isMember { members.removeAll { $0.id == cluster.me.id } }
        var peers = ScriptedPeers(clusterID: cluster.id)
        // The first founder is down: the second's answer counts too.
        peers.answers["http://127.0.0.1:42580/members"] = (200, "[\(members.map(\.json).joined(separator: ","))]")
        return peers
    }

    @Test func `a founder that has run before and lost its data is refused, and nothing is written`() throws {
        let directory = try TemporaryDirectory()
        let flags = try flags(directory)
        let text = try #require(refusal(flags, try running(flags, clientURLs: ["http://127.0.0.1:2379"])))
        #expect(text.contains("has already been bootstrapped") && text.contains("member remove"), "\(text)")
        #expect(try Files.kind(directory.path + "/data/member/wal") == nil)
        #expect(try Files.list(directory.path + "/data/member/snap").isEmpty)
    }

    @Test func `a founder that was removed is refused`() throws {
        let directory = try TemporaryDirectory()
        let flags = try flags(directory)
        let text = try #require(refusal(flags, try running(flags, clientURLs: [], isMember: false)))
        #expect(text.contains("was removed"), "\(text)")
    }

    @Test func `the cluster at these addresses must be the one that is founded`() throws {
        let directory = try TemporaryDirectory()
        let flags = try flags(directory)
        var peers = try running(flags, clientURLs: [])
        peers.clusterID = ClusterID(1)
        #expect(try #require(refusal(flags, peers)).contains("belongs to cluster 1"))
    }

    @Test func `joining needs somebody to ask`() throws {
        let directory = try TemporaryDirectory()
        let text = try #require(refusal(try flags(directory, state: "existing"), ScriptedPeers()))
        #expect(text.contains("cannot fetch cluster info from peer urls"), "\(text)")
        #expect(try Files.kind(directory.path + "/data/member/wal") == nil)
    }

    @Test func `a database without its log is not taken for an empty directory`() throws {
        let directory = try TemporaryDirectory()
        let flags = try flags(directory)
        try Files.makeDirectories(directory.path + "/data/member/snap")
        try Files.replace(directory.path + "/data/member/snap/lmdb", with: Bytes("x"))
        #expect(try #require(refusal(flags, ScriptedPeers())).contains("no log in"))
    }
}
