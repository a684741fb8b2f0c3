import Base
import CSystem
import Glibc

/// Operations on names in the file system.
package enum Files {
    package enum Kind: Hashable, Sendable { case file, directory, other }

    /// What is at `path`; nil when nothing is.
    package static func kind(_ path: String) throws(FileError) -> Kind? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw .last("look at", path)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    /// The permission bits of what is at `path`.
    package static func permissions(_ path: String) throws(FileError) -> UInt32 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last("look at", path) }
        return UInt32(status.st_mode) & 0o7777
    }

    package static func makeDirectory(_ path: String, permissions: UInt32 = 0o700) throws(FileError) {
        guard unsafe mkdir(path, permissions) == 0 else { throw .last("make directory", path) }
    }

    /// Makes `path` and every missing directory above it.
    package static func makeDirectories(_ path: String, permissions: UInt32 = 0o700) throws(FileError) {
        if let kind = try kind(path) {
            guard kind == .directory else { throw FileError("make directory", path, code: ENOTDIR) }
            return
        }
        let parent = directory(of: path)
        if parent != path { try makeDirectories(parent, permissions: permissions) }
        do { try makeDirectory(path, permissions: permissions) } catch {
            guard error.code == EEXIST else { throw error }
        }
        try syncDirectory(parent)
    }

    /// The names in a directory, sorted, without `.` and `..`.
    package static func list(_ path: String) throws(FileError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw .last("read directory", path) }
        defer { unsafe _ = closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(directory) else { break }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { text in unsafe String(cString: text) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw .last("read directory", path) }
        return names.sorted()
    }

    package static func rename(_ from: String, to: String) throws(FileError) {
        guard unsafe Glibc.rename(from, to) == 0 else { throw .last("rename \(from) to", to) }
    }

    /// Puts a small file with these contents at `path`, in place of one that is there. Durable on return; a crash leaves one or the
    /// other.
    package static func replace(_ path: String, with contents: Bytes) throws(FileError) {
        let temporary = path + ".new"
        do {
            let file = try FileDescriptor(temporary, [.write, .create, .truncate])
            try file.write(contents.span, at: 0)
            try file.sync()
        } catch {
            try? remove(temporary)
            throw error
        }
        try rename(temporary, to: path)
        try syncDirectory(directory(of: path))
    }

    package static func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 else { throw .last("remove", path) }
    }

    /// Removes what `path` names with everything below it; does nothing when it is not there.
    package static func removeTree(_ path: String) throws(FileError) {
        guard let kind = try kind(path) else { return }
        guard kind == .directory else { return try remove(path) }
        for name in try list(path) { try removeTree(path + "/" + name) }
        guard unsafe rmdir(path) == 0 else { throw .last("remove directory", path) }
    }

    /// Makes the names in a directory durable.
    package static func syncDirectory(_ path: String) throws(FileError) {
        let directory = try FileDescriptor(path, .directory)
        try directory.sync()
    }

    package static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK | X_OK | R_OK) == 0 }

    /// The whole file. Refuses one longer than `bytesMax`.
    package static func read(_ path: String, bytesMax: Int = 1 << 30) throws(FileError) -> Bytes {
        let file = try FileDescriptor(path)
        let size = try file.size()
        guard size <= bytesMax else { throw FileError("read", path, code: EFBIG) }
        var buffer = ByteBuffer(capacity: size)
        try file.read(size, at: 0, into: &buffer)
        return Bytes(buffer.freeze())
    }

    /// All that can be read, of a file that tells no size, as those under /proc. At most 1 MiB.
    package static func readStream(_ path: String) throws(FileError) -> [UInt8] {
        let file = try FileDescriptor(path)
        var buffer = ByteBuffer()
        try file.read(1 << 20, at: 0, into: &buffer)
        return buffer.span.array
    }

    /// Bytes a writer without privileges can still use on the file system of `path`, and its size.
    package static func space(_ path: String) throws(FileError) -> (available: Int64, total: Int64) {
        var status = statvfs()
        while unsafe statvfs(path, &status) != 0 {
            guard errno == EINTR else { throw .last("read the free space of", path) }
        }
        return (Int64(status.f_bavail) * Int64(status.f_frsize), Int64(status.f_blocks) * Int64(status.f_frsize))
    }

    package static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        let head = String(path[..<slash])
        return head.isEmpty ? "/" : head
    }
}
