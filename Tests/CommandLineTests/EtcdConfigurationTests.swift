import Base
import CommandLine
import Platform
import Testing

@Suite struct EtcdConfigurationTests {
    private func configuration(_ arguments: String..., environment: [(name: String, value: String)] = []) throws(UsageError) -> EtcdConfiguration {
        guard case .serve(let configuration, _) = try EtcdInvocation(arguments: arguments, environment: environment) else {
            throw UsageError("not a configuration")
        }
        return configuration
    }

    private func message(_ arguments: String..., environment: [(name: String, value: String)] = []) -> String? {
        do throws(UsageError) { _ = try EtcdInvocation(arguments: arguments, environment: environment) } catch { return error.message }
        return nil
    }

    @Test func `without arguments every setting is the default of release 3 6`() throws {
        let it = try configuration()
        #expect(it.name == "default" && it.dataDirectory == "default.etcd" && it.walDirectory == nil)
        #expect(it.listenClientURLs.map(\.text) == ["http://localhost:2379"] && it.advertiseClientURLs == it.listenClientURLs)
        #expect(it.listenPeerURLs.map(\.text) == ["http://localhost:2380"] && it.advertisePeerURLs == it.listenPeerURLs)
        #expect(it.initialClusterText == "default=http://localhost:2380" && it.initialClusterState == .new)
        #expect(it.heartbeatInterval == .milliseconds(100) && it.electionTimeout == .milliseconds(1000))
        #expect(it.snapshotCount == 10_000 && it.snapshotCatchUpEntries == 5000 && it.backendQuota == 2 << 30)
        #expect(it.backendBatchInterval == .milliseconds(100) && it.backendBatchLimit == 10_000)
        #expect(it.maxTxnOperations == 128 && it.maxRequestBytes == 1_572_864 && it.maxConcurrentStreams == .max)
        #expect(it.keepAliveInterval == .seconds(7200) && it.watchProgressNotifyInterval == .seconds(600))
        #expect(it.autoCompaction == .off && it.preVote && it.enableGRPCGateway && it.corsOrigins.isEmpty && it.metrics == .basic)
        #expect(it.log == EtcdConfiguration.Log())
        try it.checkBootstrap()
        try EtcdConfiguration().checkBootstrap()
    }

    @Test func `every flag's default is a value of it`() {
        for flag in EtcdFlags.set.definitions { #expect(flag.value(of: flag.defaultText) != nil, "--\(flag.name)") }
        #expect(EtcdFlags.set.definitions.count > 150)
    }

    @Test func `a name alone founds a cluster of that name`() throws {
        let it = try configuration("--name", "m1", "--initial-advertise-peer-urls=http://10.0.0.1:2380,http://10.0.0.1:2381")
        #expect(it.initialClusterText == "m1=http://10.0.0.1:2380,m1=http://10.0.0.1:2381" && it.dataDirectory == "m1.etcd")
        try it.checkBootstrap()
    }

    @Test func `the initial cluster names this member with the addresses it advertises`() throws {
        let peers = "--initial-advertise-peer-urls=http://10.0.0.1:2380"
        let three = "a=http://10.0.0.1:2380,b=http://10.0.0.2:2380,c=http://10.0.0.3:2380"
        let it = try configuration("--name=a", peers, "--initial-cluster=" + three)
        #expect(it.initialCluster.map(\.name) == ["a", "b", "c"])
        try it.checkBootstrap()
        for (name, cluster, part) in [
            ("z", three, "couldn't find local name \"z\""), ("b", three, "missing from --initial-advertise-peer-urls"),
            ("a", three + ",d=http://10.0.0.3:2380", "twice"), ("a", three + ",a=http://10.0.0.9:1", "missing from --initial-advertise-peer-urls"),
        ] {
            let bad = try configuration("--name=\(name)", peers, "--initial-cluster=\(cluster)")
            do throws(UsageError) {
                try bad.checkBootstrap()
                Issue.record("\(cluster)")
            } catch { #expect(error.message.contains(part), "\(error.message)") }
        }
        #expect(message("--initial-cluster=a")!.contains("empty URL given for \"a\""))
        #expect(message("--initial-cluster=a=http://x")!.contains("member \"a\": URL address"))
    }

    @Test func `zeros stand for built-in values`() throws {
        let it = try configuration(
            "--snapshot-count=0", "--quota-backend-bytes=-1", "--watch-progress-notify-interval=1ms", "--experimental-compaction-batch-limit=7")
        #expect(it.snapshotCount == 10_000 && it.backendQuota == nil && it.watchProgressNotifyInterval == .milliseconds(100))
        #expect(it.compactionBatchLimit == 7)
    }

    @Test func `retention is hours, a duration or revisions`() throws {
        #expect(try configuration("--auto-compaction-retention=2").autoCompaction == .periodic(.seconds(7200)))
        #expect(try configuration("--auto-compaction-retention=5m").autoCompaction == .periodic(.seconds(300)))
        #expect(try configuration("--auto-compaction-mode=revision", "--auto-compaction-retention=1000").autoCompaction == .revision(1000))
        #expect(message("--auto-compaction-retention=x")!.contains("30m"))
        #expect(message("--auto-compaction-mode=revision", "--auto-compaction-retention=5m")!.contains("number of revisions"))
        #expect(message("--auto-compaction-retention=-1")!.contains("negative"))
    }

    @Test func `addresses are checked as etcd does`() throws {
        #expect(message("--listen-client-urls=http://127.0.0.1:2379")!.contains("--advertise-client-urls is required"))
        let both = try configuration("--listen-client-urls=http://[::1]:1,unix://localhost:5", "--advertise-client-urls=https://host:1")
        #expect(both.listenClientURLs.count == 2)
        #expect(message("--listen-peer-urls=http://example.com:2380")!.contains("expected IP in URL for binding (http://example.com:2380)"))
        #expect(message("--listen-peer-urls=https://127.0.0.1:2380")!.contains("TLS is not supported yet"))
        #expect(message("--initial-advertise-peer-urls=http://:2380")!.contains("unexpected empty host"))
        #expect(message("--listen-peer-urls=")!.contains("no valid URLs given"))
        #expect(message("--listen-peer-urls=localhost:2380")!.contains("--listen-peer-urls"))
    }

    @Test func `times are checked as etcd does`() {
        #expect(
            message("--heartbeat-interval=300")!.contains("--election-timeout[1000ms] should be at least as 5 times as --heartbeat-interval[300ms]"))
        #expect(message("--election-timeout=50001")!.contains("too long"))
        #expect(message("--election-timeout=50000") == nil)
        #expect(message("--heartbeat-interval=0")!.contains("more than 0"))
        #expect(message("--heartbeat-interval=18446744073709551615") != nil)
    }

    @Test func `what this build cannot do is refused by name and defaults are not`() throws {
        #expect(message("--cert-file=x")!.contains("TLS is not supported yet by this build of etcd"))
        #expect(message("--discovery=http://x")!.contains("discovery is not supported yet"))
        #expect(message("--auth-token=jwt")!.contains("authentication"))
        #expect(message(environment: [("ETCD_ENABLE_V2", "true")])!.contains("ETCD_ENABLE_V2"))
        #expect(message("--auth-token=simple", "--enable-v2=false", "--tls-min-version=TLS1.2", "--proxy=off") == nil)
        #expect(message("--feature-gates=TxnModeWriteWithSharedBuffer=true,LeaseCheckpoint=false") == nil)
        #expect(message("--feature-gates=CompactHashCheck=false,InitialCorruptCheck=true") == nil)
        #expect(message("--feature-gates=LeaseCheckpoint=true,LeaseCheckpointPersist=true") == nil)
        #expect(message("--feature-gates=LeaseCheckpointPersist=true")!.contains("requires"))
        #expect(message("--feature-gates=SetMemberLocalAddr=true")!.contains("SetMemberLocalAddr"))
        #expect(message("--feature-gates=LeaseChekpoint=true")!.contains("did you mean LeaseCheckpoint?"))
        #expect(message("--feature-gates=x")!.contains("Name=true"))
    }

    @Test func `typing errors and double settings are refused with advice`() {
        #expect(message("--snapshot-cuont=5")!.contains("did you mean --snapshot-count?"))
        #expect(message("--name=a", environment: [("ETCD_NAME", "b")])!.contains("ETCD_NAME"))
        #expect(message("--log-level=loud")!.contains("debug, info"))
        #expect(message("--log-outputs=default,stdout")!.contains("default"))
        #expect(message("--max-request-bytes=99999999999")!.contains("1 GiB"))
        #expect(message("--backend-batch-limit=-1")!.contains("from 0"))
    }

    @Test func `help shows the flags by section and version is asked for`() throws {
        guard case .help(let text) = try EtcdInvocation(arguments: ["-h"], environment: []) else {
            Issue.record("no help")
            return
        }
        #expect(text.contains("Clustering:\n") && text.contains("  --snapshot-count '10000'\n") && !text.contains("experimental"))
        guard case .version = try EtcdInvocation(arguments: ["--version"], environment: []) else {
            Issue.record("no version")
            return
        }
    }

    @Test func `warnings tell of what is probably not meant`() throws {
        guard
            case .serve(_, let warnings) = try EtcdInvocation(
                arguments: ["--unsafe-no-fsync", "--quota-backend-bytes=9000000000", "--vv"], environment: [("ETCD_FOO", "1")])
        else { return }
        #expect(warnings.count == 4, "\(warnings)")
    }
}
