import Base
import CLMDB
import Synchronization

/// A read transaction on the store's file. One thread uses it at a time.
///
/// Looking up rows goes through one cursor that stays where the last row was found: the next row is often on the same page,
/// and then LMDB does not search from the root.
@safe
struct LMDBReader: ~Copyable {
    private let environment: LMDBEnvironment
    private let transaction: OpaquePointer
    /// Over bucket `key`.
    private let rows: OpaquePointer
    private let damage = Damage()

    /// Set by reads, which do not mutate the reader itself.
    private final class Damage {
        var fault: BackendError?
    }

    init(_ environment: LMDBEnvironment) throws(BackendError) {
        var transaction: OpaquePointer?
        var code = unsafe mdb_txn_begin(environment.environment, nil, UInt32(MDB_RDONLY), &transaction)
        guard code == 0, let transaction = unsafe transaction else { throw environment.failure(code, "beginning to read") }
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
        unsafe mdb_cursor_close(rows)
        unsafe mdb_txn_abort(transaction)
    }

    var fault: BackendError? { damage.fault }

    private func note(_ code: Int32, _ operation: String) {
        if damage.fault == nil { damage.fault = environment.failure(code, operation) }
    }

    private func note(damaged reason: String) {
        if damage.fault == nil { damage.fault = .corrupt(path: environment.path, reason: reason) }
    }

    /// A reader that sees what is committed now: this one, or one of the file that has taken its file's place.
    consuming func renewed() -> LMDBReader {
        guard let successor = environment.successor.withLock({ $0 }), let reader = try? LMDBReader(successor) else {
            renew()
            return self
        }
        return reader.renewed()
    }

    private func renew() {
        unsafe mdb_txn_reset(transaction)
        var code = unsafe mdb_txn_renew(transaction)
        if code == 0 { code = unsafe mdb_cursor_renew(transaction, rows) }
        // Only another process that resizes the file or uses up the reader table can cause this.
        precondition(code == 0, "the read transaction can't be renewed")
    }

    @_lifetime(borrow self)
    func row(at revision: Revision) -> RawSpan? {
        var key = RevisionKey(revision)
        var found = unsafe MDB_val()
        let code = key.withSpan { span in
            unsafe span.withUnsafeBytes { bytes in
                var value = unsafe MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                return unsafe mdb_cursor_get(rows, &value, &found, MDB_SET)
            }
        }
        guard code == 0 else {
            if code != MDB_NOTFOUND { note(code, "reading row \(revision.main).\(revision.sub)") }
            return nil
        }
        return unsafe span(found)
    }

    func scanRows(from start: Revision, before end: Revision, _ body: (Revision, _ tombstone: Bool, RawSpan) -> Bool) -> Bool {
        var key = RevisionKey(start)
        var foundKey = unsafe MDB_val()
        var found = unsafe MDB_val()
        var code = key.withSpan { span in
            unsafe span.withUnsafeBytes { bytes in
                unsafe foundKey = unsafe MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                return unsafe mdb_cursor_get(rows, &foundKey, &found, MDB_SET_RANGE)
            }
        }
        var scanned = 0
        defer { environment.noteScanned(scanned) }
        while code == 0 {
            guard let (revision, isTombstone) = RevisionKey.decode(unsafe span(foundKey)) else {
                note(damaged: "a key of bucket key is no revision")
                return false
            }
            if revision >= end { return true }
            if !body(revision, isTombstone, unsafe span(found)) { return false }
            scanned += unsafe found.mv_size
            if scanned > LMDBEnvironment.scannedBytesMax {
                environment.noteScanned(scanned)
                scanned = 0
            }
            code = unsafe mdb_cursor_get(rows, &foundKey, &found, MDB_NEXT)
        }
        if code != MDB_NOTFOUND { note(code, "reading rows") }
        return code == MDB_NOTFOUND
    }

    var lastRow: Revision? {
        var key = unsafe MDB_val()
        var found = unsafe MDB_val()
        let code = unsafe mdb_cursor_get(rows, &key, &found, MDB_LAST)
        if code != 0, code != MDB_NOTFOUND { note(code, "reading the last row") }
        guard code == 0 else { return nil }
        let revision = RevisionKey.decode(unsafe span(key))?.revision
        if revision == nil { note(damaged: "the last key of bucket key is no revision") }
        return revision
    }

    func value(_ bucket: Bucket, key: RawSpan) -> [UInt8]? {
        let storedKey = LMDBKey(key)
        var found = unsafe MDB_val()
        let code = unsafe storedKey.bytes.withUnsafeBytes { bytes in
            var value = unsafe MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return unsafe mdb_get(transaction, environment.database(bucket), &value, &found)
        }
        guard code == 0 else {
            if code != MDB_NOTFOUND { note(code, "reading bucket \(bucket.name)") }
            return nil
        }
        let stored = unsafe span(found)
        guard storedKey.isCut else { return stored.array }
        guard let parts = LMDBKey.parts(stored) else {
            note(damaged: "a long key of bucket \(bucket.name) is malformed")
            return nil
        }
        return stored._extracting(unchecked: parts.value.lowerBound, count: parts.value.count).array
    }

    func scan(_ bucket: Bucket, _ body: (RawSpan, RawSpan) -> Bool) -> Bool {
        var opened: OpaquePointer?
        var code = unsafe mdb_cursor_open(transaction, environment.database(bucket), &opened)
        guard code == 0, let cursor = unsafe opened else {
            note(code, "reading bucket \(bucket.name)")
            return false
        }
        defer { unsafe mdb_cursor_close(cursor) }
        /// Cut keys with the same beginning, until the run's end.
        var run: [(key: [UInt8], value: [UInt8])] = []
        func reportRun() -> Bool {
            run.sort { $0.key.lexicographicallyPrecedes($1.key) }
            defer { run = [] }
            return run.allSatisfy { body($0.key.rawSpan, $0.value.rawSpan) }
        }
        var key = unsafe MDB_val()
        var value = unsafe MDB_val()
        code = unsafe mdb_cursor_get(cursor, &key, &value, MDB_FIRST)
        while code == 0 {
            let storedKey = unsafe span(key)
            let stored = unsafe span(value)
            if storedKey.byteCount == LMDBKey.cutBytes {
                guard let parts = LMDBKey.parts(stored), parts.key.count > LMDBKey.keptBytes else {
                    note(damaged: "a long key of bucket \(bucket.name) is malformed")
                    return false
                }
                let whole = stored._extracting(unchecked: parts.key.lowerBound, count: parts.key.count).array
                if let last = run.last, last.key[..<LMDBKey.keptBytes] != whole[..<LMDBKey.keptBytes], !reportRun() { return false }
                run.append((whole, stored._extracting(unchecked: parts.value.lowerBound, count: parts.value.count).array))
            } else {
                if !run.isEmpty, !reportRun() { return false }
                if !body(storedKey, stored) { return false }
            }
            code = unsafe mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
        }
        if code != MDB_NOTFOUND { note(code, "reading bucket \(bucket.name)") }
        return code == MDB_NOTFOUND && reportRun()
    }

    /// Cost: a call of LMDB for each bucket.
    var usage: EngineUsage {
        var info = unsafe MDB_envinfo()
        unsafe mdb_env_info(environment.environment, &info)
        var pages = 2
        var pageBytes = 4096
        for database in [1] + environment.databases {
            var statistics = MDB_stat()
            guard unsafe mdb_stat(transaction, database, &statistics) == 0 else { continue }
            pages += statistics.ms_branch_pages + statistics.ms_leaf_pages + statistics.ms_overflow_pages
            pageBytes = Int(statistics.ms_psize)
        }
        return unsafe EngineUsage(size: Int64((info.me_last_pgno + 1) * pageBytes), inUse: Int64(pages * pageBytes))
    }

    func expectScan(_ isScan: Bool) { environment.expectScan(isScan) }

    /// LMDB's values lie in the map and are valid until the transaction is renewed or ends.
    @unsafe
    @_lifetime(borrow self)
    private func span(_ value: MDB_val) -> RawSpan {
        let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(value.mv_data.unsafelyUnwrapped), byteCount: value.mv_size)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}
