import Base

/// Received bytes of a stream until they make whole frames. What is whole is handed over as one immutable block, so that frames
/// and what is in them are slices of it; only what follows is copied.
///
/// Invariant: `scanned` ≤ the buffer's count, and the bytes before it are framing or content that was found to be well-formed.
struct FrameBuffer: ~Copyable {
    private var buffer = ByteBuffer()
    /// How far the present frame was looked at.
    var scanned = 0
    /// Where the last whole frame ends.
    private var whole = 0
    /// Ends of the whole frames, ascending.
    private var ends: [Int] = []

    init() {}

    /// Bytes from `scanned` on.
    var ahead: Int { buffer.count - scanned }
    /// Bytes of the frame that is not whole yet.
    var frameBytes: Int { scanned - whole }

    mutating func append(_ bytes: RawSpan) { buffer.append(bytes) }

    /// The number at `scanned`, and steps over it; nil when it is not all there.
    mutating func takeNumber() -> UInt64? {
        guard ahead >= 8 else { return nil }
        defer { scanned += 8 }
        return buffer.span.loadBigEndian64(at: scanned)
    }

    mutating func takeByte() -> UInt8? {
        guard ahead >= 1 else { return nil }
        defer { scanned += 1 }
        return buffer.span.byte(at: scanned)
    }

    /// Steps over `count` bytes. False when they are not all there.
    mutating func skip(_ count: Int) -> Bool {
        guard ahead >= count else { return false }
        scanned += count
        return true
    }

    /// The present frame ends at `scanned`.
    mutating func endFrame() {
        whole = scanned
        ends.append(whole)
    }

    /// The whole frames: their block, and where each ends in it. Nil when there is none.
    mutating func take() -> (block: Bytes, ends: [Int])? {
        guard !ends.isEmpty else { return nil }
        var rest = ByteBuffer()
        rest.append(buffer.span._extracting(unchecked: whole, count: buffer.count - whole))
        buffer.truncate(to: whole)
        let block = Bytes(buffer.freeze())
        let result = ends
        ends.removeAll(keepingCapacity: true)
        scanned -= whole
        whole = 0
        buffer = rest
        return (block, result)
    }
}
