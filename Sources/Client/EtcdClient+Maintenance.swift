import Base
import HTTP
import Platform
import Wire

/// What a member says of itself.
public struct MemberStatus: Sendable {
    package let message: Etcdserverpb.StatusResponse
    public var header: ResponseHeader { ResponseHeader(message.header) }
    public var version: String { message.version }
    /// Bytes that the database takes, free space in it included, and without it.
    public var databaseSize: Int64 { message.dbSize }
    public var databaseSizeInUse: Int64 { message.dbSizeInUse }
    /// The leader's id; 0: none.
    public var leader: UInt64 { message.leader }
    public var raftIndex: UInt64 { message.raftIndex }
    public var raftTerm: UInt64 { message.raftTerm }
    public var raftAppliedIndex: UInt64 { message.raftAppliedIndex }
    public var errors: [String] { message.errors }
    public var isLearner: Bool { message.isLearner }
}

/// A member's alarm that was raised and not disarmed.
public struct Alarm: Equatable, Sendable {
    package let message: Etcdserverpb.AlarmMember
    public var memberID: UInt64 { message.memberID }
    public var isNoSpace: Bool { message.alarm == .nospace }
    public var isCorrupt: Bool { message.alarm == .corrupt }
}

extension EtcdClient {
    public func status(of endpoint: Endpoint) throws(ClientError) -> MemberStatus {
        MemberStatus(message: try call(.status, Etcdserverpb.StatusRequest(), on: channel(to: endpoint)))
    }

    /// Gives the space of deleted and compacted data back to the disk. The member answers nobody meanwhile.
    public func defragment(_ endpoint: Endpoint) throws(ClientError) {
        _ = try call(
            .defragment, Etcdserverpb.DefragmentRequest(), returning: Etcdserverpb.DefragmentResponse.self, on: channel(to: endpoint))
    }

    /// The hash of everything up to `revision` (0: the present one).
    public func hashKV(of endpoint: Endpoint, revision: Int64 = 0) throws(ClientError) -> UInt32 {
        try hashResponse(endpoint, revision).hash
    }

    package func hashResponse(_ endpoint: Endpoint, _ revision: Int64) throws(ClientError) -> Etcdserverpb.HashKVResponse {
        try call(.hashKV, Etcdserverpb.HashKVRequest.with { $0.revision = revision }, on: channel(to: endpoint))
    }

    public func alarms() throws(ClientError) -> [Alarm] { try alarmList().alarms.map(Alarm.init) }

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

    /// Hands the leadership to another member. The endpoint must be the leader's.
    public func moveLeader(to member: UInt64, through endpoint: Endpoint) throws(ClientError) {
        let request = Etcdserverpb.MoveLeaderRequest.with { $0.targetID = member }
        _ = try call(.moveLeader, request, returning: Etcdserverpb.MoveLeaderResponse.self, on: channel(to: endpoint))
    }

    /// Reads a snapshot of the database, piece by piece: `piece` gets the bytes and how many follow. Waits for a server as long as
    /// it takes to find one; throws when the stream breaks, since the pieces of two snapshots don't fit.
    public func snapshot(_ piece: @escaping (_ bytes: [UInt8], _ remaining: UInt64) -> Void) throws(ClientError) {
        let download = SnapshotDownload(channel, piece)
        while download.outcome == nil { loop.turn() }
        if let status = download.outcome, !status.isOK { throw ClientError(status) }
    }
}

/// A snapshot on its way.
private final class SnapshotDownload: GRPCClientCallHandler {
    private(set) var outcome: GRPCStatus?
    private let piece: ([UInt8], UInt64) -> Void

    init(_ channel: Channel, _ piece: @escaping ([UInt8], UInt64) -> Void) {
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
        piece(response.blob, response.remainingBytes)
    }

    func ended(_ status: GRPCStatus, on call: GRPCClientCall) { outcome = status }
}
