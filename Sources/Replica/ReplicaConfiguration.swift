import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// When the leader compacts by itself (`--auto-compaction-mode`, `--auto-compaction-retention`).
package enum AutoCompaction: Sendable, Equatable {
    case off
    /// Keep the history of this much time.
    case periodic(Interval)
    /// Keep this many revisions.
    case revision(Int64)
}

/// Every bound and choice of a replica, in one value (STYLE 19).
package struct ReplicaConfiguration: Sendable {
    package var clusterID = ClusterID.zero
    package var memberID = MemberID.zero
    package var name = "default"
    package var clientURLs: [String] = []
    /// The release whose behaviour and formats we implement.
    package var version = Version(3, 6, 0)
    /// Client loops: responses are gathered for each.
    package var loops = 1

    /// Bytes of one encoded raft request (`--max-request-bytes`).
    package var maxRequestBytes = 1_572_864
    /// Operations of one branch of a transaction (`--max-txn-ops`).
    package var maxTxnOps = 128
    /// Bytes of the database; 0 or less: no quota (`--quota-backend-bytes`).
    package var quotaBytes: Int64 = 2_147_483_648
    /// Entries applied between two raft snapshots (`--snapshot-count`); a snapshot is taken strictly above.
    package var snapshotCount: UInt64 = 10_000
    /// Entries kept in memory behind a snapshot for slow followers (`--snapshot-catchup-entries`).
    package var catchUpEntries: UInt64 = 5_000
    /// One raft tick (`--heartbeat-interval`).
    package var tick = Interval.milliseconds(100)
    /// Ticks without a leader before an election (`--election-timeout` / `--heartbeat-interval`).
    package var electionTicks = 10
    /// A campaign first asks whether it could win (`--pre-vote`).
    package var preVote = true
    /// At start, most of the first election timeout is skipped once a majority is connected
    /// (`--initial-election-tick-advance`).
    package var initialElectionTickAdvance = true
    /// Bytes of entries in one message to a follower.
    package var messageBytesMax = 1 << 20
    /// Messages to one follower that may be unanswered.
    package var inflightMessagesMax = 512
    /// Bytes of proposals that may wait to be committed.
    package var uncommittedBytesMax = 1 << 28
    /// Rounds of linearizable reads that may wait for a leader or for its answer.
    package var readRoundsMax = 1 << 16
    /// Renewals of leases, and questions about them, that may wait for a leader or for its answer.
    package var leaseQuestionsMax = 1 << 16
    /// The leader does not raise the cluster's version above this (`--max-cluster-version`); nil: as high as the members can.
    package var maxClusterVersion: Version?
    /// Refuse changes of the membership that would lose the quorum (`--strict-reconfig-check`).
    package var strictReconfigurationCheck = true
    /// Learners that the cluster may have (`--max-learners`); the same on all members, as it is checked when an entry is applied.
    package var maxLearners = 1
    /// The leader promotes a learner that has kept up for this long (`--learner-auto-promote`); nil: it does not.
    package var autoPromotionDelay: Interval?
    /// How often the leader looks whether a downgrade is complete (`--downgrade-check-time`).
    package var downgradeCheckInterval = Interval.seconds(5)
    /// Compare the data with the other members' before serving (`--experimental-initial-corrupt-check`).
    package var initialCorruptCheck = false
    /// How often the leader compares the whole data with the others' (`--corrupt-check-time`); nil: never.
    package var corruptCheckInterval: Interval?
    /// How often the leader compares the hashes that compactions have made (`--compact-hash-check-time`); nil: never.
    package var compactHashCheckInterval: Interval? = .seconds(60)
    /// Leases that outlive this have their remaining time put on record through the log, for the next leader
    /// (`--experimental-enable-lease-checkpoint`); nil: none have.
    package var leaseCheckpointInterval: Interval?
    /// Also at a cluster version below 3.6 (`--experimental-enable-lease-checkpoint-persist`).
    package var storesLeaseCheckpoints = false
    /// Writes are handed to the database this often (`--backend-batch-interval`) or …
    package var commitInterval = Interval.milliseconds(100)
    /// … when there are so many (`--backend-batch-limit`).
    package var commitOperations = 10_000
    /// Sealed batches that may wait for the database before further ones are held back in the open batch.
    package var commitsInFlight = 2
    /// Between progress notifications of a watch (`--watch-progress-notify-interval`).
    package var progressInterval = Interval.seconds(600)
    /// Bytes of answers to one client loop that its clients have not taken; above it ranges are refused.
    package var answerBytesMax = 1 << 30
    /// Bytes of a watch stream's responses that may be on their way to the client.
    package var watchStreamBytes = 1 << 20

    package var autoCompaction = AutoCompaction.off

    package init() {}

    var raft: RaftConfiguration {
        RaftConfiguration(
            id: memberID, electionTicks: electionTicks, preVote: preVote, messageBytesMax: messageBytesMax,
            inflightMessagesMax: inflightMessagesMax, uncommittedBytesMax: uncommittedBytesMax, readsPendingMax: readRoundsMax)
    }

    package var electionTimeout: Interval { tick.scaled(by: Int64(electionTicks)) }
    /// After so long a client hears "request timed out": 5 s and two election timeouts, as etcd.
    package var requestTimeout: Interval { .seconds(5) + electionTimeout.scaled(by: 2) }
    /// Seconds: 1.5 election timeouts, rounded up.
    package var minimumLeaseTTL: Int64 { (electionTimeout.milliseconds * 3 + 1999) / 2000 }
}
