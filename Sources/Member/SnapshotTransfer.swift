import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// A snapshot on its way to a client: the database file in messages of 32 KiB, then its SHA-256 (formats.md §6).
/// Confined to its client loop's thread, which reads the file: it was written a moment ago and is in the page cache.
final class SnapshotTransfer {
    static let chunkBytes = 32_768

    /// What `SnapshotFile.content` is here.
    final class Content: Sendable {
        let file: FileDescriptor
        init(_ file: consuming FileDescriptor) { self.file = file }
    }

    private let file: SnapshotFile
    private let content: Content
    private var offset: Int64 = 0
    private var digest = Optional(SHA256())
    private var isFinished = false
    private var chunk = ByteBuffer(capacity: chunkBytes)

    /// Nil when the file is of another driver's making.
    init?(_ file: SnapshotFile) {
        guard let content = file.content as? Content else { return nil }
        self.file = file
        self.content = content
    }

    /// The next message's bytes, nil after the last.
    func next() throws(FileError) -> Bytes? {
        guard !isFinished else { return nil }
        var response = Etcdserverpb.SnapshotResponse()
        response.version = file.version
        if offset < file.bytes {
            let wanted = Int(min(Int64(Self.chunkBytes), file.bytes - offset))
            chunk.removeAll()
            guard try content.file.read(wanted, at: Int(offset), into: &chunk) == wanted else {
                throw FileError("read", content.file.path, code: 0)
            }
            response.blob = chunk.span.array
            digest?.update(chunk.span)
            offset += Int64(response.blob.count)
            response.remainingBytes = UInt64(file.bytes - offset)
        } else {
            response.blob = (digest.take() ?? SHA256()).finalize()
            isFinished = true
        }
        return response.encoded()
    }

}
