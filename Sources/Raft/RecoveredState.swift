import Base

/// What was found on disk at start.
package struct RecoveredState: Sendable {
    package var hardState: HardState
    /// The configuration as of `applied`.
    package var confState: ConfState
    /// The last entry that the log no longer holds; zero if it holds all.
    package var base: LogPosition
    /// The entries after `base`, without a gap. A snapshot received from a leader replaces the whole log: when the log is read
    /// back, a snapshot record (index, term) whose index does not hold an entry of that term takes away *all* entries read
    /// before it, also those after its index.
    package var entries: [Entry]
    /// The last entry whose effect is in the store. Committed entries after it come out again to be applied.
    package var applied: LogIndex

    package init(
        hardState: HardState = HardState(), confState: ConfState = ConfState(), base: LogPosition = .zero, entries: [Entry] = [],
        applied: LogIndex = .zero
    ) {
        self.hardState = hardState
        self.confState = confState
        self.base = base
        self.entries = entries
        self.applied = applied
    }
}
