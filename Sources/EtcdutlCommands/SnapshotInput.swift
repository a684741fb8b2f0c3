import Base
import Platform
import Storage

/// A snapshot file as a user hands it over: a bbolt database, with the sha256 of its bytes behind it if it came from
/// `snapshot save` (formats.md §6). Never changed.
struct SnapshotInput: ~Copyable {
    let path: String
    let file: FileDescriptor
    let bytes: Int

    init(_ path: String) throws(ToolError) {
        let file = try Self.reporting { () throws(FileError) in try FileDescriptor(path) }
        let bytes = try Self.size(file)
        guard bytes > 0 else { throw ToolError("\(path) is empty: not a snapshot") }
        self.init(path: path, file: file, bytes: bytes)
    }

    private init(path: String, file: consuming FileDescriptor, bytes: Int) {
        self.path = path
        self.file = file
        self.bytes = bytes
    }

    private static func size(_ file: borrowing FileDescriptor) throws(ToolError) -> Int {
        do throws(FileError) { return try file.size() } catch { throw ToolError("\(error)") }
    }

    private static func reporting(_ open: () throws(FileError) -> FileDescriptor) throws(ToolError) -> FileDescriptor {
        do throws(FileError) { return try open() } catch {
            throw error.isNotFound ? ToolError("stat \(error.path): no such file or directory") : ToolError("\(error)")
        }
    }

    /// A database is a whole number of pages, so that 32 bytes more tell that there is a digest.
    var hasDigest: Bool { bytes % 512 == SHA256.byteCount }

    /// Compares the digest with the bytes. `progress` gets the bytes read so far.
    func checkDigest(_ progress: (Int) -> Void) throws(ToolError) {
        guard hasDigest else { throw ToolError("snapshot missing hash but --skip-hash-check=false") }
        let end = bytes - SHA256.byteCount
        var digest = SHA256()
        var position = 0
        var buffer = ByteBuffer(capacity: 1 << 20)
        var expected: [UInt8] = []
        do throws(FileError) {
            while position < end {
                buffer.removeAll()
                let count = min(1 << 20, end - position)
                try file.read(count, at: position, into: &buffer)
                digest.update(buffer.span)
                position += count
                progress(position)
            }
            buffer.removeAll()
            try file.read(SHA256.byteCount, at: end, into: &buffer)
            expected = buffer.span.array
        } catch {
            throw ToolError("\(error)")
        }
        let found = digest.finalize()
        guard found == expected else {
            throw ToolError("expected sha256 \(Self.goList(expected)), got \(Self.goList(found))")
        }
    }

    private static func goList(_ bytes: [UInt8]) -> String { "[" + bytes.map(String.init).joined(separator: " ") + "]" }
}

/// Why a command fails, for its user, and the exit status.
struct ToolError: Error, CustomStringConvertible {
    var description: String
    var status: Int32

    init(_ description: String, status: Int32 = 1) {
        self.description = description
        self.status = status
    }
}
