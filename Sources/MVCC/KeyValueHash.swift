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
