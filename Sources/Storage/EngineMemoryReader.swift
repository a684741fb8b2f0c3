import Base

/// The view of a `MemoryDisk`.
struct MemoryReader {
    private let disk: MemoryDisk
    private var state: MemoryState

    init(_ disk: MemoryDisk) {
        self.disk = disk
        state = disk.snapshot()
    }

    mutating func renew() { state = disk.snapshot() }

    var usage: EngineUsage { EngineUsage(size: Int64(state.byteCount), inUse: Int64(state.byteCount)) }

    var lastRow: Revision? { state.tables.last?.last }

    @_lifetime(borrow self)
    func row(at revision: Revision) -> RawSpan? {
        guard let number = state.table(of: revision), let index = state.tables[number].entries.index(of: revision) else { return nil }
        let table = state.tables[number]
        guard !table.entries[index].isTombstone else { return nil }
        let span = table.span(table.entries[index])
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    func scanRows(from start: Revision, before end: Revision, _ body: (Revision, _ tombstone: Bool, RawSpan) -> Bool) -> Bool {
        guard let first = state.table(of: start) else { return true }
        for table in state.tables[first...] {
            for entry in table.entries[table.entries.firstIndex(notBefore: start)...] {
                if entry.revision >= end { return true }
                if !body(entry.revision, entry.isTombstone, table.span(entry)) { return false }
            }
        }
        return true
    }

    func value(_ bucket: Bucket, key: RawSpan) -> [UInt8]? { state.buckets[Int(bucket.rawValue)][key.array] }

    func scan(_ bucket: Bucket, _ body: (RawSpan, RawSpan) -> Bool) -> Bool {
        let contents = state.buckets[Int(bucket.rawValue)].sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return contents.allSatisfy { body($0.key.rawSpan, $0.value.rawSpan) }
    }
}
