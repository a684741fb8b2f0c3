// swift-tools-version: 6.3
import PackageDescription

// One list of settings for every target (STYLE 24). `Lifetimes` lets a type hand out a borrowed span of its own storage.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// The module table of ARCHITECTURE §3. A module may depend only on modules of lower layers; `ModuleTableTests` checks it.
let modules: [(layer: Int, name: String, dependencies: [String])] = [
    (1, "Base", ["CSystem"]),
    (1, "Wire", ["Base"]),
    (2, "Raft", ["Base", "Wire"]),
    (2, "Storage", ["Base", "Wire", "CLMDB", "COpenSSL", "CSystem"]),
    (3, "MVCC", ["Base", "Wire", "Storage", "CSystem"]),
    (3, "Cluster", ["Base", "Wire", "Storage", "COpenSSL"]),
    (3, "Lease", ["Base", "Wire", "Storage"]),
    (4, "Replica", ["Base", "Wire", "Raft", "Storage", "MVCC", "Cluster", "Lease"]),
    (5, "Platform", ["Base", "Wire", "Storage", "CSystem", "CCAres"]),
    (5, "HTTP", ["Base", "Wire", "Platform", "CNGHTTP2", "CSystem"]),
    (6, "Peer", ["Base", "Wire", "Raft", "Cluster", "Replica", "Platform", "HTTP", "CSystem"]),
    (6, "Client", ["Base", "Wire", "Platform", "HTTP"]),
    (6, "CommandLine", ["Base", "Platform", "CSystem", "CYAML"]),
    (7, "Simulation", ["Base", "Wire", "Raft", "Storage", "MVCC", "Cluster", "Lease", "Replica"]),
    (7, "EtcdctlCommands", ["Base", "Wire", "Storage", "Platform", "HTTP", "Client", "CommandLine", "CSystem"]),
    (7, "EtcdutlCommands", ["Base", "Wire", "Storage", "Cluster", "Replica", "Platform", "CommandLine", "CSystem"]),
    (7, "Member", ["Base", "Wire", "Raft", "Storage", "MVCC", "Cluster", "Lease", "Replica", "Platform", "HTTP", "Peer", "CommandLine", "CSystem"]),
]

let executables: [(name: String, dependencies: [String])] = [
    ("etcd", ["Member", "Platform"]),
    ("etcdctl", ["EtcdctlCommands"]),
    ("etcdutl", ["EtcdutlCommands"]),
    // All of these in one file, for the container image.
    ("etcd-suite", ["Platform", "CommandLine", "EtcdctlCommands", "EtcdutlCommands", "Member", "CSystem"]),
    ("etcd-sim", ["Base", "Platform", "Simulation", "CSystem"]),
    ("wire-generator", []),
]

let tests: [(name: String, dependencies: [String])] = [
    ("BaseTests", ["Base"]),
    ("WireTests", ["Base", "Wire"]),
    ("RaftTests", ["Base", "Wire", "Raft"]),
    ("StorageTests", ["Base", "Wire", "Storage", "Platform"]),
    ("MVCCTests", ["Base", "Wire", "Storage", "MVCC"]),
    ("LeaseTests", ["Base", "Wire", "Storage", "Lease"]),
    ("ClusterTests", ["Base", "Wire", "Storage", "Cluster"]),
    ("ReplicaTests", ["Base", "Wire", "Raft", "Storage", "MVCC", "Cluster", "Lease", "Replica"]),
    ("PlatformTests", ["Base", "Wire", "Storage", "Platform", "CSystem", "TestSupport"]),
    ("HTTPTests", ["Base", "Wire", "Platform", "HTTP", "CNGHTTP2", "CSystem", "TestSupport"]),
    ("PeerTests", ["Base", "Wire", "Raft", "Replica", "Platform", "HTTP", "Peer", "CSystem", "TestSupport"]),
    ("ClientTests", ["Base", "Wire", "Platform", "HTTP", "Client", "CSystem"]),
    ("CommandLineTests", ["Base", "Platform", "CommandLine"]),
    ("MemberTests", ["Base", "Storage", "Raft", "Replica", "Cluster", "Platform", "CommandLine", "Member", "CSystem", "TestSupport"]),
    ("SimulationTests", ["Base", "Wire", "Raft", "Storage", "MVCC", "Replica", "Simulation"]),
    ("ProjectTests", []),
]

// Files beside the tests that are not Swift.
let excluded = ["WireTests": ["fixtures.tsv", "make_fixtures.py"], "MVCCTests": ["replay_transcript.py"]]

let package = Package(
    name: "etcd",
    products: executables.map { .executable(name: $0.name, targets: [$0.name]) },
    targets: ["CNGHTTP2", "COpenSSL", "CLMDB", "CCAres", "CYAML", "CSystem"].map { .systemLibrary(name: $0) }
        + modules.map { module in
            .target(
                name: module.name, dependencies: module.dependencies.map { .init(stringLiteral: $0) },
                exclude: module.name == "Wire" ? ["Protos"] : [], swiftSettings: settings)
        }
        + executables.map { executable in
            .executableTarget(
                name: executable.name, dependencies: executable.dependencies.map { .init(stringLiteral: $0) },
                exclude: executable.name == "wire-generator" ? ["generate.sh"] : [], swiftSettings: settings)
        }
        // What tests share, and programs for measuring and probing the transport alone; not shipped.
        + [
            .target(name: "TestSupport", dependencies: ["Platform", "CSystem"], path: "Tests/TestSupport", swiftSettings: settings),
            .executableTarget(
                name: "transport-echo", dependencies: ["Base", "Platform", "HTTP", "CSystem"], path: "Tests/TransportEcho",
                swiftSettings: settings),
            .executableTarget(
                name: "store-bench", dependencies: ["Base", "Wire", "Storage", "MVCC", "CSystem"], path: "Tests/StoreBench",
                swiftSettings: settings),
        ]
        + tests.map { test in
            .testTarget(
                name: test.name, dependencies: test.dependencies.map { .init(stringLiteral: $0) }, path: "Tests/\(test.name)",
                exclude: excluded[test.name] ?? [], swiftSettings: settings)
        }
)
