import Base
import Cluster
import CommandLine
import Platform
import Replica
import Storage
import Testing

@testable import Member

@Suite struct InitialClusterTests {
    private let three = "c=http://127.0.0.1:42580,a=http://127.0.0.1:42380,b=http://127.0.0.1:42480"

    private func cluster(name: String, port: Int) throws -> InitialCluster {
        try InitialCluster(
            try configuration(
                "--name=\(name)", "--initial-cluster=\(three)", "--initial-cluster-token=tkn",
                "--initial-advertise-peer-urls=http://127.0.0.1:\(port)"))
    }

    /// The identities are those that release 3.5.30 gave these members (formats.md §9).
    @Test func `founders have etcd's identities, ascending`() throws {
        let cluster = try cluster(name: "b", port: 42480)
        #expect(cluster.members.map(\.id.hex) == ["a98258a0b7fce85", "97ac548aa24e9d2f", "c1d9e1dcd87c1d32"])
        #expect(cluster.id.hex == "71ccdea4ed2ba01c" && cluster.me.name == "b" && cluster.me.id.hex == "97ac548aa24e9d2f")
        #expect(cluster.log.state.commit == LogIndex(3) && cluster.log.state.term == Term(1) && cluster.log.state.vote == .zero)
    }

    @Test func `every founder writes the same entries`() throws {
        let entries = try cluster(name: "a", port: 42380).log.entries
        #expect(entries == (try cluster(name: "b", port: 42480).log.entries) && entries.map(\.index.rawValue) == [1, 2, 3])
        let context = #"{"id":763401411667938949,"peerURLs":["http://127.0.0.1:42580"],"name":"c"}"#
        #expect(entries[0].data.array.suffix(context.utf8.count).elementsEqual(context.utf8))
        #expect(entries.allSatisfy { $0.term == Term(1) && $0.kind == .configurationChange })
    }

    @Test func `members with the same addresses cannot be told apart`() throws {
        let flags = try configuration(
            "--name=a", "--initial-cluster=a=http://127.0.0.1:1,b=http://127.0.0.1:1", "--initial-advertise-peer-urls=http://127.0.0.1:1")
        #expect(startError { () throws(StartError) in try InitialCluster(flags) }!.contains("identical ID"))
    }

    @Test func `the others are asked in the order of their addresses`() throws {
        let flags = try configuration("--name=b", "--initial-cluster=\(three)")
        #expect(try InitialCluster(flags).otherURLs(flags) == ["http://127.0.0.1:42380", "http://127.0.0.1:42580"])
    }
}

@Suite struct PeerURLComparisonTests {
    private func difference(_ a: String, _ b: String) throws -> String? {
        try names(["m1": "10.0.0.1", "m2": "10.0.0.2"]).difference(TransportURL.list(a), TransportURL.list(b))
    }

    @Test func `names count as what they resolve to`() throws {
        #expect(try difference("http://m1:2380", "http://10.0.0.1:2380") == nil)
        #expect(try difference("http://m1:2380,http://m2:2380", "http://10.0.0.2:2380,http://10.0.0.1:2380") == nil)
        #expect(try difference("http://m1:2380", "http://m2:2380")!.contains("10.0.0.1:2380 != http://10.0.0.2:2380"))
        #expect(try difference("http://m1:2380", "http://m3:2380")! == "lookup m3: no such host")
        #expect(try difference("http://m1:2380", "http://m1:2381") != nil)
        #expect(try difference("http://m1:2380", "http://m1:2380,http://m2:2380") != nil)
    }

    @Test func `equal texts are not looked up, and localhost stands for itself`() throws {
        #expect(try difference("http://unknown:2380", "http://unknown:2380") == nil)
        #expect(try difference("http://localhost:2380", "http://127.0.0.1:2380") != nil)
    }

    @Test func `a founder advertises the addresses that the initial cluster lists`() throws {
        let flags = try configuration(
            "--name=a", "--initial-advertise-peer-urls=http://10.0.0.1:2380", "--initial-cluster=a=http://m1:2380,b=http://m2:2380")
        try flags.checkBootstrap(names(["m1": "10.0.0.1", "m2": "10.0.0.2"]))
        #expect(throws: UsageError.self) { try flags.checkBootstrap(names(["m1": "10.0.0.9"])) }
        try flags.checkJoin()
    }
}
