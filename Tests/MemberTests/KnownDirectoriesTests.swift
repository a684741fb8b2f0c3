import Base
import Cluster
import Platform
import TestSupport
import Testing

@testable import Member

/// etcd issue 12227: members that lost their data directories and are started as before must not found their cluster again.
@Suite struct KnownDirectoriesTests {
    private let member = ClusterMember(id: MemberID(7), name: "m7", peerURLs: ["http://10.0.0.7:2380"])

    @Test func `a member with another data directory is refused, also after a restart`() throws {
        let directory = try TemporaryDirectory()
        do {
            let known = KnownDirectories(directory.path, logger: .silent)
            #expect(known.judge(MemberID(7), number: 1, member: member) == nil)
            #expect(known.judge(MemberID(7), number: 1, member: member) == nil)
        }
        let known = KnownDirectories(directory.path, logger: .silent)
        #expect(known.judge(MemberID(7), number: 1, member: member) == nil)
        #expect(known.judge(MemberID(7), number: 2, member: member)!.contains("etcdctl member remove 7"))
        #expect(known.judge(MemberID(8), number: 2, member: nil) == nil)
    }

    @Test func `a removed member is forgotten`() throws {
        let directory = try TemporaryDirectory()
        let known = KnownDirectories(directory.path, logger: .silent)
        _ = known.judge(MemberID(7), number: 1, member: member)
        known.forget([MemberID(7), MemberID(9)])
        #expect(KnownDirectories(directory.path, logger: .silent).judge(MemberID(7), number: 2, member: member) == nil)
    }

    @Test func `a damaged file judges nobody`() throws {
        let directory = try TemporaryDirectory()
        try Files.replace(directory.path + "/incarnations", with: Bytes("7 xyz\n"))
        #expect(KnownDirectories(directory.path, logger: .silent).judge(MemberID(7), number: 2, member: member) == nil)
    }
}
