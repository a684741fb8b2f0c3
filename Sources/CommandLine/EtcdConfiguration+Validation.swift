import Base
import Platform

/// What etcd checks of its configuration before it starts, and what only a member without data must satisfy.
extension EtcdConfiguration {
    private static let electionTimeoutMax = Interval.milliseconds(50_000)

    func check(_ flags: FlagSettings) throws(UsageError) {
        try checkListeners("listen-peer-urls", listenPeerURLs, flags)
        try checkListeners("listen-client-urls", listenClientURLs, flags)
        try checkListeners("listen-metrics-urls", listenMetricsURLs, flags)
        try checkAdvertised("initial-advertise-peer-urls", advertisePeerURLs, flags)
        if advertiseClientURLs.isEmpty {
            throw UsageError("--advertise-client-urls is required when --listen-client-urls is set explicitly")
        }
        try checkAdvertised("advertise-client-urls", advertiseClientURLs, flags)
        try checkTimes(flags)
        try checkLog(flags)
        try checkFeatureGates(flags)
        guard !name.isEmpty else { throw UsageError("\(flags.describe("name")): the name must not be empty") }
        guard leaseCheckpoints || !storesLeaseCheckpoints else {
            throw UsageError(
                "\(flags.describe("experimental-enable-lease-checkpoint-persist")): requires experimental-enable-lease-checkpoint")
        }
        guard maxRequestBytes > 0 else { throw UsageError("\(flags.describe("max-request-bytes")): must be more than 0") }
        guard maxConcurrentStreams > 0 else { throw UsageError("\(flags.describe("max-concurrent-streams")): must be more than 0") }
    }

    private func checkListeners(_ flag: String, _ urls: [TransportURL], _ flags: FlagSettings) throws(UsageError) {
        let origin = flags.describe(flag)
        if urls.isEmpty, flag != "listen-metrics-urls" { throw UsageError("\(origin): no valid URLs given") }
        for url in urls {
            if url.isTLS { throw UsageError("\(origin): TLS is not supported yet by this build of etcd; use http or unix") }
            if url.isUnix || url.host == "localhost" || EtcdConfiguration.isAddress(url.host) { continue }
            throw UsageError("\(origin): expected IP in URL for binding (\(url.text)); names are for the advertise flags")
        }
    }

    private func checkAdvertised(_ flag: String, _ urls: [TransportURL], _ flags: FlagSettings) throws(UsageError) {
        if urls.isEmpty { throw UsageError("\(flags.describe(flag)): no valid URLs given") }
        for url in urls where url.host.isEmpty {
            throw UsageError("\(flags.describe(flag)): unexpected empty host (\(url.text))")
        }
    }

    private func checkTimes(_ flags: FlagSettings) throws(UsageError) {
        for (flag, value) in [("heartbeat-interval", heartbeatInterval), ("election-timeout", electionTimeout)] where value == .zero {
            throw UsageError("\(flags.describe(flag)): must be more than 0")
        }
        if heartbeatInterval.scaled(by: 5) > electionTimeout {
            throw UsageError(
                "--election-timeout[\(electionTimeout.milliseconds)ms] should be at least as 5 times as "
                    + "--heartbeat-interval[\(heartbeatInterval.milliseconds)ms]: "
                    + "\(flags.describe("election-timeout")), \(flags.describe("heartbeat-interval"))")
        }
        if electionTimeout > EtcdConfiguration.electionTimeoutMax {
            throw UsageError(
                "\(flags.describe("election-timeout")): too long, and should be set less than "
                    + "\(EtcdConfiguration.electionTimeoutMax.milliseconds)ms")
        }
        for flag in ["grpc-keepalive-min-time", "grpc-keepalive-interval", "grpc-keepalive-timeout", "watch-progress-notify-interval"]
        where flags.duration(flag) < .zero {
            throw UsageError("\(flags.describe(flag)): must not be negative")
        }
    }

    private func checkLog(_ flags: FlagSettings) throws(UsageError) {
        if log.outputs.isEmpty { throw UsageError("\(flags.describe("log-outputs")): name at least one output") }
        if log.outputs.count > 1, log.outputs.contains("default") {
            throw UsageError("\(flags.describe("log-outputs")): \"default\" cannot be combined with other outputs; name stderr instead")
        }
    }

    private static let changeableGates = ["CompactHashCheck", "InitialCorruptCheck", "LeaseCheckpoint", "LeaseCheckpointPersist"]

    /// The gates of release 3.6 with their defaults; ours has CompactHashCheck on.
    private static let featureGates: [(name: String, value: String)] = [
        ("AllAlpha", "false"), ("AllBeta", "false"), ("CompactHashCheck", "true"), ("InitialCorruptCheck", "false"),
        ("LeaseCheckpoint", "false"), ("LeaseCheckpointPersist", "false"), ("SetMemberLocalAddr", "false"),
        ("StopGRPCServiceOnDefrag", "false"), ("TxnModeWriteWithSharedBuffer", "true"),
    ]

    private func checkFeatureGates(_ flags: FlagSettings) throws(UsageError) {
        for gate in flags.list("feature-gates") {
            let pair = gate.split(separator: "=").map(String.init)
            let origin = flags.describe("feature-gates")
            guard pair.count == 2, pair[1] == "true" || pair[1] == "false" else {
                throw UsageError("\(origin): \"\(gate)\" is not of the form Name=true or Name=false")
            }
            guard let known = EtcdConfiguration.featureGates.first(where: { $0.name == pair[0] }) else {
                let nearest = EditDistance.nearest(to: pair[0], among: EtcdConfiguration.featureGates.map(\.name))
                throw UsageError("\(origin): unrecognized feature gate: \(pair[0])" + (nearest.map { "; did you mean \($0)?" } ?? ""))
            }
            guard pair[1] == known.value || EtcdConfiguration.changeableGates.contains(known.name) else {
                throw UsageError("\(origin): changing \(pair[0]) is not supported yet by this build of etcd; leave it out")
            }
        }
    }

    /// Checks of a member that has no data yet and is to found a cluster: it must be in the initial cluster, with the
    /// addresses it advertises, and no address may be there twice. `comparison` looks names up where the texts differ.
    package func checkBootstrap(_ comparison: PeerURLComparison = .asking(limit: .seconds(30))) throws(UsageError) {
        let own = try ownEntry
        try checkAdvertisedMatches(own, comparison)
        try checkDuplicates()
    }

    /// Checks of a member that has no data yet and is to join a cluster: its addresses are what the cluster was told.
    package func checkJoin() throws(UsageError) {
        _ = try ownEntry
        try checkDuplicates()
    }

    private var ownEntry: Member {
        get throws(UsageError) {
            guard let own = initialCluster.first(where: { $0.name == name }) else {
                throw UsageError(
                    "couldn't find local name \"\(name)\" in the initial cluster configuration; add it to --initial-cluster or change --name")
            }
            return own
        }
    }

    private func checkAdvertisedMatches(_ own: Member, _ comparison: PeerURLComparison) throws(UsageError) {
        guard let difference = comparison.difference(advertisePeerURLs, own.peerURLs) else { return }
        let advertised = advertisePeerURLs.map(\.text).sorted()
        let listed = own.peerURLs.map(\.text).sorted()
        let unadvertised = listed.filter { !advertised.contains($0) }.map { "\(name)=\($0)" }
        if !unadvertised.isEmpty {
            throw UsageError(
                "--initial-cluster has \(unadvertised.joined(separator: ",")) but missing from "
                    + "--initial-advertise-peer-urls=\(advertised.joined(separator: ",")) (\(difference))")
        }
        let unlisted = advertised.filter { !listed.contains($0) }
        throw UsageError(
            "--initial-advertise-peer-urls has \(unlisted.joined(separator: ",")) but missing from --initial-cluster=\(initialClusterText)")
    }

    private func checkDuplicates() throws(UsageError) {
        var owners: [String: String] = [:]
        for member in initialCluster {
            for url in member.peerURLs {
                if let other = owners[url.text] {
                    throw UsageError(
                        "initial cluster \(initialClusterText) has duplicate url: --initial-cluster: \(url.text) is there twice, "
                            + "for \"\(other)\" and \"\(member.name)\"")
                }
                owners[url.text] = member.name
            }
        }
    }

    /// The initial cluster as the flag has it.
    package var initialClusterText: String {
        initialCluster.flatMap { member in member.peerURLs.map { "\(member.name)=\($0.text)" } }.joined(separator: ",")
    }

    /// Whether `host` is an IP address: IPv4 in dots, or anything with colons. What is wrong beyond that, binding tells.
    private static func isAddress(_ host: String) -> Bool {
        if host.contains(":") { return host.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
