import Base
import Platform

/// What a member is told to be: every setting of `etcd` with its type, zero "built-in" values replaced by what they mean.
///
/// Made by `EtcdInvocation`, which has checked it; plain data.
package struct EtcdConfiguration: Sendable {
    package struct Member: Sendable, Equatable {
        package let name: String
        package let peerURLs: [TransportURL]
    }

    package enum ClusterState: String, Sendable {
        case new, existing
    }

    package enum AutoCompaction: Sendable, Equatable {
        case off
        /// Keep the history of this much time.
        case periodic(Interval)
        /// Keep this many revisions.
        case revision(Int64)
    }

    package enum MetricsDetail: String, Sendable {
        case basic, extensive
    }

    package struct Log: Sendable, Equatable {
        package var level = LogLevel.info
        package var format = LogFormat.json
        /// As for `LogOutput.init(named:)`.
        package var outputs = ["default"]

        package init() {}
    }

    package var name = "default"
    package var dataDirectory = "default.etcd"
    /// Nil: inside the data directory.
    package var walDirectory: String?

    package var listenPeerURLs: [TransportURL] = []
    package var listenClientURLs: [TransportURL] = []
    package var listenMetricsURLs: [TransportURL] = []
    package var advertisePeerURLs: [TransportURL] = []
    package var advertiseClientURLs: [TransportURL] = []

    /// The founding members, by name; only a member without data looks at it, see `checkBootstrap`.
    package var initialCluster: [Member] = []
    package var initialClusterState = ClusterState.new
    package var initialClusterToken = "etcd-cluster"
    package var forceNewCluster = false
    package var strictReconfigurationCheck = true
    package var maxLearners = 1
    /// Nil: learners are promoted on request alone.
    package var learnerAutoPromotion: Interval?
    /// As major.minor; nil: as high as the members can.
    package var maxClusterVersion: String?
    package var downgradeCheckInterval = Interval.seconds(5)
    package var initialCorruptCheck = false
    /// Nil: never.
    package var corruptCheckInterval: Interval?
    /// Nil: never.
    package var compactHashCheckInterval: Interval? = .seconds(60)

    package var heartbeatInterval = Interval.milliseconds(100)
    package var electionTimeout = Interval.milliseconds(1000)
    package var initialElectionTickAdvance = true
    package var leaseCheckpoints = false
    package var storesLeaseCheckpoints = false
    package var preVote = true
    /// Of connections between members.
    package var raftReadTimeout = Interval.seconds(5)
    package var raftWriteTimeout = Interval.seconds(5)

    /// Applied entries since the last snapshot must be more than this for another.
    package var snapshotCount: UInt64 = 10_000
    package var snapshotCatchUpEntries: UInt64 = 5000
    /// 0: all.
    package var maxSnapshots: UInt64 = 5
    /// 0: all.
    package var maxWALs: UInt64 = 5
    package var unsafeNoFsync = false

    /// Bytes; nil: no quota.
    package var backendQuota: Int64? = 2 << 30
    package var backendBatchInterval = Interval.milliseconds(100)
    package var backendBatchLimit = 10_000
    package var compactionBatchLimit = 1000
    package var compactionSleepInterval = Interval.milliseconds(10)
    package var autoCompaction = AutoCompaction.off

    package var maxTxnOperations: UInt64 = 128
    package var maxRequestBytes = 1_572_864
    package var maxConcurrentStreams = UInt32.max
    package var keepAliveMinTime = Interval.seconds(5)
    /// Zero: no pings.
    package var keepAliveInterval = Interval.seconds(7200)
    /// Zero: no limit.
    package var keepAliveTimeout = Interval.seconds(20)
    package var watchProgressNotifyInterval = Interval.seconds(600)
    package var warningApplyDuration = Interval.milliseconds(100)
    package var warningUnaryRequestDuration = Interval.milliseconds(300)

    package var enableGRPCGateway = true
    /// Empty: all origins.
    package var corsOrigins: [String] = []
    /// Empty: all hosts.
    package var hostWhitelist: [String] = []
    package var socketReusePort = false
    package var socketReuseAddress = false
    package var metrics = MetricsDetail.basic
    package var log = Log()

    /// All defaults: what `etcd` without arguments runs with. For tests; `EtcdInvocation` makes the others.
    package init() {
        listenPeerURLs = EtcdConfiguration.localhost(2380)
        advertisePeerURLs = EtcdConfiguration.localhost(2380)
        listenClientURLs = EtcdConfiguration.localhost(2379)
        advertiseClientURLs = EtcdConfiguration.localhost(2379)
        initialCluster = [Member(name: name, peerURLs: advertisePeerURLs)]
    }

    private static func localhost(_ port: Int) -> [TransportURL] { (try? TransportURL.list("http://localhost:\(port)")) ?? [] }
}
