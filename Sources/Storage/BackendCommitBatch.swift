import Base

/// What is to be committed in one transaction: everything written between two seals, and the log position that it reaches.
/// Immutable; the replica thread reads it as overlay while the background thread writes it to disk.
package final class CommitBatch: Sendable {
    /// Ascends with each seal of one `Backend`.
    package struct ID: Comparable, Hashable, Sendable {
        package let rawValue: UInt64
        package static func < (a: ID, b: ID) -> Bool { a.rawValue < b.rawValue }
    }

    package let id: ID
    /// The log position whose effects end with this batch; stored with it.
    package let appliedIndex: LogIndex
    package let appliedTerm: Term
    package let operations: Int
    let rows: RowTable
    /// By raw value of the bucket.
    let changes: [BucketChanges]

    init(id: ID, appliedIndex: LogIndex, appliedTerm: Term, operations: Int, rows: RowTable, changes: [BucketChanges]) {
        assert(changes.count == Bucket.allCases.count)
        self.id = id
        self.appliedIndex = appliedIndex
        self.appliedTerm = appliedTerm
        self.operations = operations
        self.rows = rows
        self.changes = changes
    }

    /// Bytes of keys and values.
    var byteCount: Int { rows.bytes.count + changes.reduce(0) { $0 + $1.byteCount } }
}

/// The latest state of each key of one bucket (not `key`) that was written since the last seal.
struct BucketChanges: Sendable {
    enum Change: Sendable {
        case put([UInt8])
        case delete
    }

    private(set) var latest: [[UInt8]: Change] = [:]
    private(set) var byteCount = 0

    static let none = [BucketChanges](repeating: BucketChanges(), count: Bucket.allCases.count)

    var isEmpty: Bool { latest.isEmpty }

    mutating func set(_ key: [UInt8], _ change: Change) {
        byteCount += key.count
        if case .put(let value) = change { byteCount += value.count }
        latest[key] = change
    }
}
