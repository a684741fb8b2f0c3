/// The flags of `etcd`, with the names and defaults of release 3.6.
package enum EtcdFlags {
    package static let set = FlagSet(
        program: "etcd", environmentPrefix: "ETCD",
        [
            FlagDefinition("version", .bool, "false", "General", "Print the version and exit."),
            FlagDefinition(
                "config-file", .string, "", "General", "YAML file with all settings; other flags and the environment are then ignored."),
        ]
            + member + clustering + security + monitoring + logging + features + unsafeFeatures + renamed + ignored + unsupported)

    private static let member: [FlagDefinition] = [
        .init("name", .string, "default", "Member", "Name of this member, unique in the cluster."),
        .init("data-dir", .string, "", "Member", "Directory for all data; empty means ${name}.etcd."),
        .init("wal-dir", .string, "", "Member", "Directory for the write-ahead log alone, if it is not to be in the data directory."),
        .init("snapshot-count", .uint64, "10000", "Member", "Applied entries after which the log is compacted to a snapshot."),
        .init("heartbeat-interval", .uint, "100", "Member", "Milliseconds between heartbeats of the leader."),
        .init("election-timeout", .uint, "1000", "Member", "Milliseconds without a leader before an election; at least 5 heartbeats."),
        .init("initial-election-tick-advance", .bool, "true", "Member", "Shorten the wait for the first election after start."),
        .init(
            "experimental-enable-lease-checkpoint", .bool, "false", "Member",
            "Put the remaining time of leases on record every 5 minutes, for the next leader.",
            support: .deprecated("use --feature-gates=LeaseCheckpoint=...")),
        .init(
            "experimental-enable-lease-checkpoint-persist", .bool, "false", "Member",
            "Keep that record across restarts also at a cluster version below 3.6.",
            support: .deprecated("use --feature-gates=LeaseCheckpointPersist=...")),
        .init("raft-read-timeout", .duration, "5s", "Member", "Silence after which a connection to another member is given up (at least 5s)."),
        .init("raft-write-timeout", .duration, "5s", "Member", "Time without progress after which a connection is given up (at least 5s)."),
        .init("listen-peer-urls", .urls, "http://localhost:2380", "Member", "Addresses to listen on for other members."),
        .init("listen-client-urls", .urls, "http://localhost:2379", "Member", "Addresses to listen on for clients."),
        .init("max-snapshots", .uint, "5", "Member", "Snapshot files to keep (0: all)."),
        .init("max-wals", .uint, "5", "Member", "Write-ahead log files to keep (0: all)."),
        .init("quota-backend-bytes", .int, "0", "Member", "Database size at which writes are refused (0: 2 GiB; negative: no limit)."),
        .init("backend-batch-interval", .duration, "0s", "Member", "Longest time between commits to the database (0: 100ms)."),
        .init("backend-batch-limit", .int, "0", "Member", "Operations after which the database is committed (0: 10000)."),
        .init("max-txn-ops", .uint, "128", "Member", "Operations allowed in one transaction."),
        .init("max-request-bytes", .uint, "1572864", "Member", "Largest client request, in bytes."),
        .init("max-concurrent-streams", .uint32, "4294967295", "Member", "Calls that one client connection may have open."),
        .init("grpc-keepalive-min-time", .duration, "5s", "Member", "Shortest time between pings that a client may keep to."),
        .init("grpc-keepalive-interval", .duration, "2h0m0s", "Member", "Time between pings to clients (0: none)."),
        .init("grpc-keepalive-timeout", .duration, "20s", "Member", "Time that a client has to answer a ping (0: any)."),
        .init("enable-grpc-gateway", .bool, "true", "Member", "Serve JSON over HTTP beside gRPC."),
        .init("socket-reuse-port", .bool, "false", "Member", "Set SO_REUSEPORT on listening sockets."),
        .init("socket-reuse-address", .bool, "false", "Member", "Set SO_REUSEADDR on listening sockets."),
    ]

    private static let clustering: [FlagDefinition] = [
        .init("initial-advertise-peer-urls", .urls, "http://localhost:2380", "Clustering", "This member's addresses for other members."),
        .init("initial-cluster", .string, "default=http://localhost:2380", "Clustering", "All members of a new cluster: name=URL,..."),
        .init("initial-cluster-state", .oneOf(["new", "existing"]), "new", "Clustering", "Whether to found a cluster or to join one."),
        .init("initial-cluster-token", .string, "etcd-cluster", "Clustering", "Name of a new cluster, to keep clusters apart."),
        .init("advertise-client-urls", .urls, "http://localhost:2379", "Clustering", "This member's addresses for clients."),
        .init("strict-reconfig-check", .bool, "true", "Clustering", "Refuse membership changes that would lose the quorum."),
        .init("pre-vote", .bool, "true", "Clustering", "Ask for votes without raising the term first."),
        .init("auto-compaction-mode", .oneOf(["periodic", "revision"]), "periodic", "Clustering", "What auto-compaction-retention counts."),
        .init("auto-compaction-retention", .string, "0", "Clustering", "History to keep: hours, a duration, or revisions (0: all)."),
    ]

    private static let security: [FlagDefinition] = [
        .init("cors", .strings, "*", "Security", "Origins allowed for cross-origin requests (* or empty: all)."),
        .init("host-whitelist", .strings, "*", "Security", "Host names accepted in HTTP requests without TLS (* or empty: all)."),
    ]

    private static let monitoring: [FlagDefinition] = [
        .init("metrics", .oneOf(["basic", "extensive"]), "basic", "Monitoring", "Detail of the metrics."),
        .init("listen-metrics-urls", .urls, "", "Monitoring", "Further addresses that serve only metrics and health."),
    ]

    private static let logging: [FlagDefinition] = [
        .init("logger", .oneOf(["zap"]), "zap", "Logging", "Only structured logs exist."),
        .init("log-outputs", .strings, "default", "Logging", "stderr, stdout or files, separated by commas."),
        .init("log-level", .oneOf(["debug", "info", "warn", "error", "panic", "fatal"]), "info", "Logging", "Least important level logged."),
        .init("log-format", .oneOf(["json", "console"]), "json", "Logging", "json or console."),
        .init("warning-unary-request-duration", .duration, "0s", "Logging", "Log requests that take longer (0: 300ms)."),
    ]

    private static let features: [FlagDefinition] = [
        .init("compaction-batch-limit", .int, "0", "Features", "Revisions removed in one step of a compaction (0: 1000)."),
        .init("compaction-sleep-interval", .duration, "0s", "Features", "Pause between steps of a compaction (0: 10ms)."),
        .init("snapshot-catchup-entries", .uint64, "5000", "Features", "Entries kept in the log for slow members after a snapshot."),
        .init("watch-progress-notify-interval", .duration, "0s", "Features", "Time between progress notifications (0: 10m)."),
        .init("warning-apply-duration", .duration, "100ms", "Features", "Log requests whose application takes longer."),
        .init(
            "feature-gates", .strings, "", "Features",
            "Features to turn on or off: Name=true,...; CompactHashCheck (on here), InitialCorruptCheck, LeaseCheckpoint, LeaseCheckpointPersist."),
        .init("max-learners", .int, "1", "Features", "Learners that the cluster may have; the same on all members."),
        .init("corrupt-check-time", .duration, "0s", "Features", "How often the leader compares all data with the other members' (0: never)."),
        .init("compact-hash-check-time", .duration, "1m0s", "Features", "How often the leader compares the hashes that compactions make."),
        .init(
            "experimental-compact-hash-check-enabled", .bool, "true", "Features",
            "Compare the hashes of compactions.", support: .deprecated("use --feature-gates=CompactHashCheck=...")),
        .init(
            "experimental-initial-corrupt-check", .bool, "false", "Features", "Compare all data with the other members' before serving.",
            support: .deprecated("use --feature-gates=InitialCorruptCheck=...")),
        .init("downgrade-check-time", .duration, "5s", "Features", "How often the leader looks whether a downgrade is complete."),
        .init(
            "max-cluster-version", .string, "", "Features",
            "Keep the cluster at this version, such as 3.5, so that members of that release may join; ours alone. Give it to all members."),
        .init(
            "learner-auto-promote", .bool, "false", "Features",
            "The leader promotes a learner that has kept up for learner-auto-promote-after; ours alone."),
        .init("learner-auto-promote-after", .duration, "30s", "Features", "How long a learner must have kept up to be promoted by itself."),
    ]

    private static let unsafeFeatures: [FlagDefinition] = [
        .init("force-new-cluster", .bool, "false", "Unsafe", "Make a new one-member cluster of this member's data."),
        .init("unsafe-no-fsync", .bool, "false", "Unsafe", "Do not wait for the disk. A crash of the machine loses data."),
    ]

    private static let renamed: [FlagDefinition] = [
        ("compaction-batch-limit", FlagDefinition.Kind.int, "0"), ("compaction-sleep-interval", .duration, "0s"),
        ("snapshot-catchup-entries", .uint64, "5000"), ("warning-apply-duration", .duration, "0s"),
        ("warning-unary-request-duration", .duration, "0s"), ("watch-progress-notify-interval", .duration, "0s"),
        ("corrupt-check-time", .duration, "0s"), ("compact-hash-check-time", .duration, "1m0s"), ("downgrade-check-time", .duration, "5s"),
    ].map { name, kind, value in
        .init("experimental-" + name, kind, value, "Features", "", support: .renamed(to: name))
    }

    private static let ignored: [FlagDefinition] =
        [
            "cluster-active-size", "cluster-remove-delay", "cluster-sync-interval", "config", "force", "max-result-buffer",
            "max-retry-attempts", "peer-heartbeat-interval", "peer-election-timeout", "retry-interval", "snapshot", "v", "vv",
            "test.coverprofile", "test.outputdir",
        ].map { .init($0, .ignored, "", "Ignored", "", support: .ignored) } + foreign

    /// Of etcd's store and runtime, which ours are not: checked as etcd does, then ignored.
    private static let foreign: [FlagDefinition] = [
        ("backend-bbolt-freelist-type", FlagDefinition.Kind.string), ("experimental-backend-bbolt-freelist-type", .string),
        ("memory-mlock", .bool), ("experimental-memory-mlock", .bool), ("bootstrap-defrag-threshold-megabytes", .uint),
        ("experimental-bootstrap-defrag-threshold-megabytes", .uint), ("experimental-txn-mode-write-with-shared-buffer", .bool),
        ("enable-pprof", .bool),
    ].map { name, kind in .init(name, kind, kind == .bool ? "false" : kind == .uint ? "0" : "", "Ignored", "", support: .ignored) }
}
