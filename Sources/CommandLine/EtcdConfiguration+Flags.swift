import Base
import Platform

/// From flags to a configuration: defaults that depend on other flags, and zeros that stand for built-in values.
extension EtcdConfiguration {
    package init(_ flags: FlagSettings) throws(UsageError) {
        self.init()
        setIdentity(flags)
        setAddresses(flags)
        try setCluster(flags)
        setTimes(flags)
        try setClusterChecks(flags)
        setStorage(flags)
        try setLimits(flags)
        autoCompaction = try EtcdConfiguration.autoCompaction(flags)
        setService(flags)
        try check(flags)
    }

    private mutating func setIdentity(_ flags: FlagSettings) {
        name = flags.text("name")
        dataDirectory = flags.text("data-dir").isEmpty ? name + ".etcd" : flags.text("data-dir")
        walDirectory = flags.text("wal-dir").isEmpty ? nil : flags.text("wal-dir")
        initialClusterToken = flags.text("initial-cluster-token")
        initialClusterState = ClusterState(rawValue: flags.text("initial-cluster-state")) ?? .new
        forceNewCluster = flags.bool("force-new-cluster")
        strictReconfigurationCheck = flags.bool("strict-reconfig-check")
    }

    private mutating func setAddresses(_ flags: FlagSettings) {
        listenPeerURLs = flags.urls("listen-peer-urls")
        listenClientURLs = flags.urls("listen-client-urls")
        listenMetricsURLs = flags.urls("listen-metrics-urls")
        advertisePeerURLs = flags.urls("initial-advertise-peer-urls")
        // The default is a lie as soon as the member listens elsewhere; `check` asks for the flag then.
        let isMissing = flags.isSet("listen-client-urls") && !flags.isSet("advertise-client-urls")
        advertiseClientURLs = isMissing ? [] : flags.urls("advertise-client-urls")
    }

    private mutating func setCluster(_ flags: FlagSettings) throws(UsageError) {
        if flags.text("name") != "default", !flags.isSet("initial-cluster") {
            initialCluster = [Member(name: name, peerURLs: advertisePeerURLs)]
            return
        }
        initialCluster = try EtcdConfiguration.members(flags)
    }

    /// name=URL pairs; a name with several URLs comes several times.
    private static func members(_ flags: FlagSettings) throws(UsageError) -> [Member] {
        try members(flags.text("initial-cluster"), origin: flags.describe("initial-cluster"))
    }

    /// The members that an initial cluster names, ascending by name; `origin` begins the message of an error.
    package static func members(_ text: String, origin: String) throws(UsageError) -> [Member] {
        var urls: [String: [TransportURL]] = [:]
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            guard pair.count == 2, !pair[1].isEmpty else {
                throw UsageError("\(origin): empty URL given for \"\(name)\"; write name=URL")
            }
            do throws(TransportURLError) { urls[name, default: []].append(try TransportURL(String(pair[1]))) } catch {
                throw UsageError("\(origin): member \"\(name)\": \(error.reason)")
            }
        }
        return urls.keys.sorted().map { name in
            Member(name: name, peerURLs: (urls[name] ?? []).sorted { $0.text < $1.text })
        }
    }

    private mutating func setTimes(_ flags: FlagSettings) {
        heartbeatInterval = .milliseconds(Int64(clamping: flags.uint("heartbeat-interval")))
        electionTimeout = .milliseconds(Int64(clamping: flags.uint("election-timeout")))
        leaseCheckpoints = flags.bool("experimental-enable-lease-checkpoint") || featureGate("LeaseCheckpoint", flags) == true
        storesLeaseCheckpoints =
            flags.bool("experimental-enable-lease-checkpoint-persist") || featureGate("LeaseCheckpointPersist", flags) == true
        initialElectionTickAdvance = flags.bool("initial-election-tick-advance")
        preVote = flags.bool("pre-vote")
        // Less than the default is raised to it, as in etcd; `warnings` says so.
        raftReadTimeout = max(flags.duration("raft-read-timeout"), .seconds(5))
        raftWriteTimeout = max(flags.duration("raft-write-timeout"), .seconds(5))
        keepAliveMinTime = flags.duration("grpc-keepalive-min-time")
        keepAliveInterval = flags.duration("grpc-keepalive-interval")
        keepAliveTimeout = flags.duration("grpc-keepalive-timeout")
        let progress = flags.duration("watch-progress-notify-interval")
        watchProgressNotifyInterval = progress == .zero ? .seconds(600) : max(progress, .milliseconds(100))
        warningApplyDuration = EtcdConfiguration.nonZero(flags.duration("warning-apply-duration"), or: .milliseconds(100))
        warningUnaryRequestDuration = EtcdConfiguration.nonZero(flags.duration("warning-unary-request-duration"), or: .milliseconds(300))
    }

    private mutating func setClusterChecks(_ flags: FlagSettings) throws(UsageError) {
        for flag in ["corrupt-check-time", "compact-hash-check-time", "downgrade-check-time", "learner-auto-promote-after"]
        where flags.duration(flag) < .zero {
            throw UsageError("\(flags.describe(flag)): must not be negative")
        }
        learnerAutoPromotion = flags.bool("learner-auto-promote") ? flags.duration("learner-auto-promote-after") : nil
        downgradeCheckInterval = EtcdConfiguration.nonZero(flags.duration("downgrade-check-time"), or: .seconds(5))
        initialCorruptCheck = flags.bool("experimental-initial-corrupt-check") || featureGate("InitialCorruptCheck", flags) == true
        let corrupt = flags.duration("corrupt-check-time")
        corruptCheckInterval = corrupt == .zero ? nil : corrupt
        // Either name turns it off.
        let isCompared = flags.bool("experimental-compact-hash-check-enabled") && featureGate("CompactHashCheck", flags) != false
        let compact = flags.duration("compact-hash-check-time")
        guard !isCompared || compact > .zero else {
            throw UsageError("\(flags.describe("compact-hash-check-time")): must be more than 0 while hashes of compactions are compared")
        }
        compactHashCheckInterval = isCompared ? compact : nil
        try setMaxClusterVersion(flags)
    }

    private mutating func setMaxClusterVersion(_ flags: FlagSettings) throws(UsageError) {
        let text = flags.text("max-cluster-version")
        guard !text.isEmpty else { return }
        guard ["3.5", "3.6"].contains(text) else {
            throw UsageError("\(flags.describe("max-cluster-version")): expected 3.5 or 3.6")
        }
        maxClusterVersion = text
    }

    /// Nil: not given. Its form is checked with the others.
    private func featureGate(_ name: String, _ flags: FlagSettings) -> Bool? {
        flags.list("feature-gates").last { $0.hasPrefix(name + "=") }.map { $0 == name + "=true" }
    }

    private mutating func setStorage(_ flags: FlagSettings) {
        let count = flags.uint("snapshot-count")
        snapshotCount = count == 0 ? 10_000 : count
        let entries = flags.uint("snapshot-catchup-entries")
        snapshotCatchUpEntries = entries == 0 ? 5000 : entries
        maxSnapshots = flags.uint("max-snapshots")
        maxWALs = flags.uint("max-wals")
        unsafeNoFsync = flags.bool("unsafe-no-fsync")
        let quota = flags.int("quota-backend-bytes")
        backendQuota = quota < 0 ? nil : quota == 0 ? 2 << 30 : quota
        backendBatchInterval = EtcdConfiguration.nonZero(flags.duration("backend-batch-interval"), or: .milliseconds(100))
        compactionSleepInterval = EtcdConfiguration.nonZero(flags.duration("compaction-sleep-interval"), or: .milliseconds(10))
    }

    private mutating func setLimits(_ flags: FlagSettings) throws(UsageError) {
        maxTxnOperations = flags.uint("max-txn-ops")
        maxConcurrentStreams = UInt32(clamping: flags.uint("max-concurrent-streams"))
        backendBatchLimit = try EtcdConfiguration.count("backend-batch-limit", flags, zeroMeans: 10_000)
        compactionBatchLimit = try EtcdConfiguration.count("compaction-batch-limit", flags, zeroMeans: 1000)
        maxLearners = try EtcdConfiguration.count("max-learners", flags, zeroMeans: 0)
        // The overhead of a request in the log must fit into 32-bit lengths as well.
        let bytes = flags.uint("max-request-bytes")
        guard bytes <= 1 << 30 else {
            throw UsageError("\(flags.describe("max-request-bytes")): more than 1 GiB; choose a smaller limit")
        }
        maxRequestBytes = Int(bytes)
    }

    private static func count(_ name: String, _ flags: FlagSettings, zeroMeans builtIn: Int) throws(UsageError) -> Int {
        guard let value = Int32(exactly: flags.int(name)), value >= 0 else {
            throw UsageError("\(flags.describe(name)): must be from 0 to \(Int32.max)")
        }
        return value == 0 ? builtIn : Int(value)
    }

    /// Zero and, as in etcd, negative mean the built-in value.
    private static func nonZero(_ value: Interval, or builtIn: Interval) -> Interval { value <= .zero ? builtIn : value }

    private static func autoCompaction(_ flags: FlagSettings) throws(UsageError) -> AutoCompaction {
        let text = flags.text("auto-compaction-retention")
        let origin = flags.describe("auto-compaction-retention")
        if flags.text("auto-compaction-mode") == "revision" {
            guard let count = GoInteger.signed(text), count >= 0 else {
                throw UsageError("\(origin): in mode revision this is a number of revisions, such as 1000")
            }
            return count == 0 ? .off : .revision(count)
        }
        // A bare number is hours.
        if let hours = GoInteger.signed(text) {
            guard hours >= 0 else { throw UsageError("\(origin): must not be negative") }
            return hours == 0 ? .off : .periodic(Interval.seconds(3600).scaled(by: hours))
        }
        guard let interval = Interval(text: text), interval >= .zero else {
            throw UsageError("\(origin): expected hours, or a duration such as 30m")
        }
        return interval == .zero ? .off : .periodic(interval)
    }

    private mutating func setService(_ flags: FlagSettings) {
        enableGRPCGateway = flags.bool("enable-grpc-gateway")
        corsOrigins = EtcdConfiguration.unlessAll(flags.list("cors"))
        hostWhitelist = EtcdConfiguration.unlessAll(flags.list("host-whitelist"))
        socketReusePort = flags.bool("socket-reuse-port")
        socketReuseAddress = flags.bool("socket-reuse-address")
        metrics = MetricsDetail(rawValue: flags.text("metrics")) ?? .basic
        log.level = LogLevel(name: flags.text("log-level")) ?? .info
        log.format = LogFormat(rawValue: flags.text("log-format")) ?? .json
        log.outputs = flags.list("log-outputs")
    }

    private static func unlessAll(_ list: [String]) -> [String] { list.contains("*") ? [] : list }
}
