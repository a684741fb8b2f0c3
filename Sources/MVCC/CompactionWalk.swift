import Base

/// A compaction's way through the index's dirty list, in slices: what it drops, and how far it has come.
struct CompactionWalk {
    let revision: Int64
    /// Of the compaction before; −1 if there was none.
    let previous: Int64
    let remembersHash: Bool

    /// Positions in the dirty list: what was there at the start ends at `end`, is visited up to `read` and kept up to `write`.
    let end: Int
    var read = 0
    var write = 0
    var dropped: [Revision] = []

    init(revision: Int64, previous: Int64, remembersHash: Bool, end: Int) {
        self.revision = revision
        self.previous = previous
        self.remembersHash = remembersHash
        self.end = end
    }
}
