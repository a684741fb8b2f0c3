import Base
import CSystem

/// The meta page that counts: of the two, the valid one with the later transaction.
struct BoltMeta {
    let pageBytes: Int
    let root: UInt64
    let pageEnd: UInt64
    let transaction: UInt64

    private static let pageSizes = (9...16).map { 1 << $0 }

    static func read(_ descriptor: Int32, _ path: String) throws(BoltError) -> BoltMeta {
        var problem = "the file is too short"
        var best: BoltMeta?
        // The second lies at the page size, which the first tells if it is sound; else all possible sizes are tried.
        func take(at offset: Int) throws(BoltError) -> BoltMeta? {
            guard let bytes = try Self.bytes(descriptor, path, at: offset) else { return nil }
            do throws(BoltPage.Malformation) {
                let meta = try BoltMeta(bytes.rawSpan)
                if best.map({ $0.transaction < meta.transaction }) ?? true { best = meta }
                return meta
            } catch {
                if offset == 0 { problem = error.reason }
                return nil
            }
        }
        let first = try take(at: 0)
        for size in first.map({ [$0.pageBytes] }) ?? pageSizes { _ = try take(at: size) }
        guard let best else { throw .malformed(path: path, page: 0, reason: problem) }
        return best
    }

    private static func bytes(_ descriptor: Int32, _ path: String, at offset: Int) throws(BoltError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: BoltFormat.headerBytes + BoltFormat.metaBytes)
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, offset) }
            if count < 0, csystem_errno() == EINTR { continue }
            guard count >= 0 else { throw BoltReader.unreadable(path, "reading") }
            return count == bytes.count ? bytes : nil
        }
    }

    private init(_ page: RawSpan) throws(BoltPage.Malformation) {
        let meta = page._extracting(unchecked: BoltFormat.headerBytes, count: BoltFormat.metaBytes)
        guard meta.loadLittleEndian32(at: 0) == BoltFormat.magic else { throw .init("it has no bbolt magic number") }
        guard meta.loadLittleEndian32(at: 4) == BoltFormat.version else {
            throw .init("its version is \(meta.loadLittleEndian32(at: 4)), not 2")
        }
        guard BoltFormat.checksum(meta._extracting(unchecked: 0, count: 56)) == meta.loadLittleEndian64(at: 56) else {
            throw .init("the checksum is wrong")
        }
        pageBytes = Int(meta.loadLittleEndian32(at: 8))
        root = meta.loadLittleEndian64(at: 16)
        pageEnd = meta.loadLittleEndian64(at: 40)
        transaction = meta.loadLittleEndian64(at: 48)
        guard BoltMeta.pageSizes.contains(pageBytes) else { throw .init("it says pages have \(pageBytes) bytes") }
        guard pageEnd >= 3, pageEnd <= UInt64(Int64.max) / UInt64(pageBytes) else { throw .init("it says there are \(pageEnd) pages") }
    }
}
