import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Peer
import Platform
import Raft
import Replica
import Storage
import Wire

extension ReplicaConfiguration {
    /// What the flags mean to the replica; identities are filled in at start.
    init(_ flags: EtcdConfiguration, loops: Int) {
        self.init()
        self.loops = loops
        name = flags.name
        clientURLs = flags.advertiseClientURLs.map(\.text)
        version = Release.etcdVersion
        maxRequestBytes = flags.maxRequestBytes
        maxTxnOps = Int(clamping: flags.maxTxnOperations)
        quotaBytes = flags.backendQuota ?? 0
        snapshotCount = flags.snapshotCount
        catchUpEntries = flags.snapshotCatchUpEntries
        tick = flags.heartbeatInterval
        electionTicks = Int(clamping: flags.electionTimeout.nanoseconds / max(1, flags.heartbeatInterval.nanoseconds))
        preVote = flags.preVote
        leaseCheckpointInterval = flags.leaseCheckpoints ? .seconds(300) : nil
        storesLeaseCheckpoints = flags.storesLeaseCheckpoints
        initialElectionTickAdvance = flags.initialElectionTickAdvance
        commitInterval = flags.backendBatchInterval
        commitOperations = flags.backendBatchLimit
        progressInterval = flags.watchProgressNotifyInterval
        autoCompaction = flags.autoCompaction.rule
        setClusterRules(flags)
    }

    private mutating func setClusterRules(_ flags: EtcdConfiguration) {
        strictReconfigurationCheck = flags.strictReconfigurationCheck
        maxLearners = flags.maxLearners
        maxClusterVersion = flags.maxClusterVersion.flatMap { Version($0 + ".0") }
        autoPromotionDelay = flags.learnerAutoPromotion
        downgradeCheckInterval = flags.downgradeCheckInterval
        initialCorruptCheck = flags.initialCorruptCheck
        corruptCheckInterval = flags.corruptCheckInterval
        compactHashCheckInterval = flags.compactHashCheckInterval
    }
}

extension EtcdConfiguration.AutoCompaction {
    var rule: AutoCompaction {
        switch self {
        case .off: .off
        case .periodic(let period): .periodic(period)
        case .revision(let count): .revision(count)
        }
    }
}

extension HTTPLimits {
    /// limits.tsv: the receive limit leaves room beside the request for its envelope.
    init(_ flags: EtcdConfiguration, connections: Int) {
        self.init()
        messageBytesMax = flags.maxRequestBytes + 524_288
        bodyBytesMax = messageBytesMax
        concurrentStreamsMax = flags.maxConcurrentStreams
        connectionsMax = connections
        keepaliveMinTime = flags.keepAliveMinTime
        if flags.keepAliveInterval > .zero { keepaliveInterval = flags.keepAliveInterval }
        if flags.keepAliveTimeout > .zero { keepaliveTimeout = flags.keepAliveTimeout }
    }
}

extension PeerLimits {
    init(_ flags: EtcdConfiguration) {
        self.init()
        readTimeout = flags.raftReadTimeout
        writeTimeout = flags.raftWriteTimeout
    }
}
