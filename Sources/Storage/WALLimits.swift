/// Every bound of the log on disk, so that tests and the simulator can shrink them.
package struct WALLimits: Hashable, Sendable {
    /// A segment is preallocated to this size, and cut after the save that reaches it (formats.md §2.3).
    package var segmentBytes = 64_000_000
    /// How much of a segment is read at once; a longer record makes its own, longer window.
    package var readWindowBytes = 1 << 20
    /// A record longer than this is refused as damaged: entries are bounded far below by the request limit.
    package var recordBytesMax = 1 << 30
    /// Segments and .snap files kept by the purge; 0 keeps all.
    package var segmentsKept = 5
    package var snapshotsKept = 5

    package init() {}
}
