import Base
import Storage
import Wire

/// The rows of the buckets `members`, `members_removed` and `cluster` (formats.md §4.2).
extension Membership {
    /// Reads what the database holds. A row that cannot be read is an error: a member must not be forgotten.
    package init(clusterID: ClusterID, from backend: borrowing Backend) throws(DamagedRow) {
        var members: [ClusterMember] = []
        var removed: Set<MemberID> = []
        var damaged: DamagedRow?
        backend.scan(.members) { key, value in
            do throws(JSONError) {
                members.append(ClusterMember(try MemberDescription(json: value)))
            } catch {
                damaged = DamagedRow(bucket: "members", key: String(decoding: key.array, as: UTF8.self), reason: "\(error)")
            }
            return damaged == nil
        }
        backend.scan(.membersRemoved) { key, _ in
            let text = String(decoding: key.array, as: UTF8.self)
            if let id = UInt64(text, radix: 16) {
                removed.insert(MemberID(id))
            } else {
                damaged = DamagedRow(bucket: "members_removed", key: text, reason: "not a hexadecimal member id")
            }
            return damaged == nil
        }
        if let damaged { throw damaged }
        self.init(clusterID: clusterID, members: members, removed: removed)
        if let text = backend.value(.cluster, key: Bytes("clusterVersion").span) {
            version = Version(String(decoding: text, as: UTF8.self))
        }
        if let row = backend.value(.cluster, key: Bytes("downgrade").span) {
            do throws(JSONError) { downgradeTarget = try DowngradeRules.target(row: Bytes(row).span) } catch {
                throw DamagedRow(bucket: "cluster", key: "downgrade", reason: "\(error)")
            }
        }
    }
}

/// A row of the database that says nothing sensible.
package struct DamagedRow: Error, Equatable, CustomStringConvertible {
    package var bucket: String
    package var key: String
    package var reason: String

    package var description: String {
        "the database's bucket \(bucket) holds a damaged row \(key): \(reason); "
            + "restore the data directory from a snapshot, or remove this member and add it again"
    }
}
