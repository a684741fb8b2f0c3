import Base

/// What a log holds from a snapshot on: everything Raft needs to go on, and everything the writer needs to append.
package struct RecoveredLog: Sendable {
    /// The end of the log: where the next record goes.
    package struct Tail: Hashable, Sendable {
        package var segment: WALSegmentName
        package var offset: Int
        /// The running checksum up to there.
        package var sum: UInt32
    }

    /// The snapshot the log was read from, with the configuration its record holds; index 0 when there is none.
    package var snapshot: WALSnapshot
    package var metadata: WALMetadata
    /// The metadata record as it is on disk; later segments must repeat the same bytes.
    package var metadataBytes: Bytes
    package var state: WALHardState
    /// Entries from `snapshot.index` + 1 on, without gap.
    package var entries: [WALEntry]
    package var tail: Tail
    /// The segments read, in order; the last is the tail's.
    package var segments: [WALSegmentName]

    package var lastIndex: LogIndex { entries.last?.index ?? snapshot.index }
    package var lastTerm: Term { entries.last?.term ?? snapshot.term }
}
