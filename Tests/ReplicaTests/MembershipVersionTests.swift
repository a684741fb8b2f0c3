import Base
import Cluster
import Raft
import Replica
import Storage
import Testing
import Wire

private func says(_ text: String) -> PeerAnswer { .body(Bytes("{\"etcdserver\":\"\(text)\",\"etcdcluster\":\"not_decided\"}")) }

@Suite struct MembershipVersionTests {
    private func downgrade(_ action: Etcdserverpb.DowngradeRequest.DowngradeAction, _ version: String) -> Etcdserverpb.DowngradeRequest {
        Etcdserverpb.DowngradeRequest.with {
            $0.action = action
            $0.version = version
        }
    }

    @Test func `the cluster's version is its lowest member's, and rises with it`() throws {
        let cluster = try TestCluster()
        var answer = says("3.5.16")
        cluster.answering = { call in call.kind == .version ? answer : nil }
        cluster.elect()
        #expect(cluster.wait { cluster.members.allSatisfy { $0.status.clusterVersion == Version(3, 5) } })
        #expect(cluster[1].status.storageVersion == Version(3, 5))
        answer = .unreachable("no route")
        cluster.advance(.seconds(9))
        #expect(cluster[1].status.clusterVersion == Version(3, 5))
        answer = says("3.6.2")
        #expect(cluster.wait { cluster.members.allSatisfy { $0.status.clusterVersion == Version(3, 6) } })
    }

    @Test func `while a founder is silent the version is 3.0`() throws {
        let cluster = try TestCluster()
        cluster.answering = { call in call.kind == .version ? .unreachable("no route") : nil }
        cluster.elect()
        #expect(cluster.wait { cluster[1].status.clusterVersion == Version(3, 0) })
    }

    @Test func `the configured level holds the version down`() throws {
        var configuration = ReplicaConfiguration()
        configuration.maxClusterVersion = Version(3, 5)
        let cluster = try TestCluster(1, configuration)
        cluster.elect()
        #expect(cluster.wait { cluster[1].status.clusterVersion == Version(3, 5) })
        cluster.advance(.seconds(10))
        #expect(cluster[1].status.clusterVersion == Version(3, 5))
    }

    @Test func `in a cluster of 3.4 a member announces itself by a request that 3.4 knows`() throws {
        let cluster = try TestCluster()
        cluster.answering = { call in call.kind == .version ? says("3.4.34") : nil }
        cluster.elect()
        #expect(cluster.wait { cluster.members.allSatisfy { $0.status.clusterVersion == Version(3, 4) } })
        try cluster.restart(cluster[2])
        cluster.elect()
        let path = "/0/members/2/attributes"
        func isBare(_ entry: WALEntry) -> Bool {
            guard let request = try? Etcdserverpb.Request(decoding: entry.data.span) else { return false }
            return request.method == "PUT" && request.path == path && request.val == #"{"name":"m2","clientURLs":["http://m2:2379"]}"#
        }
        #expect(cluster.wait { cluster[1].entries.contains(where: isBare) })
        cluster.advance(.seconds(5))
        #expect(cluster[1].entries.filter(isBare).count == 1)
    }

    @Test func `a downgrade is validated, enabled, followed and cancelled`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        #expect(cluster.wait { cluster.members.allSatisfy { $0.status.clusterVersion == Version(3, 6) } })
        let follower = cluster.followers[0]
        #expect(cluster.refusal(follower, .downgrade, downgrade(.validate, "x")) == "etcdserver: wrong downgrade target version format")
        #expect(cluster.refusal(follower, .downgrade, downgrade(.enable, "3.4")) == "etcdserver: invalid downgrade target version")
        #expect(cluster.refusal(follower, .downgrade, downgrade(.cancel, "")) == "etcdserver: no inflight downgrade job")
        #expect(cluster.refusal(follower, .downgrade, downgrade(.validate, "3.5")) == nil)
        let enabled = try cluster.call(follower, .downgrade, downgrade(.enable, "3.5"), Etcdserverpb.DowngradeResponse.self)
        #expect(enabled?.version == "3.6.0")
        #expect(
            cluster.refusal(leader, .downgrade, downgrade(.enable, "3.5")) == "etcdserver: cluster has a downgrade job in progress"
                || leader.status.clusterVersion == Version(3, 5))
        #expect(cluster.wait { cluster.members.allSatisfy { $0.status.clusterVersion == Version(3, 5) } })
        let status = try #require(try cluster.call(follower, .status, Etcdserverpb.StatusRequest(), Etcdserverpb.StatusResponse.self))
        #expect(status.downgradeInfo?.enabled == true && status.downgradeInfo?.targetVersion == "3.5.0" && status.storageVersion == "3.5.0")
        let cancelled = try cluster.call(leader, .downgrade, downgrade(.cancel, ""), Etcdserverpb.DowngradeResponse.self)
        #expect(cancelled?.version == "3.5.0")
        #expect(cluster.wait { cluster.members.allSatisfy { $0.status.clusterVersion == Version(3, 6) } })
    }

    @Test func `a downgrade is not over while one member runs the higher release`() throws {
        let cluster = try TestCluster()
        let leader = cluster.elect()
        #expect(cluster.wait { leader.status.clusterVersion == Version(3, 6) })
        #expect(cluster.refusal(leader, .downgrade, downgrade(.enable, "3.5")) == nil)
        #expect(cluster.wait { leader.status.clusterVersion == Version(3, 5) && leader.status.downgradeTarget == Version(3, 5) })
        // All but the leader itself.
        cluster.answering = { call in call.kind == .version ? says("3.5.16") : nil }
        cluster.advance(.seconds(10))
        #expect(leader.status.downgradeTarget == Version(3, 5))
    }

    @Test func `a member older than its cluster does not start`() throws {
        let cluster = try TestCluster(1)
        let member = cluster.elect()
        #expect(cluster.wait { member.status.clusterVersion == Version(3, 6) })
        cluster.advance(.seconds(1))
        var old = member.configuration
        old.version = Version(3, 5, 9)
        let found = FoundLog(entries: member.entries, state: member.state, memberID: member.id, clusterID: Identity.cluster(founders: [member.id]))
        #expect(throws: RecoveryError.self) {
            _ = try Replica.recover(
                old, from: found, engine: .memory(member.disk), places: .init(database: "d", log: "l"), wallMilliseconds: 0,
                random: RandomSource(seed: 1), now: cluster.now
            ).writer
        }
    }
}
