import Base
import CSystem
import Glibc

/// An open file with one owner; closed when it goes. Thin and typed: every call that a signal interrupts is repeated, every
/// failure is a `FileError` with the path.
///
/// Owner: any one thread at a time.
package struct FileDescriptor: ~Copyable, Sendable {
    package let descriptor: Int32
    /// What errors call the file; whoever renames it changes this too.
    package internal(set) var path: String

    package struct Mode: OptionSet, Sendable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
        package static let write = Mode(rawValue: O_RDWR)
        package static let create = Mode(rawValue: O_CREAT)
        package static let exclusive = Mode(rawValue: O_EXCL)
        package static let truncate = Mode(rawValue: O_TRUNC)
        package static let directory = Mode(rawValue: O_DIRECTORY)
    }

    /// Opens `path`, for reading unless `mode` says more.
    package init(_ path: String, _ mode: Mode = [], permissions: UInt32 = 0o600) throws(FileError) {
        while true {
            let result = unsafe open(path, mode.rawValue | O_CLOEXEC, permissions)
            if result >= 0 {
                descriptor = result
                break
            }
            guard errno == EINTR else {
                throw .last(mode.contains(.create) ? "create" : "open", path)
            }
        }
        self.path = path
    }

    deinit { _ = close(descriptor) }

    /// Bytes in the file.
    package func size() throws(FileError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("read the size of", path) }
        return Int(status.st_size)
    }

    /// Appends up to `count` bytes from `offset` to `buffer`; fewer only at the end of the file. Returns how many.
    @discardableResult
    package func read(_ count: Int, at offset: Int, into buffer: inout ByteBuffer) throws(FileError) -> Int {
        guard count > 0 else { return 0 }
        var failure: FileError?
        var total = 0
        unsafe buffer.appendUninitialized(count) { room in
            while total < count {
                let result = unsafe pread(descriptor, room.baseAddress.unsafelyUnwrapped + total, count - total, off_t(offset + total))
                if result == 0 { break }
                if result < 0 {
                    if errno == EINTR { continue }
                    failure = .last("read", path)
                    break
                }
                total += result
            }
            return total
        }
        if let failure { throw failure }
        return total
    }

    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        var done = 0
        while done < bytes.byteCount {
            let result = unsafe bytes.withUnsafeBytes { raw in
                unsafe pwrite(descriptor, raw.baseAddress.unsafelyUnwrapped + done, raw.count - done, off_t(offset + done))
            }
            if result < 0 {
                if errno == EINTR { continue }
                throw .last("write to", path)
            }
            done += result
        }
    }

    /// Makes the file's bytes, and its size if they need it, durable. Never repeated after a failure: the kernel may have dropped
    /// the pages that it could not write.
    package func syncData() throws(FileError) {
        guard fdatasync(descriptor) == 0 else { throw .last("sync", path) }
    }

    /// Makes the file with all its attributes durable; for a directory, its names.
    package func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw .last("sync", path) }
    }

    package func truncate(to size: Int) throws(FileError) {
        while ftruncate(descriptor, off_t(size)) != 0 {
            guard errno == EINTR else { throw .last("truncate", path) }
        }
    }

    /// Reserves disk space so that the file has at least `size` bytes, zeros where nothing was written.
    package func allocate(_ size: Int) throws(FileError) {
        while true {
            let code = posix_fallocate(descriptor, 0, off_t(size))
            if code == 0 { return }
            guard code == EINTR else { throw FileError("reserve \(size) bytes for", path, code: code) }
        }
    }

    /// Overwrites with zeros whatever was written from `start` on. The space stays reserved; what was never written is skipped.
    package func zeroData(from start: Int) throws(FileError) {
        let seekData: Int32 = 3
        let size = try size()
        var buffer = ByteBuffer(capacity: 1 << 16)
        let zeros = Bytes([UInt8](repeating: 0, count: 1 << 16))
        var offset = start
        while offset < size {
            let found = lseek(descriptor, off_t(offset), seekData)
            if found < 0, errno == ENXIO { return }
            // Where the file system can't tell, all of it is read.
            offset = Swift.max(Int(found), offset)
            buffer.removeAll()
            let count = try read(Swift.min(1 << 16, size - offset), at: offset, into: &buffer)
            guard count > 0 else { return }
            let wanted = zeros.slice(0, count: count)
            if !buffer.span.equals(wanted.span) { try write(wanted.span, at: offset) }
            offset += count
        }
    }

    /// Takes the exclusive lock that etcd takes on log segments, an open-file-description lock, without waiting; false when
    /// another open file holds it.
    package func lockExclusively() throws(FileError) -> Bool {
        let openFileDescriptionSetLock: Int32 = 37
        var request = flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        while unsafe fcntl(descriptor, openFileDescriptionSetLock, &request) != 0 {
            switch errno {
            case EINTR: continue
            case EAGAIN, EACCES: return false
            default: throw .last("lock", path)
            }
        }
        return true
    }
}

extension RawSpan {
    var isAllZero: Bool {
        for position in 0..<byteCount where byte(at: position) != 0 { return false }
        return true
    }
}
