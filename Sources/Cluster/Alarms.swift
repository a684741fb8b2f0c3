import Base
import Storage
import Wire

/// The alarms that are raised, as the bucket `alarm` holds them.
package struct Alarms: Sendable, Equatable {
    package struct Alarm: Hashable, Sendable {
        package var member: MemberID
        /// etcdserverpb.AlarmType: 1 NOSPACE, 2 CORRUPT; other numbers are kept.
        package var kind: Int32

        package init(member: MemberID, kind: Int32) {
            self.member = member
            self.kind = kind
        }
    }

    package static let noSpace: Int32 = 1
    package static let corrupt: Int32 = 2

    private var raised: Set<Alarm> = []

    package init() {}

    /// Whether it was not raised before.
    package mutating func raise(_ alarm: Alarm) -> Bool { raised.insert(alarm).inserted }

    /// Whether it had been raised.
    package mutating func disarm(_ alarm: Alarm) -> Bool { raised.remove(alarm) != nil }

    package func isRaised(_ kind: Int32) -> Bool { raised.contains { $0.kind == kind } }

    /// Alarms of `kind`, or all for 0; by kind, then member.
    package func all(kind: Int32 = 0) -> [Alarm] {
        raised.filter { kind == 0 || $0.kind == kind }.sorted { ($0.kind, $0.member) < ($1.kind, $1.member) }
    }

    package var isEmpty: Bool { raised.isEmpty }
}

extension Alarms {
    /// Reads the bucket `alarm`.
    package init(from backend: borrowing Backend) throws(DamagedRow) {
        self.init()
        var damaged: DamagedRow?
        backend.scan(.alarm) { key, _ in
            do throws(WireError) {
                let message = try Etcdserverpb.AlarmMember(decoding: key)
                _ = raise(Alarm(member: MemberID(message.memberID), kind: message.alarm.rawValue))
            } catch {
                damaged = DamagedRow(bucket: "alarm", key: "\(key.array)", reason: "\(error)")
            }
            return damaged == nil
        }
        if let damaged { throw damaged }
    }
}
