import Base
import Wire

@testable import Storage

/// A key-value history made at random, with the rows etcd would have and the answers a plain reading of the rules gives.
struct BackendModel {
    struct Row: Equatable {
        var revision: Revision
        var isTombstone: Bool
        var key: String
        var bytes: [UInt8]
    }

    var rows: [Row] = []
    var revision: Int64 = 1
    private var random: RandomSource
    private var versions: [String: (create: Int64, version: Int64)] = [:]

    init(seed: UInt64) { random = RandomSource(seed: seed) }

    /// Makes `transactions` more, over a few keys, with values up to `valueBytesMax`.
    mutating func extend(transactions: Int, keys: Int = 12, valueBytesMax: Int = 300) -> ArraySlice<Row> {
        let start = rows.count
        for _ in 0..<transactions {
            revision += 1
            for sub in 0..<Int64.random(in: 1...3, using: &random) {
                let key = "key-\(Int.random(in: 0..<keys, using: &random))-\(sub)"
                let row = Revision(main: revision, sub: sub)
                if versions[key] != nil, Int.random(in: 0..<4, using: &random) == 0 {
                    versions[key] = nil
                    rows.append(Row(revision: row, isTombstone: true, key: key, bytes: Self.encode(key)))
                    continue
                }
                let create = versions[key]?.create ?? revision
                let version = (versions[key]?.version ?? 0) + 1
                versions[key] = (create, version)
                let value = [UInt8](repeating: UInt8(truncatingIfNeeded: revision), count: Int.random(in: 0...valueBytesMax, using: &random))
                let bytes = Self.encode(key, create: create, mod: revision, version: version, value: value)
                rows.append(Row(revision: row, isTombstone: false, key: key, bytes: bytes))
            }
        }
        return rows[start...]
    }

    static func encode(_ key: String, create: Int64 = 0, mod: Int64 = 0, version: Int64 = 0, value: [UInt8] = []) -> [UInt8] {
        var keyValue = Mvccpb.KeyValue()
        keyValue.key = Array(key.utf8)
        keyValue.createRevision = create
        keyValue.modRevision = mod
        keyValue.version = version
        keyValue.value = value
        var buffer = ByteBuffer()
        buffer.reserve(keyValue.encodedSize)
        keyValue.encode(into: &buffer)
        return buffer.span.array
    }
}

/// The rules of formats.md §4.5 and §5.1, read literally.
extension [BackendModel.Row] {
    /// `keep` at a revision: for each key alive, its latest revision.
    func kept(at revision: Int64, withTombstoneAt compacted: Int64? = nil) -> Set<Revision> {
        var latest: [String: BackendModel.Row] = [:]
        for row in self where row.revision.main <= revision { latest[row.key] = row }
        return Set(latest.values.filter { !$0.isTombstone || $0.revision.main == compacted }.map(\.revision))
    }

    func hash(revision: Int64, compacted: Int64, keep: Set<Revision>) -> UInt32 {
        var sum = CRC32C.checksum(Array<UInt8>("key".utf8).rawSpan)
        for row in self {
            if row.revision.main > revision { continue }
            if row.revision.main <= compacted, !keep.isEmpty, !keep.contains(row.revision) { continue }
            if row.isTombstone, row.revision.main == compacted { continue }
            sum = CRC32C.checksum(continuing: sum, RevisionKey(row.revision, tombstone: row.isTombstone).array.rawSpan)
            sum = CRC32C.checksum(continuing: sum, row.bytes.rawSpan)
        }
        return sum
    }

    /// What HashKV leaves out, as the index would say.
    func skipped(at revision: Int64, compacted: Int64) -> [Revision] {
        let keep = kept(at: revision)
        return filter { row in
            row.revision.main <= compacted
                && ((!keep.isEmpty && !keep.contains(row.revision)) || (row.isTombstone && row.revision.main == compacted))
        }.map(\.revision)
    }
}
