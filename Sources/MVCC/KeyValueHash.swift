import Base

/// A hash over the key-value rows (formats.md §5.1). Two members' hashes may be compared when both revisions are equal.
package struct KeyValueHash: Equatable, Sendable {
    package var hash: UInt32
    package var compactRevision: Int64
    package var revision: Int64

    package init(hash: UInt32, compactRevision: Int64, revision: Int64) {
        self.hash = hash
        self.compactRevision = compactRevision
        self.revision = revision
    }
}

/// The hashes of the latest compactions, by revision.
package struct CompactionHashes: Sendable {
    /// limits.tsv: compaction hashes remembered.
    package static let countMax = 10

    /// Ascending by revision.
    package private(set) var all: [KeyValueHash] = []

    mutating func insert(_ hash: KeyValueHash) {
        all.removeAll { $0.revision == hash.revision }
        let place = all.firstIndex { $0.revision > hash.revision } ?? all.count
        all.insert(hash, at: place)
        if all.count > CompactionHashes.countMax { all.removeFirst() }
    }

    package func hash(of revision: Int64) -> KeyValueHash? { all.first { $0.revision == revision } }
}

/// What HashKV needs beside the rows: sum up all rows with main ≤ revision, in order, except those in `skipped` (all of which
/// have main ≤ compactRevision).
package struct HashInputs: Sendable {
    package let revision: Int64
    package let compactRevision: Int64
    /// Revision for the response's header.
    package let currentRevision: Int64
    /// Lists of rows to leave out; neither sorted nor disjoint.
    package let skipped: [[Revision]]

    package func sortedSkipped() -> [Revision] {
        var all: [Revision] = []
        for list in skipped { all += list }
        all.sort()
        return all
    }
}

extension Store {
    /// The hash remembered from the compaction to `revision`: the answer to HashKV even if that was compacted since.
    package func rememberedHash(of revision: Int64) -> KeyValueHash? { revision > 0 ? hashes.hash(of: revision) : nil }

    package var rememberedHashes: [KeyValueHash] { hashes.all }

    /// For HashKV(`revision`), 0 = now. O(keys changed since the last compaction).
    package func hashInputs(revision: Int64) throws(StoreError) -> HashInputs {
        if revision > 0, revision < compactRevision { throw .compacted }
        if revision > currentRevision { throw .futureRevision }
        let revision = revision == 0 ? currentRevision : revision
        let skipped = index.skipped(at: revision, compacted: compactRevision)
        // Rows that a compaction dropped but that are still stored are as good as gone.
        return HashInputs(
            revision: revision, compactRevision: compactRevision, currentRevision: currentRevision,
            skipped: [skipped] + jobs.map(\.dropped) + (compaction.map { [$0.dropped] } ?? []))
    }
}
