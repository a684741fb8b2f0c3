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
