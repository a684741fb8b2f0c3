import Base

/// Why a log cannot be used: what is wrong, in which file, at which offset.
package struct WALError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        /// The directory holds no segment.
        case noSegments
        /// Segment numbers are not consecutive: `after` is there, `next` follows it.
        case segmentMissing(after: WALSegmentName, next: WALSegmentName)
        /// No segment begins at or below the snapshot's index.
        case startMissing(snapshot: LogIndex, first: WALSegmentName)
        /// The log holds no valid record of this snapshot: try an older one.
        case snapshotNotFound(WALSnapshot)
        /// The record of this snapshot's index names another term: try another one.
        case snapshotMismatch(WALSnapshot, recordedTerm: Term)
        /// The damage is in a record.
        case damaged(Damage)
        /// An earlier segment ends in the middle of a record.
        case tornInside(Tear)
        case conflictingMetadata
        case entryGap(expectedAtMost: LogIndex, found: LogIndex)
        /// The commit index of the last state lies beyond the last entry.
        case committedEntriesMissing(commit: LogIndex, last: LogIndex)
    }

    /// Damage that no interrupted write explains.
    package enum Damage: Error, Hashable, Sendable {
        case checksum(stored: UInt32, computed: UInt32)
        case segmentChecksum(stored: UInt32, computed: UInt32)
        case notARecord
        case unknownType(UInt64)
        case badContent(WALRecordType)
        case lengthField(UInt64)
        case recordTooLong(Int)
        case zeroLengthBeforeData
        case headerMissing(WALRecordType)
        case termDecreased(from: Term, to: Term, index: LogIndex)
        case committedEntryReplaced(index: LogIndex, commit: LogIndex)
    }

    /// How an interrupted write shows.
    package enum Tear: Hashable, Sendable {
        /// The file ends inside a length field.
        case lengthField
        /// The file ends inside a record of this many bytes.
        case record(Int)
        /// A 512-byte piece of the record is zero.
        case zeroSector
    }

    package var problem: Problem
    package var segment: WALSegmentName?
    /// Where the bad record begins in the segment file.
    package var offset: Int?

    package init(_ problem: Problem, segment: WALSegmentName? = nil, offset: Int? = nil) {
        self.problem = problem
        self.segment = segment
        self.offset = offset
    }

    package var description: String {
        var place = ""
        if let segment { place = "log segment \(segment)" }
        if let offset { place += ", offset \(offset)" }
        return (place.isEmpty ? "" : place + ": ") + problem.description
    }
}

extension WALError.Problem: CustomStringConvertible {
    private static let advice =
        "The log is damaged and was left as it is. Remove this member from the cluster and add it again with an empty data directory, "
        + "or restore the data directory from a backup."

    package var description: String {
        switch self {
        case .noSegments:
            return "wal: file not found: the log directory holds no segment. Restore the data directory from a backup, "
                + "or start with an empty one."
        case .segmentMissing(let after, let next):
            return "wal: file not found: between \(after) and \(next) at least one segment is missing. Put the missing files back. "
                + Self.advice
        case .startMissing(let snapshot, let first):
            return "wal: file not found: the log must be read from index \(snapshot) on, but its first segment is \(first). "
                + "A .snap file or earlier segments are missing; put them back. " + Self.advice
        case .snapshotNotFound(let snapshot):
            return "wal: snapshot not found: no valid record of the snapshot at index \(snapshot.index), term \(snapshot.term)."
        case .snapshotMismatch(let snapshot, let recorded):
            return "wal: snapshot mismatch: the log records term \(recorded) for the snapshot at index \(snapshot.index), "
                + "not \(snapshot.term)."
        case .damaged(let damage): return damage.description + " " + Self.advice
        case .tornInside(let tear): return "\(tear), though another segment follows. " + Self.advice
        case .conflictingMetadata:
            return "wal: conflicting metadata found: segments of different members or clusters are mixed. " + Self.advice
        case .entryGap(let expected, let found):
            return "wal: slice bounds out of range: entry \(found) follows, but the next can be at most \(expected); entries are missing "
                + "(perhaps a newer .snap file that was damaged or removed held them). " + Self.advice
        case .committedEntriesMissing(let commit, let last):
            return "the log knows entries up to \(commit) as committed but ends at \(last). " + Self.advice
        }
    }
}

extension WALError.Damage: CustomStringConvertible {
    package var description: String {
        switch self {
        case .checksum(let stored, let computed):
            return "walpb: crc mismatch: the record says \(stored), its bytes give \(computed)."
        case .segmentChecksum(let stored, let computed):
            return "wal: crc mismatch: the segment continues from \(stored), the one before it ends with \(computed)."
        case .notARecord: return "the record cannot be decoded."
        case .unknownType(let type): return "unexpected block type \(type)."
        case .badContent(let type): return "the content of a record of type \(type.rawValue) (\(type)) is not what such a record holds."
        case .lengthField(let value): return "the length field 0x\(String(value, radix: 16)) does not fit the record behind it."
        case .recordTooLong(let length): return "a record of \(length) bytes is longer than any that is written."
        case .zeroLengthBeforeData: return "a length field of zero is followed by data in the same disk sector."
        case .headerMissing(let type): return "the segment does not begin with a record of type \(type.rawValue) (\(type))."
        case .termDecreased(let from, let to, let index):
            return "entry \(index) has term \(to), less than the term \(from) before it."
        case .committedEntryReplaced(let index, let commit):
            return "entry \(index) replaces one that is committed (up to \(commit)) by another."
        }
    }
}

extension WALError.Tear: CustomStringConvertible {
    package var description: String {
        switch self {
        case .lengthField: return "unexpected EOF: the file ends inside a length field"
        case .record(let size): return "unexpected EOF: the file ends inside a record of \(size) bytes"
        case .zeroSector: return "unexpected EOF: a disk sector of the record was never written"
        }
    }
}
