import Base
import CSystem

/// The LMDB file before LMDB sees it: our lock on it, and the checks without which LMDB would read outside of the file.
struct LMDBFile: ~Copyable {
    private let path: String
    private var descriptor: Int32
    let byteCount: Int

    static let magic: UInt32 = 0xBEEF_C0DE
    private static let pageBytes = 4096

    /// Opens or creates the file and locks it against other processes.
    init(_ path: String) throws(BackendError) {
        let descriptor = unsafe csystem_open_or_create(path)
        guard descriptor >= 0 else { throw Self.failure(path, "opening") }
        var status = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isLocked = csystem_errno() == EWOULDBLOCK
            let error = Self.failure(path, "locking")
            close(descriptor)
            throw isLocked ? .locked(path: path) : error
        }
        guard unsafe fstat(descriptor, &status) == 0 else {
            let error = Self.failure(path, "asking for the size")
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
        byteCount = Int(status.st_size)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Hands the descriptor, and with it the lock, to the caller.
    mutating func take() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }

    /// Both meta pages must be there and of this format: magic at byte 16, version at 20, page size at 40.
    func checkHeader() throws(BackendError) {
        var pages = [UInt8](repeating: 0, count: 2 * Self.pageBytes)
        let read = unsafe pages.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard read >= 0 else { throw Self.failure(path, "reading") }
        func number(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(pages[offset + $1]) << UInt32(8 * $1) } }
        guard read >= 48, number(16) == Self.magic else { throw .notOurs(path: path, reason: "not an LMDB file") }
        guard read == pages.count else { throw .corrupt(path: path, reason: "it ends after \(byteCount) bytes") }
        for page in 0..<2 {
            let start = page * Self.pageBytes
            guard number(start + 16) == Self.magic else { throw .corrupt(path: path, reason: "meta page \(page) has no magic number") }
            guard number(start + 20) == 1 else {
                throw .newerFormat(path: path, found: "LMDB version \(number(start + 20))", known: "LMDB version 1")
            }
            guard number(start + 40) == Self.pageBytes else {
                throw .corrupt(path: path, reason: "meta page \(page) says pages have \(number(start + 40)) bytes")
            }
        }
    }

    /// A page that is referred to but lies behind the end of the file would end the process when it is read.
    func check(lastPage: Int) throws(BackendError) {
        guard byteCount == 0 || lastPage < byteCount / Self.pageBytes else {
            throw .corrupt(path: path, reason: "it has \(byteCount) bytes and refers to page \(lastPage)")
        }
    }

    /// Makes the file's name durable.
    static func syncDirectory(of path: String) throws(BackendError) {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = unsafe csystem_open_for_reading(directory)
        guard descriptor >= 0 else { throw failure(directory, "opening") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(directory, "syncing") }
    }

    static func failure(_ path: String, _ operation: String) -> BackendError {
        .system(path: path, operation: operation, reason: unsafe String(cString: strerror(csystem_errno())))
    }
}
