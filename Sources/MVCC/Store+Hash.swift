import Base

extension Store {
    /// The hash remembered from the compaction to `revision`: the answer to HashKV even if that was compacted since.
    package func rememberedHash(of revision: Int64) -> KeyValueHash? { revision > 0 ? hashes.hash(of: revision) : nil }

    package var rememberedHashes: [KeyValueHash] { hashes.all }

    /// Whether a key is alive at the revision, below the compacted one perhaps not known any more. O(keys) if none is.
    package func hasLiveKeys(at revision: Int64) -> Bool { index.hasLive(at: revision) }

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
