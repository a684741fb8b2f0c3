import Base
import Cluster
import Platform
import Raft
import Replica

/// One log line about what has become of the cluster: who leads, who belongs to it, which alarms are raised.
///
/// Made from two states of the replica's status, so that the replica itself needs no log. The first words are etcd's, which
/// operators search for.
struct StatusNews {
    let level: LogLevel
    let message: String
    let fields: KeyValuePairs<String, LogValue>

    private init(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, LogValue>) {
        self.level = level
        self.message = message
        self.fields = fields
    }

    func write(to logger: Logger) {
        switch level {
        case .error: logger.error(message, fields)
        case .warn: logger.warn(message, fields)
        case .debug, .info, .panic, .fatal: logger.info(message, fields)
        }
    }

    /// `me`: the member that writes this down.
    static func between(_ old: ReplicaStatus, _ new: ReplicaStatus, me: MemberID) -> [StatusNews] {
        var news: [StatusNews] = []
        if old.leader != new.leader || old.isLeader != new.isLeader { news.append(leader(old, new, me)) }
        if !old.isLeaderless, new.isLeaderless { news.append(noLeader(new, me)) }
        // What a start finds is told by the start itself.
        if !old.members.isEmpty, old.members != new.members { appendMembers(old, new, me, to: &news) }
        if old.alarms != new.alarms { appendAlarms(old, new, me, to: &news) }
        if old.clusterVersion != new.clusterVersion, let version = new.clusterVersion {
            let to = LogValue.string("\(version)")
            news.append(
                old.clusterVersion.map { StatusNews(.info, "updated cluster version", ["from": .string("\($0)"), "to": to]) }
                    ?? StatusNews(.info, "set initial cluster version", ["cluster-version": to]))
        }
        return news
    }

    // MARK: The leader

    private static func leader(_ old: ReplicaStatus, _ new: ReplicaStatus, _ me: MemberID) -> StatusNews {
        let term = new.term.rawValue
        let fields: KeyValuePairs<String, LogValue> = [
            "local-member-id": .hex(me.rawValue), "leader": .hex(new.leader.rawValue), "leader-name": .string(name(new.leader, new)),
            "term": .uint(term),
        ]
        if new.isLeader { return StatusNews(.info, "\(me.hex) became leader at term \(term)", fields) }
        if new.leader == .zero {
            return StatusNews(
                .warn, "raft.node: \(me.hex) lost leader \(old.leader.hex) at term \(term)",
                ["local-member-id": .hex(me.rawValue), "lost-leader-name": .string(name(old.leader, old)), "term": .uint(term)])
        }
        guard old.leader != .zero, old.leader != new.leader else {
            return StatusNews(.info, "raft.node: \(me.hex) elected leader \(new.leader.hex) at term \(term)", fields)
        }
        return StatusNews(
            .info, "raft.node: \(me.hex) changed leader from \(old.leader.hex) to \(new.leader.hex) at term \(term)", fields)
    }

    private static func noLeader(_ new: ReplicaStatus, _ me: MemberID) -> StatusNews {
        StatusNews(
            .error, "the cluster has no leader: reads and writes wait until a majority of its voters can reach each other",
            ["local-member-id": .hex(me.rawValue), "term": .uint(new.term.rawValue), "members": .strings(new.members.map(text))])
    }

    // MARK: Members

    private static func appendMembers(_ old: ReplicaStatus, _ new: ReplicaStatus, _ me: MemberID, to news: inout [StatusNews]) {
        for member in new.members {
            let before = old.members.first { $0.id == member.id }
            let fields: KeyValuePairs<String, LogValue> = ["local-member-id": .hex(me.rawValue), "member": .string(text(member))]
            if let before {
                if before == member { continue }
                let isPromoted = before.isLearner && !member.isLearner
                news.append(StatusNews(.info, isPromoted ? "promoted member" : "updated member", fields))
            } else {
                news.append(StatusNews(.info, member.isLearner ? "added member as learner" : "added member", fields))
            }
        }
        for member in old.members where !new.members.contains(where: { $0.id == member.id }) {
            news.append(
                StatusNews(.warn, "removed member", ["local-member-id": .hex(me.rawValue), "member": .string(text(member))]))
        }
    }

    // MARK: Alarms

    private static func appendAlarms(_ old: ReplicaStatus, _ new: ReplicaStatus, _ me: MemberID, to news: inout [StatusNews]) {
        for alarm in new.alarms where !old.alarms.contains(alarm) {
            news.append(
                StatusNews(
                    alarm.kind == Alarms.corrupt ? .error : .warn, "alarm raised",
                    [
                        "alarm": .string(name(alarm)), "from": .hex(alarm.member.rawValue),
                        "from-name": .string(name(alarm.member, new)), "advice": .string(advice(alarm)),
                    ]))
        }
        for alarm in old.alarms where !new.alarms.contains(alarm) {
            news.append(
                StatusNews(.info, "alarm disarmed", ["alarm": .string(name(alarm)), "from": .hex(alarm.member.rawValue)]))
        }
    }

    private static func name(_ alarm: Alarms.Alarm) -> String {
        switch alarm.kind {
        case Alarms.noSpace: "NOSPACE"
        case Alarms.corrupt: "CORRUPT"
        default: "\(alarm.kind)"
        }
    }

    private static func advice(_ alarm: Alarms.Alarm) -> String {
        switch alarm.kind {
        case Alarms.noSpace: "writes are refused: compact, defragment every member, then etcdctl alarm disarm"
        case Alarms.corrupt:
            "the members' data differ: compare etcdctl endpoint hashkv --cluster, replace the member that is wrong "
                + "(etcdctl member remove, member add, an empty --data-dir), then etcdctl alarm disarm"
        default: "etcdctl alarm list"
        }
    }

    // MARK: Names

    private static func name(_ id: MemberID, _ status: ReplicaStatus) -> String {
        status.members.first { $0.id == id }?.name ?? ""
    }

    private static func text(_ member: ClusterMember) -> String {
        "\(member.id.hex) \(member.isStarted ? member.name : "(unstarted)") \(member.peerURLs.joined(separator: ","))"
    }
}
