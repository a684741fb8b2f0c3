import Base

/// Counts the writes a node asks its log for, from 1. Writes are carried out in this order; reporting one as durable reports
/// all before it. (A log position would not do: a tail may be overwritten and then written again as it was.)
@frozen
package struct WriteNumber: Hashable, Comparable, Sendable {
    package let rawValue: UInt64
    @inlinable package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package static func < (a: WriteNumber, b: WriteNumber) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: WriteNumber { WriteNumber(0) }
}

/// One write of the log: first the output's `snapshot` if there is one, then its `entries` (an entry replaces everything
/// from its index on), then the hard state (formats.md §2.4).
package struct LogWrite: Sendable, Equatable {
    package var number: WriteNumber
    package var hardState: HardState?
    /// Sync it and then report `persisted(through: number)`. Otherwise the write may stay unsynced and need not be reported.
    package var mustSync: Bool

    package init(number: WriteNumber, hardState: HardState?, mustSync: Bool) {
        self.number = number
        self.hardState = hardState
        self.mustSync = mustSync
    }
}

/// A message and the write that must be durable before it leaves this member; nil: at once. Messages with the same `to`
/// leave in the order given.
package struct OutgoingMessage: Sendable, Equatable {
    package var message: Message
    package var after: WriteNumber?

    package init(message: Message, after: WriteNumber?) {
        self.message = message
        self.after = after
    }
}

/// The answer to `readIndex(context)`: a read is linearizable once `index` is applied.
package struct ReadState: Sendable, Equatable {
    package var context: UInt64
    package var index: LogIndex

    package init(context: UInt64, index: LogIndex) {
        self.context = context
        self.index = index
    }
}

package enum Role: UInt8, Sendable {
    case follower
    case preCandidate
    case candidate
    case leader
}

package struct SoftState: Sendable, Equatable {
    /// Zero if none is known.
    package var leader: MemberID
    package var role: Role
    package var term: Term

    package init(leader: MemberID, role: Role, term: Term) {
        self.leader = leader
        self.role = role
        self.term = term
    }
}

/// What a node wants done since the last `takeOutput`. The arrays are emptied and filled again by each call, so that a buffer
/// that is passed in again costs no allocation.
///
/// A log thread that takes `entries` away should give the array back to the node's thread to be emptied there: entries of
/// one batch share one block, whose reference count two threads should not fight over.
package struct RaftOutput: ~Copyable {
    /// Nil: nothing for the log.
    package var write: LogWrite?
    /// Of `write`.
    package var entries: [Entry] = []
    /// Of `write`: received from the leader; to be made durable, installed in the store, then `snapshotApplied`.
    package var snapshot: Snapshot?
    package var messages: [OutgoingMessage] = []
    /// Committed and durable here; to be applied in order: `firstToApply ... lastToApply`, read by `entry(at:)`. Empty if
    /// the last is below the first.
    package var firstToApply: LogIndex = LogIndex(1)
    package var lastToApply: LogIndex = .zero
    package var readStates: [ReadState] = []
    /// Nil: unchanged.
    package var softState: SoftState?
    package var refusals: [Refusal] = []

    package init() {}

    package var hasEntriesToApply: Bool { firstToApply <= lastToApply }

    package var isEmpty: Bool {
        write == nil && messages.isEmpty && !hasEntriesToApply && readStates.isEmpty && softState == nil && refusals.isEmpty
    }

    mutating func clear() {
        write = nil
        entries.removeAll(keepingCapacity: true)
        snapshot = nil
        messages.removeAll(keepingCapacity: true)
        firstToApply = LogIndex(1)
        lastToApply = .zero
        readStates.removeAll(keepingCapacity: true)
        softState = nil
        refusals.removeAll(keepingCapacity: true)
    }
}
