import Base
import Cluster
import Platform
import Raft
import Replica
import Testing

@testable import Member

/// What an operator has to be told was in no log: elections, alarms, changes of the membership.
@Suite struct StatusNewsTests {
    private let me = MemberID(0xa)
    private let other = MemberID(0xb)

    private func status(_ change: (inout ReplicaStatus) -> Void = { _ in }) -> ReplicaStatus {
        var status = ReplicaStatus()
        status.term = Term(7)
        status.members = [
            ClusterMember(id: me, name: "one", peerURLs: ["http://10.0.0.1:2380"]),
            ClusterMember(id: other, name: "two", peerURLs: ["http://10.0.0.2:2380"]),
        ]
        change(&status)
        return status
    }

    private func told(_ old: ReplicaStatus, _ new: ReplicaStatus) -> [String] {
        StatusNews.between(old, new, me: me).map { "\($0.level.name): \($0.message)" }
    }

    @Test func `nothing new is no line`() {
        #expect(told(ReplicaStatus(), ReplicaStatus()) == [])
        #expect(told(status(), status { $0.isReady = true }) == [])
        #expect(told(ReplicaStatus(), status()) == [])
    }

    @Test func `who leads is told in etcd's words`() {
        let none = status()
        let mine = status { ($0.leader, $0.isLeader) = (me, true) }
        let others = status { $0.leader = other }
        #expect(told(none, mine) == ["info: a became leader at term 7"])
        #expect(told(none, others) == ["info: raft.node: a elected leader b at term 7"])
        #expect(told(mine, others) == ["info: raft.node: a changed leader from a to b at term 7"])
        #expect(told(others, none) == ["warn: raft.node: a lost leader b at term 7"])
        let news = StatusNews.between(none, others, me: me)
        #expect(news[0].fields.contains { $0.key == "leader-name" && $0.value == .string("two") })
    }

    @Test func `a cluster that stays without a leader is an error that names its members`() throws {
        let news = StatusNews.between(status(), status { $0.isLeaderless = true }, me: me)
        #expect(news.count == 1 && news[0].level == .error && news[0].message.contains("no leader"))
        let members = try #require(news[0].fields.first { $0.key == "members" }?.value)
        #expect(members == .strings(["a one http://10.0.0.1:2380", "b two http://10.0.0.2:2380"]))
    }

    @Test func `an alarm is told when it is raised, also by a start that finds it, and when it is gone`() {
        let full = status { $0.alarms = [.init(member: other, kind: Alarms.noSpace)] }
        let corrupt = status { $0.alarms = [.init(member: other, kind: Alarms.corrupt)] }
        #expect(told(status(), full) == ["warn: alarm raised"])
        #expect(told(ReplicaStatus(), corrupt) == ["error: alarm raised"])
        #expect(told(full, status()) == ["info: alarm disarmed"])
    }

    @Test func `members that come, go and change are told`() {
        let third = MemberID(0xc)
        let learner = status {
            $0.members.append(ClusterMember(id: third, name: "", peerURLs: ["http://10.0.0.3:2380"], isLearner: true))
        }
        let named = status {
            $0.members.append(ClusterMember(id: third, name: "three", peerURLs: ["http://10.0.0.3:2380"], isLearner: true))
        }
        let promoted = status { $0.members.append(ClusterMember(id: third, name: "three", peerURLs: ["http://10.0.0.3:2380"])) }
        #expect(told(status(), learner) == ["info: added member as learner"])
        #expect(told(learner, named) == ["info: updated member"])
        #expect(told(named, promoted) == ["info: promoted member"])
        #expect(told(promoted, status()) == ["warn: removed member"])
    }

    @Test func `the cluster's version is told`() {
        let decided = status { $0.clusterVersion = Version(3, 5) }
        let raised = status { $0.clusterVersion = Version(3, 6) }
        #expect(told(status(), decided) == ["info: set initial cluster version"])
        #expect(told(decided, raised) == ["info: updated cluster version"])
    }
}
