import Base
import CLMDB

/// A write transaction on the store's file; ends without effect unless committed. Background thread only.
@safe
struct LMDBWriter: ~Copyable {
    private let environment: LMDBEnvironment
    /// nil once ended.
    private var transaction: OpaquePointer?
    /// Over bucket `key`; LMDB frees it with the transaction.
    private let rows: OpaquePointer

    init(_ environment: LMDBEnvironment) throws(BackendError) {
        var transaction: OpaquePointer?
        var code = unsafe mdb_txn_begin(environment.environment, nil, 0, &transaction)
        guard code == 0, unsafe transaction != nil else { throw environment.failure(code, "beginning to write") }
        var cursor: OpaquePointer?
        code = unsafe mdb_cursor_open(transaction, environment.database(.key), &cursor)
        guard code == 0, let cursor = unsafe cursor else {
            unsafe mdb_txn_abort(transaction)
            throw environment.failure(code, "opening a cursor")
        }
        self.environment = environment
        unsafe self.transaction = transaction
        unsafe rows = cursor
    }

    deinit {
        if unsafe transaction != nil { unsafe mdb_txn_abort(transaction) }
    }

    consuming func commit() throws(BackendError) {
        let ended = unsafe transaction
        unsafe transaction = nil
        let code = unsafe mdb_txn_commit(ended)
        if code != 0 { throw environment.failure(code, "committing") }
    }

    /// Adds a row above all others.
    mutating func append(_ revision: Revision, tombstone: Bool, _ row: RawSpan) throws(BackendError) {
        var key = RevisionKey(revision, tombstone: tombstone)
        let code = key.withSpan { unsafe Self.put(rows, $0, row, UInt32(MDB_APPEND)) }
        if code == MDB_KEYEXIST {
            throw .corrupt(path: environment.path, reason: "it already has a row at or after revision \(revision.main).\(revision.sub)")
        }
        if code != 0 { throw environment.failure(code, "writing row \(revision.main).\(revision.sub)") }
    }

    mutating func delete(_ revision: Revision, tombstone: Bool) throws(BackendError) {
        var key = RevisionKey(revision, tombstone: tombstone)
        let code = key.withSpan { span in
            unsafe span.withUnsafeBytes { bytes in
                var value = unsafe MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                return unsafe mdb_del(transaction, environment.database(.key), &value, nil)
            }
        }
        if code != 0, code != MDB_NOTFOUND { throw environment.failure(code, "deleting row \(revision.main).\(revision.sub)") }
    }

    mutating func put(_ bucket: Bucket, key: [UInt8], value: [UInt8]) throws(BackendError) {
        precondition(bucket != .key)
        let storedKey = LMDBKey(key.rawSpan)
        let stored = storedKey.stored(value, of: key.rawSpan)
        var keyValue = unsafe MDB_val()
        let code = unsafe storedKey.bytes.withUnsafeBytes { key in
            unsafe stored.withUnsafeBytes { value in
                unsafe keyValue = unsafe MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
                var dataValue = unsafe MDB_val(mv_size: value.count, mv_data: UnsafeMutableRawPointer(mutating: value.baseAddress))
                return unsafe mdb_put(transaction, environment.database(bucket), &keyValue, &dataValue, 0)
            }
        }
        if code != 0 { throw environment.failure(code, "writing bucket \(bucket.name)") }
    }

    mutating func delete(_ bucket: Bucket, key: [UInt8]) throws(BackendError) {
        precondition(bucket != .key)
        let storedKey = LMDBKey(key.rawSpan)
        let code = unsafe storedKey.bytes.withUnsafeBytes { bytes in
            var value = unsafe MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return unsafe mdb_del(transaction, environment.database(bucket), &value, nil)
        }
        if code != 0, code != MDB_NOTFOUND { throw environment.failure(code, "deleting from bucket \(bucket.name)") }
    }

    private static func put(_ cursor: OpaquePointer, _ key: RawSpan, _ value: RawSpan, _ flags: UInt32) -> Int32 {
        unsafe key.withUnsafeBytes { key in
            unsafe value.withUnsafeBytes { value in
                var keyValue = unsafe MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
                var dataValue = unsafe MDB_val(mv_size: value.count, mv_data: UnsafeMutableRawPointer(mutating: value.baseAddress))
                return unsafe mdb_cursor_put(cursor, &keyValue, &dataValue, flags)
            }
        }
    }
}
