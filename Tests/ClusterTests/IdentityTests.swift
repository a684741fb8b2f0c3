import Base
import Cluster
import Testing

/// The examples of formats.md §9, taken from a real etcd.
@Suite struct IdentityTests {
    @Test func `a founding member's id is the digest of its URLs and the token`() {
        #expect(Identity.member(peerURLs: ["http://127.0.0.1:42380"], token: "etcd-cluster").hex == "667880157b8812c8")
        #expect(Identity.member(peerURLs: ["http://127.0.0.1:42380"], token: "tkn").hex == "c1d9e1dcd87c1d32")
    }

    @Test func `the order of the peer URLs does not matter`() {
        let urls = ["http://b:2380", "http://a:2380"]
        #expect(Identity.member(peerURLs: urls, token: "t") == Identity.member(peerURLs: urls.reversed(), token: "t"))
    }

    @Test func `a cluster's id is the digest of its founders' ids in ascending order`() {
        let alone = Identity.member(peerURLs: ["http://127.0.0.1:42380"], token: "etcd-cluster")
        #expect(Identity.cluster(founders: [alone]).hex == "dc50b8daae93b3e0")
        let three = [42580, 42380, 42480].map { Identity.member(peerURLs: ["http://127.0.0.1:\($0)"], token: "tkn") }
        #expect(Set(three.map(\.hex)) == ["c1d9e1dcd87c1d32", "97ac548aa24e9d2f", "a98258a0b7fce85"])
        #expect(Identity.cluster(founders: three).hex == "71ccdea4ed2ba01c")
    }
}

@Suite struct MemberJSONTests {
    @Test func `a founding member's context has its fields in etcd's order and leaves empty ones out`() throws {
        let member = ClusterMember(id: MemberID(7), name: "a<b", peerURLs: ["http://x:1", "http://y:2"])
        #expect(member.json == #"{"id":7,"peerURLs":["http://x:1","http://y:2"],"name":"a\u003cb"}"#)
        let back = ClusterMember(try MemberDescription(json: Bytes(member.json).span))
        #expect(back == member)
    }

    @Test func `a promotion is told from an addition`() throws {
        let text = #"{"id":9,"peerURLs":null,"isPromote":true,"unknown":{"a":[1]}}"#
        let description = try MemberDescription(json: Bytes(text).span)
        #expect(description.isPromotion && description.id == 9 && description.peerURLs.isEmpty)
    }

    @Test(arguments: ["", "{", "[]", #"{"id":-1}"#, #"{"id":"x"}"#, #"{"peerURLs":[1]}"#])
    func `a damaged description is an error`(text: String) {
        #expect(throws: (any Error).self) { try MemberDescription(json: Bytes(text).span) }
    }

    @Test func `only the path of a member's attributes names a member`() {
        #expect(ClusterMember.id(attributesPath: "/0/members/a98258a0b7fce85/attributes")?.hex == "a98258a0b7fce85")
        for path in ["/0/version", "/1/members/ff/attributes", "/0/members/xyz/attributes", "/0/members/ff/raftAttributes/x"] {
            #expect(ClusterMember.id(attributesPath: path) == nil)
        }
    }
}

@Suite struct VersionTests {
    @Test func `a release number is read with its suffixes and ordered by its numbers`() {
        #expect(Version("3.6.0") == Version(3, 6, 0))
        #expect(Version("3.6.0-rc.1+git") == Version(3, 6, 0))
        #expect(Version("3.10.2")! > Version("3.9.9")!)
        for text in ["", "3.6", "3.6.0.1", "a.b.c", "3..0", "-3.6.0"] { #expect(Version(text) == nil) }
    }
}
