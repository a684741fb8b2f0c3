import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// The gRPC methods that this member serves, by path.
///
/// Looked up once per call: the candidates of the path's length are compared, which is at most four comparisons of memory
/// and no hashing.
struct ServiceTable {
    private var byLength: [[(path: Bytes, route: GRPCRoute)]] = []
    private var services: Set<String> = []

    /// Raw values of methods that the loop handles itself; those below are `Replica.Method`s.
    static let healthCheck: UInt8 = 200
    static let healthWatch: UInt8 = 201

    init() {
        let unary: [(String, Method)] = [
            ("etcdserverpb.KV/Range", .range), ("etcdserverpb.KV/Put", .put), ("etcdserverpb.KV/DeleteRange", .deleteRange),
            ("etcdserverpb.KV/Txn", .txn), ("etcdserverpb.KV/Compact", .compact),
            ("etcdserverpb.Lease/LeaseGrant", .leaseGrant), ("etcdserverpb.Lease/LeaseRevoke", .leaseRevoke),
            ("etcdserverpb.Lease/LeaseTimeToLive", .leaseTimeToLive), ("etcdserverpb.Lease/LeaseLeases", .leaseLeases),
            ("etcdserverpb.Maintenance/Alarm", .alarm), ("etcdserverpb.Maintenance/Status", .status),
            ("etcdserverpb.Maintenance/Defragment", .defragment), ("etcdserverpb.Maintenance/Hash", .hash),
            ("etcdserverpb.Maintenance/HashKV", .hashKV), ("etcdserverpb.Maintenance/MoveLeader", .moveLeader),
            ("etcdserverpb.Maintenance/Downgrade", .downgrade),
            ("etcdserverpb.Cluster/MemberList", .memberList), ("etcdserverpb.Cluster/MemberAdd", .memberAdd),
            ("etcdserverpb.Cluster/MemberRemove", .memberRemove), ("etcdserverpb.Cluster/MemberUpdate", .memberUpdate),
            ("etcdserverpb.Cluster/MemberPromote", .memberPromote),
        ]
        let streaming: [(String, UInt8)] = [
            ("etcdserverpb.Lease/LeaseKeepAlive", Method.leaseKeepAlive.rawValue), ("etcdserverpb.Watch/Watch", Method.watch.rawValue),
            ("etcdserverpb.Maintenance/Snapshot", Method.snapshot.rawValue), ("grpc.health.v1.Health/Watch", Self.healthWatch),
        ]
        for (path, method) in unary { add(path, .unary(method.rawValue)) }
        for (path, method) in streaming { add(path, .streaming(method)) }
        add("grpc.health.v1.Health/Check", .unary(Self.healthCheck))
    }

    private mutating func add(_ name: String, _ route: GRPCRoute) {
        let path = Bytes("/" + name)
        while byLength.count <= path.count { byLength.append([]) }
        byLength[path.count].append((path, route))
        services.insert(String(name.prefix { $0 != "/" }))
    }

    func hasService(_ name: RawSpan) -> Bool { services.contains(String(decoding: name.array, as: UTF8.self)) }

    func route(_ path: RawSpan) -> GRPCRoute {
        guard path.byteCount < byLength.count else { return .unimplemented }
        for candidate in byLength[path.byteCount] where candidate.path.span.equals(path) { return candidate.route }
        return .unimplemented
    }
}
