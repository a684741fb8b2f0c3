import Base

/// What a snapshot stands for: the state after applying the entry at `index`, and the configuration then.
package struct SnapshotMetadata: Sendable, Equatable {
    package var index: LogIndex
    package var term: Term
    package var confState: ConfState

    package init(index: LogIndex = .zero, term: Term = .zero, confState: ConfState = ConfState()) {
        self.index = index
        self.term = term
        self.confState = confState
    }

    package var position: LogPosition { LogPosition(index: index, term: term) }
}

/// raftpb.Snapshot. `data` is the small part that travels in the message (formats.md §8); the database travels beside it.
package struct Snapshot: Sendable, Equatable {
    package var metadata: SnapshotMetadata
    package var data: Bytes

    package init(metadata: SnapshotMetadata, data: Bytes = Bytes()) {
        self.metadata = metadata
        self.data = data
    }
}
