import Base
import CSystem

/// Writes the pages of a new bbolt file one after the other; the first three (two meta pages and the freelist) at the end,
/// when it is known what they say.
struct BoltPageWriter: ~Copyable {
    let path: String
    private var descriptor: Int32
    private var pending = ByteBuffer()
    /// Bytes given to the file.
    private var written: Int64
    private var isFinished = false

    private static let firstPage: UInt64 = 3
    private static let pendingBytesMax = 1 << 18

    init(_ path: String) throws(BackendError) {
        let descriptor = unsafe csystem_open_or_create(path)
        guard descriptor >= 0, ftruncate(descriptor, 0) == 0 else {
            let error = Self.failure(path, "creating")
            if descriptor >= 0 { close(descriptor) }
            throw error
        }
        self.path = path
        self.descriptor = descriptor
        written = Int64(Self.firstPage) * Int64(BoltFormat.pageBytes)
    }

    /// A file that was not finished is removed.
    deinit {
        close(descriptor)
        if !isFinished { _ = unsafe unlink(path) }
    }

    /// Number of the page that the next `append` writes; the file's page count at the end.
    var nextPage: UInt64 { UInt64(written + Int64(pending.count)) / UInt64(BoltFormat.pageBytes) }

    var byteCount: Int64 { written + Int64(pending.count) }

    /// Adds a page with all its overflow pages, filled up with zeros. Returns its number.
    mutating func append(flags: UInt16, count: Int, body: RawSpan) throws(BackendError) -> UInt64 {
        let id = nextPage
        let bytes = BoltFormat.headerBytes + body.byteCount
        let pages = (bytes + BoltFormat.pageBytes - 1) / BoltFormat.pageBytes
        pending.appendBoltHeader(id: id, flags: flags, count: count, overflow: pages - 1)
        pending.append(body)
        pending.append(zeros: pages * BoltFormat.pageBytes - bytes)
        if pending.count >= Self.pendingBytesMax { try flush() }
        return id
    }

    /// Completes the file: an empty freelist, since every page is used, and both meta pages.
    mutating func finish(root: UInt64) throws(BackendError) {
        try flush()
        let end = nextPage
        for transaction in 0..<2 as Range<UInt64> {
            pending.appendBoltHeader(id: transaction, flags: BoltFormat.metaFlag, count: 0)
            var meta = ByteBuffer(capacity: BoltFormat.metaBytes)
            meta.append(littleEndian: BoltFormat.magic)
            meta.append(littleEndian: BoltFormat.version)
            meta.append(littleEndian: UInt32(BoltFormat.pageBytes))
            meta.append(littleEndian: UInt32(0))
            meta.append(littleEndian: root)
            meta.append(littleEndian: UInt64(0))
            meta.append(littleEndian: UInt64(2))
            meta.append(littleEndian: end)
            meta.append(littleEndian: transaction)
            meta.append(littleEndian: BoltFormat.checksum(meta.span))
            pending.append(meta.span)
            pending.append(zeros: BoltFormat.pageBytes - BoltFormat.headerBytes - meta.count)
        }
        pending.appendBoltHeader(id: 2, flags: BoltFormat.freelistFlag, count: 0)
        pending.append(zeros: BoltFormat.pageBytes - BoltFormat.headerBytes)
        try write(at: 0)
        isFinished = true
    }

    private mutating func flush() throws(BackendError) {
        let count = pending.count
        try write(at: written)
        written += Int64(count)
    }

    private mutating func write(at offset: Int64) throws(BackendError) {
        var done = 0
        while done < pending.count {
            let part = pending.span._extracting(unchecked: done, count: pending.count - done)
            let count = unsafe part.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, Int(offset) + done) }
            if count < 0, csystem_errno() == EINTR { continue }
            guard count > 0 else { throw Self.failure(path, "writing") }
            done += count
        }
        pending.removeAll()
    }

    private static func failure(_ path: String, _ operation: String) -> BackendError {
        .system(path: path, operation: operation, reason: unsafe String(cString: strerror(csystem_errno())))
    }
}
