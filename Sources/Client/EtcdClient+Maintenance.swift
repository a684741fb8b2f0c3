import Base
import HTTP
import Platform
import Wire

/// What a member says of itself.
public struct MemberStatus: Sendable {
    package let message: Etcdserverpb.StatusResponse
    /// The cluster, the member that answered and the store's revision.
    public var header: ResponseHeader { ResponseHeader(message.header) }
    /// Of the etcd release that it is or is equal to, such as "3.6.0".
    public var version: String { message.version }
    /// Bytes that the database takes, free space in it included.
    public var databaseSize: Int64 { message.dbSize }
    /// Bytes that the database takes, without the free space in it.
    public var databaseSizeInUse: Int64 { message.dbSizeInUse }
    /// The leader's id; 0: none.
    public var leader: UInt64 { message.leader }
    /// The last entry of the log that is committed.
    public var raftIndex: UInt64 { message.raftIndex }
    /// The term of the present leader, or of the election that is under way.
    public var raftTerm: UInt64 { message.raftTerm }
    /// The last entry of the log that its store has seen.
    public var raftAppliedIndex: UInt64 { message.raftAppliedIndex }
    /// What is wrong with it, for people: alarms, no leader. Empty when nothing is.
    public var errors: [String] { message.errors }
    /// Receives the log but has no vote.
    public var isLearner: Bool { message.isLearner }
}

/// A member's alarm that was raised and not disarmed.
public struct Alarm: Equatable, Sendable {
    package let message: Etcdserverpb.AlarmMember
    /// Whose alarm it is.
    public var memberID: UInt64 { message.memberID }
    /// The database has reached its quota: the cluster takes no writes but deletes.
    public var isNoSpace: Bool { message.alarm == .nospace }
    /// Its data is not what the others have.
    public var isCorrupt: Bool { message.alarm == .corrupt }
}

extension EtcdClient {
    /// What the member at `endpoint` says of itself. Works without a leader.
    public func status(of endpoint: Endpoint) throws(ClientError) -> MemberStatus {
        MemberStatus(message: try call(.status, Etcdserverpb.StatusRequest(), on: channel(to: endpoint)))
    }

    /// Gives the space of deleted and compacted data back to the disk. Takes longer the more data there is, and a Go member answers
    /// nobody meanwhile: see `timeout`, and do it to one member after the other.
    public func defragment(_ endpoint: Endpoint) throws(ClientError) {
        _ = try call(
            .defragment, Etcdserverpb.DefragmentRequest(), returning: Etcdserverpb.DefragmentResponse.self, on: channel(to: endpoint))
    }

    /// The hash of everything up to `revision` (0: the present one) in the store of the member at `endpoint`. Two members with the same
    /// data and the same compacted revision have the same. One that has been compacted or is yet to come is an error.
    public func hashKV(of endpoint: Endpoint, revision: Int64 = 0) throws(ClientError) -> UInt32 {
        try hashResponse(endpoint, revision).hash
    }

    package func hashResponse(_ endpoint: Endpoint, _ revision: Int64) throws(ClientError) -> Etcdserverpb.HashKVResponse {
        try call(.hashKV, Etcdserverpb.HashKVRequest.with { $0.revision = revision }, on: channel(to: endpoint))
    }

    /// All alarms of all members.
    public func alarms() throws(ClientError) -> [Alarm] { try alarmList().alarms.map(Alarm.init) }

    /// Takes an alarm back. Done before the reason is gone, it comes again.
    public func disarm(_ alarm: Alarm) throws(ClientError) { _ = try alarmDisarm(alarm.memberID, alarm.message.alarm) }

    package func alarmList(on channel: Channel? = nil) throws(ClientError) -> Etcdserverpb.AlarmResponse {
        try call(.alarmList, Etcdserverpb.AlarmRequest.with { $0.action = .get }, on: channel)
    }

    /// Disarms an alarm of a member; with 0 and no kind, all of all members. Returns those that were armed.
    package func alarmDisarm(_ member: UInt64, _ alarm: Etcdserverpb.AlarmType) throws(ClientError) -> Etcdserverpb.AlarmResponse {
        let request = Etcdserverpb.AlarmRequest.with {
            $0.action = .deactivate
            $0.memberID = member
            $0.alarm = alarm
        }
        return try call(.alarm, request)
    }

    /// Hands the leadership to another member. The endpoint must be the leader's, else it is refused (`failedPrecondition`, code 9).
    public func moveLeader(to member: UInt64, through endpoint: Endpoint) throws(ClientError) {
        let request = Etcdserverpb.MoveLeaderRequest.with { $0.targetID = member }
        _ = try call(.moveLeader, request, returning: Etcdserverpb.MoveLeaderResponse.self, on: channel(to: endpoint))
    }

    /// Reads a snapshot of the database of one member, piece by piece: `piece` gets the bytes and how many follow, and returns whether
    /// to go on. The last 32 bytes are the SHA-256 of all before. `timeout` does not count: it waits as long as it takes. Throws when
    /// the stream breaks, since the pieces of two snapshots don't fit, and `isCancelled` when `piece` has ended it.
    public func snapshot(_ piece: @escaping (_ bytes: [UInt8], _ remaining: UInt64) -> Bool) throws(ClientError) {
        let download = SnapshotDownload(channel, piece)
        while download.outcome == nil { loop.turn() }
        if let status = download.outcome, !status.isOK { throw ClientError(status, isLocal: download.isUnwanted) }
    }
}

/// A snapshot on its way.
private final class SnapshotDownload: GRPCClientCallHandler {
    private(set) var outcome: GRPCStatus?
    /// The receiver has said that it wants no more.
    private(set) var isUnwanted = false
    private let piece: ([UInt8], UInt64) -> Bool

    init(_ channel: Channel, _ piece: @escaping ([UInt8], UInt64) -> Bool) {
        self.piece = piece
        channel.pick(deadline: .distantFuture) { [self] picked in
            switch picked {
            case .failure(let status): outcome = status
            case .success(let connection):
                let request = Etcdserverpb.SnapshotRequest().encoded()
                let call = connection.unary(
                    Method.snapshot.path, request, metadata: channel.metadata, deadline: .distantFuture, self)
                if call == nil { outcome = GRPCStatus(code: GRPCCode.unavailable, message: "no connection", mayHaveRun: false) }
            }
        }
    }

    func received(_ message: Bytes, on call: GRPCClientCall) {
        guard let response = try? Etcdserverpb.SnapshotResponse(decoding: message) else {
            return call.end(GRPCStatus(code: GRPCCode.internal, message: "malformed snapshot response"))
        }
        if !piece(response.blob, response.remainingBytes) {
            isUnwanted = true
            call.end(GRPCStatus(code: GRPCCode.cancelled, message: "the receiver wants no more"))
        }
    }

    func ended(_ status: GRPCStatus, on call: GRPCClientCall) { outcome = status }
}
