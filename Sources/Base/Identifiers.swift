/// Identifiers are distinct types, so that an index is never passed where a term is meant (STYLE 3).
@usableFromInline
package protocol Identifier: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible where RawValue: FixedWidthInteger {
    init(rawValue: RawValue)
}

extension Identifier {
    @inlinable package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    @usableFromInline package var description: String { String(rawValue) }

    /// Lower-case hexadecimal without padding, as etcd prints ids in headers, paths and logs.
    package var hex: String { String(rawValue, radix: 16) }
}

/// A Raft term. 0 is before any election.
@frozen
@usableFromInline
package struct Term: Identifier {
    @usableFromInline package let rawValue: UInt64
    @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package static func == (a: Term, b: Term) -> Bool { a.rawValue == b.rawValue }
    @inlinable package static func < (a: Term, b: Term) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: Term { Term(0) }
}

/// A position in the Raft log. The first entry has index 1; 0 means none.
@frozen
@usableFromInline
package struct LogIndex: Identifier {
    @usableFromInline package let rawValue: UInt64
    @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package static func == (a: LogIndex, b: LogIndex) -> Bool { a.rawValue == b.rawValue }
    @inlinable package static func < (a: LogIndex, b: LogIndex) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: LogIndex { LogIndex(0) }
}

/// A member's identity (formats.md §9). 0 means none.
@frozen
@usableFromInline
package struct MemberID: Identifier {
    @usableFromInline package let rawValue: UInt64
    @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package static func == (a: MemberID, b: MemberID) -> Bool { a.rawValue == b.rawValue }
    @inlinable package static func < (a: MemberID, b: MemberID) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: MemberID { MemberID(0) }
}

/// A cluster's identity (formats.md §9).
@frozen
@usableFromInline
package struct ClusterID: Identifier {
    @usableFromInline package let rawValue: UInt64
    @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable package static func == (a: ClusterID, b: ClusterID) -> Bool { a.rawValue == b.rawValue }
    @inlinable package static func < (a: ClusterID, b: ClusterID) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: ClusterID { ClusterID(0) }
}

/// A lease's identity, 1 … 2^63−1. 0 means no lease.
@frozen
@usableFromInline
package struct LeaseID: Identifier {
    @usableFromInline package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable package init(_ rawValue: Int64) { self.rawValue = rawValue }
    @inlinable package static func == (a: LeaseID, b: LeaseID) -> Bool { a.rawValue == b.rawValue }
    @inlinable package static func < (a: LeaseID, b: LeaseID) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: LeaseID { LeaseID(0) }
}

extension LogIndex {
    /// The index after this one. The log cannot grow to 2^64 entries.
    @inlinable package var next: LogIndex { LogIndex(rawValue &+ 1) }
    /// The index before this one; 0 stays 0.
    @inlinable package var previous: LogIndex { rawValue == 0 ? self : LogIndex(rawValue &- 1) }
}

/// A revision of the key-value store: `main` counts write transactions (the empty store is at 1), `sub` the changes inside
/// one transaction from 0.
@frozen
@usableFromInline
package struct Revision: Comparable, Hashable, Sendable {
    @usableFromInline package var main: Int64
    @usableFromInline package var sub: Int64

    @inlinable package init(main: Int64, sub: Int64) {
        self.main = main
        self.sub = sub
    }

    @inlinable package static func < (a: Revision, b: Revision) -> Bool {
        a.main != b.main ? a.main < b.main : a.sub < b.sub
    }
}
