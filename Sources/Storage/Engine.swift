import Base
import Synchronization

/// What the store lies on. A handle that both of its threads share: the replica thread's `Backend` reads, the background
/// thread's `BackendWriter` writes.
package enum Engine: Sendable {
    case lmdb(LMDBStore)
    case memory(MemoryDisk)

    /// Opens the store at `path` (in the member's `snap` directory, by the name `lmdb`), or makes an empty one. `mapBytes`
    /// bounds its size while it is open: the quota with room to spare; it costs address space only.
    package static func open(path: String, mapBytes: Int) throws(BackendError) -> Engine {
        .lmdb(LMDBStore(try LMDBEnvironment(path: path, mapBytes: mapBytes)))
    }

    /// Takes the store's pages out of this process's resident memory, for after a scan of everything. Any thread.
    package func trimResident() {
        switch self {
        case .lmdb(let store): store.environment.trimResident()
        case .memory: break
        }
    }

    func makeReader() throws(BackendError) -> EngineReader {
        switch self {
        case .lmdb(let store): .lmdb(try LMDBReader(store.environment))
        case .memory(let disk): .memory(MemoryReader(disk))
        }
    }
}

/// The store's open LMDB file, as others may hold it. A defragmentation puts another file in its place.
package final class LMDBStore: Sendable {
    private let current: Mutex<LMDBEnvironment>

    init(_ environment: LMDBEnvironment) { current = Mutex(environment) }

    var environment: LMDBEnvironment { current.withLock { $0 } }

    /// New readers, and old ones when they renew, read `successor` from now on.
    func replace(by successor: LMDBEnvironment) {
        environment.successor.withLock { $0 = successor }
        current.withLock { $0 = successor }
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
    case lmdb(LMDBReader)
    case memory(MemoryReader)

    @_lifetime(borrow self)
    func row(at revision: Revision) -> RawSpan? {
        switch self {
        case .lmdb(let reader):
            let row = reader.row(at: revision)
            return unsafe _overrideLifetime(row, borrowing: self)
        case .memory(let reader):
            let row = reader.row(at: revision)
            return unsafe _overrideLifetime(row, borrowing: self)
        }
    }

    /// Rows from `start` up to but without `end`, ascending, until `body` answers false; then the result is false.
    func scanRows(from start: Revision, before end: Revision, _ body: (Revision, _ tombstone: Bool, RawSpan) -> Bool) -> Bool {
        switch self {
        case .lmdb(let reader): reader.scanRows(from: start, before: end, body)
        case .memory(let reader): reader.scanRows(from: start, before: end, body)
        }
    }

    func value(_ bucket: Bucket, key: RawSpan) -> [UInt8]? {
        switch self {
        case .lmdb(let reader): reader.value(bucket, key: key)
        case .memory(let reader): reader.value(bucket, key: key)
        }
    }

    /// Keys and values of a bucket other than `key`, ascending, until `body` answers false; then the result is false.
    func scan(_ bucket: Bucket, _ body: (RawSpan, RawSpan) -> Bool) -> Bool {
        switch self {
        case .lmdb(let reader): reader.scan(bucket, body)
        case .memory(let reader): reader.scan(bucket, body)
        }
    }

    mutating func renew() {
        switch consume self {
        case .lmdb(let reader):
            self = .lmdb(reader.renewed())
        case .memory(var reader):
            reader.renew()
            self = .memory(reader)
        }
    }

    var usage: EngineUsage {
        switch self {
        case .lmdb(let reader): reader.usage
        case .memory(let reader): reader.usage
        }
    }

    var fault: BackendError? {
        switch self {
        case .lmdb(let reader): reader.fault
        case .memory: nil
        }
    }

    /// Revision of the last row of bucket `key`.
    var lastRow: Revision? {
        switch self {
        case .lmdb(let reader): reader.lastRow
        case .memory(let reader): reader.lastRow
        }
    }

    /// Tells the system whether to read ahead.
    func expectScan(_ isScan: Bool) {
        switch self {
        case .lmdb(let reader): reader.expectScan(isScan)
        case .memory: break
        }
    }
}
