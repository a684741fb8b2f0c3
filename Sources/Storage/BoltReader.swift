import Base
import CSystem

/// Reads a bbolt file that may be damaged in any way: whatever is malformed comes back as an error that names the page.
///
/// Nothing is read outside of the file, no number from the file is trusted before it is checked, and walking a tree ends:
/// keys must ascend, leaves below the root must not be empty, and trees may not be deeper than `depthMax`.
package final class BoltReader {
    package let path: String
    package let byteCount: Int64
    package let pageBytes: Int
    /// Number of the file's last transaction.
    package let transaction: UInt64
    /// Page numbers from this on are not in use.
    private let pageEnd: UInt64
    private let root: UInt64
    private let descriptor: Int32

    static let depthMax = 32
    /// The largest run of overflow pages taken for real; etcd's requests are far smaller.
    private static let runBytesMax = 1 << 31

    package init(_ path: String) throws(BoltError) {
        let descriptor = unsafe csystem_open_for_reading(path)
        guard descriptor >= 0 else { throw Self.unreadable(path, "opening") }
        do throws(BoltError) {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else { throw Self.unreadable(path, "asking for the size") }
            let meta = try BoltMeta.read(descriptor, path)
            self.path = path
            self.descriptor = descriptor
            byteCount = Int64(status.st_size)
            pageBytes = meta.pageBytes
            transaction = meta.transaction
            pageEnd = meta.pageEnd
            root = meta.root
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Bytes of the pages up to the last ever used; the file may be longer.
    package var usedByteCount: Int64 { Int64(pageEnd) * Int64(pageBytes) }

    func malformed(_ page: UInt64, _ reason: String) -> BoltError { .malformed(path: path, page: page, reason: reason) }

    static func unreadable(_ path: String, _ operation: String) -> BoltError {
        .unreadable(path: path, operation: operation, reason: unsafe String(cString: strerror(csystem_errno())))
    }

    func page(_ id: UInt64) throws(BoltError) -> BoltPage {
        guard id >= 2, id < pageEnd else { throw malformed(id, "a tree refers to it, but the file's pages in use are 2 to \(pageEnd - 1)") }
        var bytes = ByteBuffer(capacity: pageBytes)
        try read(id, pageBytes, into: &bytes)
        let overflow = UInt64(bytes.span.loadLittleEndian32(at: 12))
        guard overflow < pageEnd - id, (overflow + 1) * UInt64(pageBytes) <= Self.runBytesMax else {
            throw malformed(id, "it claims \(overflow) overflow pages")
        }
        if overflow > 0 {
            bytes.removeAll()
            try read(id, (Int(overflow) + 1) * pageBytes, into: &bytes)
        }
        do { return try BoltPage(Bytes(bytes.freeze()), id: id, isInline: false) } catch { throw malformed(id, error.reason) }
    }

    private func read(_ id: UInt64, _ count: Int, into bytes: inout ByteBuffer) throws(BoltError) {
        // pageEnd is checked against 2^63 in BoltMeta.
        let offset = Int64(id) * Int64(pageBytes)
        guard offset <= byteCount - Int64(count) else { throw malformed(id, "the file ends before it, after \(byteCount) bytes") }
        while bytes.count < count {
            let room = count - bytes.count
            let position = Int(offset) + bytes.count
            var result = 0
            unsafe bytes.appendUninitialized(room) { buffer in
                unsafe result = pread(descriptor, buffer.baseAddress, buffer.count, position)
                return max(result, 0)
            }
            if result < 0, csystem_errno() == EINTR { continue }
            guard result > 0 else { throw result == 0 ? malformed(id, "the file ends before it") : Self.unreadable(path, "reading") }
        }
    }

    /// All top-level buckets, ascending.
    package func buckets() throws(BoltError) -> [BoltBucket] {
        let cursor = BoltCursor(self, rootPage: root)
        var buckets: [BoltBucket] = []
        while try cursor.next() {
            guard cursor.isBucket else { throw malformed(cursor.page, "the root holds a plain key") }
            buckets.append(try bucket(cursor.key.array, cursor.value, in: cursor.page))
        }
        return buckets
    }

    private func bucket(_ name: [UInt8], _ value: RawSpan, in page: UInt64) throws(BoltError) -> BoltBucket {
        guard value.byteCount >= BoltFormat.bucketHeaderBytes else { throw malformed(page, "a bucket's value is too short") }
        let root = value.loadLittleEndian64(at: 0)
        let sequence = value.loadLittleEndian64(at: 8)
        guard root == 0 else { return BoltBucket(name: name, sequence: sequence, contents: .page(root)) }
        let inner = Bytes(copying: value._extracting(unchecked: 16, count: value.byteCount - 16))
        do {
            return BoltBucket(name: name, sequence: sequence, contents: .inline(try BoltPage(inner, id: page, isInline: true)))
        } catch { throw malformed(page, "an inline bucket: \(error.reason)") }
    }

    /// Goes over a bucket's entries from the first.
    package func cursor(over bucket: BoltBucket) -> BoltCursor {
        switch bucket.contents {
        case .page(let page): BoltCursor(self, rootPage: page)
        case .inline(let page): BoltCursor(self, inline: page)
        }
    }
}

/// A top-level bucket of a bbolt file.
package struct BoltBucket {
    package let name: [UInt8]
    package let sequence: UInt64
    let contents: Contents

    enum Contents {
        case page(UInt64)
        case inline(BoltPage)
    }

    package var text: String { String(decoding: name, as: UTF8.self) }
}
