import Base

/// What the store lies on. A handle that both of its threads share: the replica thread's `Backend` reads, the background
/// thread's `BackendWriter` writes.
package enum Engine: Sendable {
    case memory(MemoryDisk)

    func makeReader() throws(BackendError) -> EngineReader {
        switch self {
        case .memory(let disk): .memory(MemoryReader(disk))
        }
    }
}

/// Sizes of the store in bytes.
struct EngineUsage: Sendable {
    /// What the store takes on disk.
    var size: Int64
    /// The part of it that holds data.
    var inUse: Int64
}

/// A consistent view of what was committed when it was made or last renewed. One thread uses it at a time.
///
/// A read that fails because the store is damaged answers as if the row were not there, and `fault` says so from then on.
enum EngineReader: ~Copyable {
    case memory(MemoryReader)

    @_lifetime(borrow self)
    func row(at revision: Revision) -> RawSpan? {
        switch self {
        case .memory(let reader): unsafe _overrideLifetime(reader.row(at: revision), borrowing: self)
        }
    }

    /// Rows from `start` up to but without `end`, ascending, until `body` answers false; then the result is false.
    func scanRows(from start: Revision, before end: Revision, _ body: (Revision, _ tombstone: Bool, RawSpan) -> Bool) -> Bool {
        switch self {
        case .memory(let reader): reader.scanRows(from: start, before: end, body)
        }
    }

    func value(_ bucket: Bucket, key: RawSpan) -> [UInt8]? {
        switch self {
        case .memory(let reader): reader.value(bucket, key: key)
        }
    }

    /// Keys and values of a bucket other than `key`, ascending, until `body` answers false; then the result is false.
    func scan(_ bucket: Bucket, _ body: (RawSpan, RawSpan) -> Bool) -> Bool {
        switch self {
        case .memory(let reader): reader.scan(bucket, body)
        }
    }

    mutating func renew() {
        switch consume self {
        case .memory(var reader):
            reader.renew()
            self = .memory(reader)
        }
    }

    var usage: EngineUsage {
        switch self {
        case .memory(let reader): reader.usage
        }
    }

    var fault: BackendError? {
        switch self {
        case .memory: nil
        }
    }
}
