import Base
import CSystem

/// Decompression of gzip bodies with a bound on what comes out.
enum Gzip {
    enum Failure: Error, Equatable {
        case malformed
        /// The output is longer than the bound.
        case tooLong
    }

    /// Appends the decompressed bytes to `out`, at most `limit` of them.
    static func decompress(_ input: RawSpan, limit: Int, into out: inout ByteBuffer) throws(Failure) {
        var stream = unsafe z_stream()
        // 15 bits of window, and 16: a gzip header is required.
        guard unsafe inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .malformed
        }
        defer { unsafe inflateEnd(&stream) }
        let start = out.count
        var result = Z_OK
        var failure: Failure?
        unsafe input.withUnsafeBytes { source in
            unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.avail_in = UInt32(source.count)
            while result == Z_OK {
                let before = out.count
                guard before - start <= limit else { return failure = .tooLong }
                unsafe out.appendUninitialized(min(64 << 10, limit - (before - start) + 1)) { room in
                    unsafe stream.next_out = room.baseAddress!.assumingMemoryBound(to: UInt8.self)
                    unsafe stream.avail_out = UInt32(room.count)
                    unsafe result = inflate(&stream, Z_NO_FLUSH)
                    return unsafe room.count - Int(stream.avail_out)
                }
                if result == Z_OK, out.count == before { return failure = .malformed }
            }
        }
        if out.count - start > limit { failure = .tooLong }
        if let failure { throw failure }
        guard result == Z_STREAM_END else { throw .malformed }
    }
}
