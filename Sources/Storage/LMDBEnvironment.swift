import Base
import CLMDB
import CSystem
import Synchronization

/// The store's LMDB file: opening, checking, closing.
///
/// ```
/// main database:  "etcd store format" → "1"
///                 one named database for each bucket, under etcd's name for it
/// key:            the 17 or 18 bytes of RevisionKey → mvccpb.KeyValue
/// other buckets:  LMDBKey → value (behind the whole key, where that is longer than LMDB takes)
/// ```
/// Durability: a commit syncs its pages before the meta page that refers to them is written, and does not sync the meta
/// page (MDB_NOMETASYNC). A power loss can therefore undo the last commit, and never leaves half of one: the transaction
/// before it stays whole, because LMDB reuses no page of it before the next sync. The log replays what was undone; before
/// the log is cut, `BackendWriter.sync` makes the last commit durable too. The end of the process alone undoes nothing.
///
/// Readers: the reader table (the `-lock` file) keeps pages that a read transaction sees from being reused, and MDB_NOTLS
/// ties its slots to transactions, so a reader may be made on one thread and used on another. That only one process has the
/// file open is secured by a lock of our own on it.
@safe
final class LMDBEnvironment: Sendable {
    nonisolated(unsafe) let environment: OpaquePointer
    let path: String
    let mapBytes: Int
    /// Handles of the buckets' databases, by raw value.
    let databases: [MDB_dbi]
    /// Where the file is mapped; nil when it could not be made out, and then memory advice is not given.
    private nonisolated(unsafe) let map: UnsafeMutableRawPointer?
    /// Holds the lock on the file.
    private let descriptor: Int32
    /// Bytes of rows that scans have brought into this process's memory since it was last trimmed.
    private let scannedBytes = Atomic(0)
    static let scannedBytesMax = 64 << 20

    /// The file that has taken this one's place.
    let successor = Mutex<LMDBEnvironment?>(nil)

    static let formatKey = "etcd store format"
    static let format = "1"

    /// Opens the store at `path` or makes one. `mapBytes` bounds its size for as long as it is open: the quota and room to
    /// spare. The directory must exist. `besideBolt`: make a new store even though etcd's own database is there.
    /// `name`: the path for errors, where the file is about to be renamed.
    convenience init(path: String, mapBytes: Int, besideBolt: Bool = false, shownAs name: String? = nil) throws(BackendError) {
        precondition(mapBytes > 0)
        var file = try LMDBFile(path)
        let isNew = file.byteCount == 0
        if isNew, !besideBolt, let bolt = Self.boltNeighbour(of: path) {
            _ = unsafe unlink(path)
            throw .foreignBoltDatabase(path: bolt)
        }
        if !isNew { try file.checkHeader() }
        // A store that has outgrown the map given (a quota was lowered) must still be able to delete, which takes pages first.
        let mapBytes = Swift.max(mapBytes, file.byteCount + file.byteCount / 2)
        let environment = try unsafe Self.openEnvironment(path, mapBytes: mapBytes)
        do throws(BackendError) {
            var info = unsafe MDB_envinfo()
            unsafe mdb_env_info(environment, &info)
            try file.check(lastPage: unsafe info.me_last_pgno)
            let databases = try unsafe Self.openDatabases(environment, path, isNew: isNew)
            if isNew { try LMDBFile.syncDirectory(of: path) }
            unsafe self.init(environment, name ?? path, Int(info.me_mapsize), databases, file.take())
        } catch {
            unsafe mdb_env_close(environment)
            throw error
        }
    }

    private init(_ environment: OpaquePointer, _ path: String, _ mapBytes: Int, _ databases: [MDB_dbi], _ descriptor: Int32) {
        unsafe self.environment = environment
        self.path = path
        self.mapBytes = mapBytes
        self.databases = databases
        self.descriptor = descriptor
        unsafe map = unsafe Self.findMap(environment)
    }

    deinit {
        unsafe mdb_env_close(environment)
        close(descriptor)
    }

    func database(_ bucket: Bucket) -> MDB_dbi { databases[Int(bucket.rawValue)] }

    func failure(_ code: Int32, _ operation: String) -> BackendError {
        Self.failure(code, operation, path: path, mapBytes: mapBytes)
    }

    static func failure(_ code: Int32, _ operation: String, path: String, mapBytes: Int) -> BackendError {
        let text = unsafe String(cString: mdb_strerror(code))
        switch code {
        case MDB_MAP_FULL: return .full(path: path, mapBytes: mapBytes)
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_BAD_VALSIZE: return .corrupt(path: path, reason: "\(operation): \(text)")
        case MDB_INVALID: return .notOurs(path: path, reason: "not an LMDB file")
        case MDB_VERSION_MISMATCH: return .newerFormat(path: path, found: "unknown to this LMDB", known: format)
        default: return .system(path: path, operation: operation, reason: text)
        }
    }

    /// Makes all commits durable, the last one too, and the name that a defragmentation gave the file.
    func sync() throws(BackendError) {
        let code = unsafe mdb_env_sync(environment, 1)
        if code != 0 { throw failure(code, "sync") }
        try LMDBFile.syncDirectory(of: path)
    }

    /// For a file that is thrown away when it is not completed: no syncing at commits, one `sync` at the end.
    func setSyncing(_ isSyncing: Bool) { unsafe mdb_env_set_flags(environment, UInt32(MDB_NOSYNC), isSyncing ? 0 : 1) }

    /// Takes the file's pages out of this process's resident memory; they stay in the system's cache.
    func trimResident() {
        guard let map = unsafe map else { return }
        scannedBytes.store(0, ordering: .relaxed)
        _ = unsafe madvise(map, mapBytes, MADV_DONTNEED)
    }

    /// Keeps long scans from making all of the store resident.
    func noteScanned(_ bytes: Int) {
        let sum = scannedBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
        if sum > Self.scannedBytesMax { trimResident() }
    }

    /// Reading ahead pays while rows are scanned in order; at other times it only drags in pages nobody asked for.
    func expectScan(_ isScan: Bool) {
        guard let map = unsafe map else { return }
        _ = unsafe madvise(map, mapBytes, isScan ? MADV_SEQUENTIAL : MADV_RANDOM)
    }
}

extension LMDBEnvironment {
    /// etcd's database in the directory of `path`.
    private static func boltNeighbour(of path: String) -> String? {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let bolt = directory + "db"
        return unsafe access(bolt, F_OK) == 0 ? bolt : nil
    }

    private static func openEnvironment(_ path: String, mapBytes: Int) throws(BackendError) -> OpaquePointer {
        var environment: OpaquePointer?
        var code = unsafe mdb_env_create(&environment)
        guard code == 0, let environment = unsafe environment else { throw failure(code, "creating", path: path, mapBytes: mapBytes) }
        unsafe mdb_env_set_maxdbs(environment, UInt32(Bucket.allCases.count))
        let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
        unsafe mdb_env_set_mapsize(environment, (mapBytes + pageBytes - 1) / pageBytes * pageBytes)
        code = unsafe mdb_env_open(environment, path, UInt32(MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD | MDB_NOMETASYNC), 0o600)
        guard code == 0 else {
            unsafe mdb_env_close(environment)
            throw failure(code, "opening", path: path, mapBytes: mapBytes)
        }
        unsafe mdb_reader_check(environment, nil)
        return unsafe environment
    }

    private static func openDatabases(_ environment: OpaquePointer, _ path: String, isNew: Bool) throws(BackendError) -> [MDB_dbi] {
        func check(_ code: Int32, _ operation: String) throws(BackendError) {
            if code != 0 { throw failure(code, operation, path: path, mapBytes: 0) }
        }
        var transaction: OpaquePointer?
        try check(unsafe mdb_txn_begin(environment, nil, isNew ? 0 : UInt32(MDB_RDONLY), &transaction), "beginning to read")
        do throws(BackendError) {
            var main: MDB_dbi = 0
            try check(unsafe mdb_dbi_open(transaction, nil, 0, &main), "opening")
            if isNew {
                try check(unsafe put(Self.format, under: formatKey, transaction, main), "writing the format")
            } else {
                try unsafe checkFormat(transaction, main, path)
            }
            var databases: [MDB_dbi] = []
            for bucket in Bucket.allCases {
                var database: MDB_dbi = 0
                let code = unsafe mdb_dbi_open(transaction, bucket.name, isNew ? UInt32(MDB_CREATE) : 0, &database)
                if code == MDB_NOTFOUND { throw BackendError.corrupt(path: path, reason: "bucket \(bucket.name) is missing") }
                try check(code, "opening bucket \(bucket.name)")
                databases.append(database)
            }
            // Committing also a read transaction keeps the handles.
            let ended = unsafe transaction
            unsafe transaction = nil
            try check(unsafe mdb_txn_commit(ended), "committing")
            return databases
        } catch {
            if unsafe transaction != nil { unsafe mdb_txn_abort(transaction) }
            throw error
        }
    }

    private static func put(_ text: String, under key: String, _ transaction: OpaquePointer?, _ database: MDB_dbi) -> Int32 {
        var key = Array(key.utf8)
        var text = Array(text.utf8)
        return unsafe key.withUnsafeMutableBytes { key in
            unsafe text.withUnsafeMutableBytes { text in
                var keyValue = unsafe MDB_val(mv_size: key.count, mv_data: key.baseAddress)
                var textValue = unsafe MDB_val(mv_size: text.count, mv_data: text.baseAddress)
                return unsafe mdb_put(transaction, database, &keyValue, &textValue, 0)
            }
        }
    }

    private static func get(_ key: String, _ transaction: OpaquePointer?, _ database: MDB_dbi) -> (code: Int32, value: MDB_val) {
        var key = Array(key.utf8)
        return unsafe key.withUnsafeMutableBytes { key in
            var keyValue = unsafe MDB_val(mv_size: key.count, mv_data: key.baseAddress)
            var value = unsafe MDB_val()
            let code = unsafe mdb_get(transaction, database, &keyValue, &value)
            return unsafe (code, value)
        }
    }

    private static func checkFormat(_ transaction: OpaquePointer?, _ main: MDB_dbi, _ path: String) throws(BackendError) {
        let (code, value) = unsafe get(formatKey, transaction, main)
        if code == MDB_NOTFOUND { throw .notOurs(path: path, reason: "an LMDB file of another program") }
        if code != 0 { throw failure(code, "reading the format", path: path, mapBytes: 0) }
        let found = unsafe String(decoding: UnsafeRawBufferPointer(start: value.mv_data, count: Swift.min(value.mv_size, 20)), as: UTF8.self)
        guard found == format else { throw .newerFormat(path: path, found: found, known: format) }
    }

    /// LMDB does not tell where its map is. But a page's header begins with its number, so one address within a page leads
    /// there; the first page's magic number shows that it did.
    private static func findMap(_ environment: OpaquePointer) -> UnsafeMutableRawPointer? {
        var transaction: OpaquePointer?
        guard unsafe mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction) == 0 else { return nil }
        defer { unsafe mdb_txn_abort(transaction) }
        var main: MDB_dbi = 0
        var statistics = MDB_stat()
        guard unsafe mdb_dbi_open(transaction, nil, 0, &main) == 0, unsafe mdb_stat(transaction, main, &statistics) == 0 else { return nil }
        let (code, value) = unsafe get(formatKey, transaction, main)
        guard code == 0, let address = unsafe value.mv_data else { return nil }
        let pageBytes = UInt(statistics.ms_psize)
        guard let page = unsafe UnsafeRawPointer(bitPattern: UInt(bitPattern: address) / pageBytes * pageBytes) else { return nil }
        let number = unsafe page.load(as: UInt.self)
        let start = UInt(bitPattern: page) &- number &* pageBytes
        var info = unsafe MDB_envinfo()
        unsafe mdb_env_info(environment, &info)
        guard unsafe number <= info.me_last_pgno, let map = unsafe UnsafeMutableRawPointer(bitPattern: start),
            unsafe map.load(fromByteOffset: 16, as: UInt32.self) == LMDBFile.magic
        else { return nil }
        return unsafe map
    }
}
