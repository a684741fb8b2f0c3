// Made by wire-generator from the .proto files; `make generate` makes it anew.
/// The messages of proto package `authpb`.
@usableFromInline
package enum Authpb {}
/// The messages of proto package `etcdserverpb`.
@usableFromInline
package enum Etcdserverpb {}
/// The messages of proto package `grpc.health.v1`.
@usableFromInline
package enum Grpchealth {}
/// The messages of proto package `leasepb`.
@usableFromInline
package enum Leasepb {}
/// The messages of proto package `membershippb`.
@usableFromInline
package enum Membershippb {}
/// The messages of proto package `mvccpb`.
@usableFromInline
package enum Mvccpb {}
/// The messages of proto package `raftpb`.
@usableFromInline
package enum Raftpb {}
/// The messages of proto package `snappb`.
@usableFromInline
package enum Snappb {}
/// The messages of proto package `v3electionpb`.
@usableFromInline
package enum V3electionpb {}
/// The messages of proto package `v3lockpb`.
@usableFromInline
package enum V3lockpb {}
/// The messages of proto package `walpb`.
@usableFromInline
package enum Walpb {}
