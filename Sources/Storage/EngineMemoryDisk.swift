import Base
import Synchronization

/// The store without a disk, for tests and the simulator. What was committed survives the `Backend`s that read it, so a
/// crash is: drop the `Backend`, make another over the same disk.
package final class MemoryDisk: Sendable {
    private let state: Mutex<MemoryState>

    package init() { state = Mutex(MemoryState()) }

    /// Another store with the same contents, as of the last commit.
    package func copy() -> MemoryDisk {
        let copy = MemoryDisk()
        let contents = snapshot()
        copy.change { $0 = contents }
        return copy
    }

    /// As of the last commit; later commits do not change it.
    func snapshot() -> MemoryState { state.withLock { $0 } }

    func change(_ body: (inout MemoryState) -> Void) { state.withLock { body(&$0) } }
}

/// The committed contents of a `MemoryDisk`.
struct MemoryState: Sendable {
    /// Ascending and without empty ones.
    private(set) var tables: [RowTable] = []
    /// By raw value of the bucket; the one of `key` stays empty.
    private(set) var buckets = [[[UInt8]: [UInt8]]](repeating: [:], count: Bucket.allCases.count)
    private(set) var byteCount = 0

    /// A last table below this is joined with what follows, so that many small commits do not make many tables.
    private static let joinBelow = 512

    mutating func apply(_ batch: CommitBatch) {
        append(batch.rows)
        for bucket in Bucket.allCases {
            for (key, change) in batch.changes[Int(bucket.rawValue)].latest {
                switch change {
                case .put(let value): put(bucket, key: key, value: value)
                case .delete: delete(bucket, key: key)
                }
            }
        }
    }

    mutating func put(_ bucket: Bucket, key: [UInt8], value: [UInt8]) {
        delete(bucket, key: key)
        buckets[Int(bucket.rawValue)][key] = value
        byteCount += key.count + value.count
    }

    mutating func delete(_ bucket: Bucket, key: [UInt8]) {
        guard let old = buckets[Int(bucket.rawValue)].removeValue(forKey: key) else { return }
        byteCount -= key.count + old.count
    }

    mutating func append(_ rows: RowTable) {
        guard let first = rows.first else { return }
        byteCount += rows.bytes.count + rows.entries.count * RevisionKey.byteCount
        guard let tail = tables.last, let last = tail.last else { return tables.append(rows) }
        precondition(last < first, "rows must ascend")
        guard tail.entries.count < Self.joinBelow else { return tables.append(rows) }
        tables[tables.count - 1] = Self.joined([tail, rows]) { _ in true }
    }

    /// Removes rows; `revisions` ascends.
    mutating func remove(_ revisions: [Revision]) {
        var rest = revisions[...]
        var kept: [RowTable] = []
        for table in tables {
            guard let last = table.last, let next = rest.first, next <= last else {
                kept.append(table)
                continue
            }
            let shorter = Self.joined([table]) { revision in
                while let next = rest.first, next < revision { rest.removeFirst() }
                return rest.first != revision
            }
            byteCount -= table.bytes.count - shorter.bytes.count
            byteCount -= (table.entries.count - shorter.entries.count) * RevisionKey.byteCount
            if !shorter.entries.isEmpty { kept.append(shorter) }
        }
        tables = kept
    }

    private static func joined(_ tables: [RowTable], keeping isKept: (Revision) -> Bool) -> RowTable {
        var entries: [RowEntry] = []
        var bytes = ByteBuffer(capacity: tables.reduce(0) { $0 + $1.bytes.count })
        for table in tables {
            for var entry in table.entries where isKept(entry.revision) {
                let start = bytes.count
                bytes.append(table.span(entry))
                entry.offset = start
                entries.append(entry)
            }
        }
        return RowTable(entries: entries, bytes: bytes.freeze())
    }
}

extension MemoryState {
    /// The table that would hold `revision`.
    func table(of revision: Revision) -> Int? {
        var low = 0
        var high = tables.count
        while low < high {
            let middle = (low + high) / 2
            if (tables[middle].last ?? .greatest) < revision { low = middle + 1 } else { high = middle }
        }
        return low < tables.count ? low : nil
    }
}
