import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// The space quota and its alarm (limits.tsv, area quota).
extension Replica {
    /// Before a proposal: refuses what would not fit, and raises the alarm for this member.
    mutating func checkQuota(cost: Int64) throws(CallError) {
        guard cost > 0, !fits(cost) else { return }
        raiseAlarm(Alarms.noSpace)
        throw .noSpace
    }

    /// At apply: refused under the alarm; true if this write is the one that goes over. It raises the alarm, before its client
    /// hears of it.
    mutating func checkSpace(cost: Int64) throws(CallError) -> Bool {
        if alarms.isRaised(Alarms.noSpace) { throw .noSpace }
        if fits(cost) { return false }
        raiseAlarm(Alarms.noSpace)
        return true
    }

    private func fits(_ cost: Int64) -> Bool {
        if isDiskLow { return false }
        return configuration.quotaBytes <= 0 || store.backend.sizeBytes + cost < configuration.quotaBytes
    }

    private mutating func raiseAlarm(_ kind: Int32) {
        let alarm = Alarms.Alarm(member: configuration.memberID, kind: kind)
        guard !alarms.all(kind: kind).contains(alarm), alarmProposedUntil <= now else { return }
        // A proposal may be lost with its leader; it is then made again.
        alarmProposedUntil = now + configuration.requestTimeout
        var request = Etcdserverpb.AlarmRequest()
        request.action = .activate
        request.memberID = configuration.memberID.rawValue
        request.alarm = .init(rawValue: kind)
        proposeInternally(request, field: RequestField.alarm, .alarm)
    }

    mutating func proposeInternally(_ request: some WireMessage, field: Int, _ method: Method, asLeader: Bool = false) {
        var encoded = ByteBuffer(capacity: request.encodedSize)
        request.encode(into: &encoded)
        proposeInternally(encoded.span, field: field, method, asLeader: asLeader)
    }

    mutating func applyAlarm(_ body: RawSpan, _ out: inout ByteBuffer) throws(CallError) {
        let request = try decoded(Etcdserverpb.AlarmRequest.self, body)
        let alarm = Alarms.Alarm(member: MemberID(request.memberID), kind: request.alarm.rawValue)
        var response = Etcdserverpb.AlarmResponse()
        switch request.action {
        case .get:
            response.alarms = alarms.all(kind: alarm.kind).map(\.message)
        case .activate:
            if alarm.member == configuration.memberID { alarmProposedUntil = now }
            // Raising no alarm is no alarm (etcd answers with nothing and stores nothing).
            guard alarm.kind != 0 else { break }
            if alarms.raise(alarm) { storeAlarm(alarm) }
            response.alarms = [alarm.message]
        case .deactivate:
            guard alarms.disarm(alarm) else { break }
            var row = ByteBuffer()
            alarm.message.encode(into: &row)
            store.backend.delete(.alarm, key: row.span)
            response.alarms = [alarm.message]
        default:
            break
        }
        response.header = header()
        response.encode(into: &out)
    }

    private mutating func storeAlarm(_ alarm: Alarms.Alarm) {
        var row = ByteBuffer()
        alarm.message.encode(into: &row)
        store.backend.put(.alarm, key: row.span, value: ByteBuffer().span)
    }
}

extension Alarms.Alarm {
    var message: Etcdserverpb.AlarmMember {
        var message = Etcdserverpb.AlarmMember()
        message.memberID = member.rawValue
        message.alarm = .init(rawValue: kind)
        return message
    }
}
