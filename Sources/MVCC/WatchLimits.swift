import Base

/// The bounds of watching. Defaults are etcd's where it has one (contract limits.tsv, area watch).
package struct WatchLimits: Sendable {
    /// Bytes handed to a stream and not drained above which its watchers get no more until half of it has drained.
    package var streamBytesMax = 1 << 20
    /// A response of at least this size is split for watchers that asked for fragments: max-request-bytes + 524288.
    package var fragmentBytes = 1_572_864 + 524_288
    /// Between progress notifications; each stream adds up to a tenth of it.
    package var progressInterval = Interval.seconds(600)
    package static let progressIntervalMin = Interval.milliseconds(100)
    /// One catch-up slice reads at most this many rows, copies at most this many bytes of those that matched, both then up to
    /// the end of the transaction, and looks at this many watchers.
    package var sliceRows = 1024
    package var sliceBytes = 1 << 20
    package var sliceWatchers = 1024
    /// Encoded events that one call may produce; the watchers left over catch up in later ones.
    package var eventBytesPerCall = 64 << 20

    package init() {}

    /// As the flags say.
    package init(maxRequestBytes: Int, progressInterval: Interval) {
        fragmentBytes = maxRequestBytes + 524_288
        self.progressInterval = Swift.max(progressInterval, Self.progressIntervalMin)
    }
}
