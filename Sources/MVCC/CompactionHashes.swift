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
