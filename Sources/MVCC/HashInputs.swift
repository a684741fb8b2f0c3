import Base

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
