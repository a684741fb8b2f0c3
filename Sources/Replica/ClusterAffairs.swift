import Base
import Cluster
import Raft
import Storage

/// What a replica has under way about its cluster: changes of the membership, promotions asked of the leader, the cluster's
/// version, corruption checks. Each part is explained where it is used: `Replica+Membership*`, `+Promotion`, `+Version`,
/// `+Corruption`.
struct ClusterAffairs {
    /// Since when the other members are connected; who is not there is not.
    var connectedSince: [MemberID: Instant] = [:]
    /// Changes whose clients still wait, in the order of their coming.
    var changes: [ProposedChange] = []
    /// Unix time in nanoseconds at instant zero, as of the start.
    var unixOffset: Int64 = 0
    /// The membership as of the last entry replayed, while entries are replayed that the database holds already; nil if what
    /// it was at the log's beginning is not known.
    var replayed: Membership?

    /// Why this member must not go on in this cluster.
    var refusal: String?

    var promotions = ForwardedPromotions()
    var versions = VersionMonitor()
    var corruption = CorruptionMonitor()
    var autoPromotion: AutoPromotion?
    var nextAutoPromotion = Instant(nanoseconds: 0)

    func unixSeconds(_ now: Instant) -> Int64 { (now.nanoseconds + unixOffset) / 1_000_000_000 }

    mutating func link(_ member: MemberID, isUp: Bool, now: Instant) {
        if !isUp {
            connectedSince[member] = nil
        } else if connectedSince[member] == nil {
            connectedSince[member] = now
        }
    }

    /// Who has been connected for at least `time`.
    func connected(for time: Interval, now: Instant) -> Set<MemberID> {
        Set(connectedSince.filter { now - $0.value >= time }.keys)
    }
}

/// A change of the membership that is proposed until it comes out of the log: a leader drops one that comes while another
/// is under way, and the proposer is not told. Applying it twice changes nothing, and only the first is answered.
struct ProposedChange {
    /// The request's, by which its client waits.
    var id: UInt64
    var data: Bytes
    var nextAttempt: Instant

    static let retry = Interval.seconds(1)
}

extension Replica {
    /// Once, at the start. `snapshot`: from which on the log is replayed.
    mutating func beginAffairs(snapshot: RaftSnapshot?) {
        // A v2 store that cannot be read leaves replayed changes unvalidated, as 3.7 does.
        let tree = snapshot?.data ?? Bytes()
        affairs.replayed = try? Membership(clusterID: configuration.clusterID, v2Store: tree.span)
        affairs.autoPromotion = configuration.autoPromotionDelay.map { AutoPromotion(after: $0) }
        scheduleCorruptionChecks()
    }
}
