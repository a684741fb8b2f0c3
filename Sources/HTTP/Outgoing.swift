import Base

/// A piece of a stream's output: `head` and `shared` one after the other, after a gRPC prefix if there is one.
struct Outgoing {
    var head: Bytes
    var shared: Bytes?
    var prefixed: Bool
    /// Prefix included.
    var count: Int

    init(head: Bytes, shared: Bytes?, prefixed: Bool) {
        self.head = head
        self.shared = shared
        self.prefixed = prefixed
        count = (prefixed ? 5 : 0) + head.count + (shared?.count ?? 0)
    }

    /// Appends the bytes from `start` on, at most `limit`, and returns how many.
    func copy(from start: Int, upTo limit: Int, into out: inout ByteBuffer) -> Int {
        var skip = start
        var rest = limit
        if prefixed { copyPrefix(&skip, &rest, into: &out) }
        let fromHead = min(rest, max(0, head.count - skip))
        if fromHead > 0 { out.append(head.span._extracting(unchecked: skip, count: fromHead)) }
        rest -= fromHead
        guard rest > 0, let shared else { return limit - rest }
        skip = max(0, skip - head.count)
        let fromShared = min(rest, max(0, shared.count - skip))
        if fromShared > 0 { out.append(shared.span._extracting(unchecked: skip, count: fromShared)) }
        return limit - rest + fromShared
    }

    /// Compression flag and length (gRPC over HTTP/2, "Length-Prefixed-Message"). Leaves in `skip` what of the parts is sent.
    private func copyPrefix(_ skip: inout Int, _ rest: inout Int, into out: inout ByteBuffer) {
        let length = UInt32(truncatingIfNeeded: count - 5)
        if skip == 0, rest >= 5 {
            out.append(0)
            out.append(bigEndian: length)
            rest -= 5
            return
        }
        while skip < 5, rest > 0 {
            out.append(skip == 0 ? 0 : UInt8(truncatingIfNeeded: length >> UInt32(8 * (4 - skip))))
            skip += 1
            rest -= 1
        }
        skip = max(0, skip - 5)
    }
}
