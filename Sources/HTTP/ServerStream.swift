import Base
import CSystem
import Platform

/// One request or call in progress: what was received of it and what is to be sent. Reused for later ones.
///
/// Decides nothing about protocols; owned by its server, used by its connection's session on the loop's thread.
@safe
final class ServerStream {
    enum Kind: UInt8 {
        case free
        /// The request head is not complete.
        case head
        case unary
        case streaming
        case plain
        /// Answered by the server itself; whatever else arrives is dropped.
        case refused
    }

    let slot: Int
    var generation: UInt64 = 1
    var kind = Kind.free
    var method: UInt8 = 0
    var connection: Connection?
    /// The HTTP/2 stream; 0 in HTTP/1.
    var id: Int32 = 0
    /// Neighbours in the connection's list of streams, by slot; -1 at the ends.
    var next: Int32 = -1
    var previous: Int32 = -1

    // What the client did.
    // Accesses to these never overlap: each method below touches its part and returns. The run-time check of that costs more than
    // the work on the hot path.
    @exclusivity(unchecked) private var uncheckedHead = RequestHead()
    var head: RequestHead {
        @inline(__always) _read { yield unsafe uncheckedHead }
        @inline(__always) _modify { yield unsafe &uncheckedHead }
    }
    var remoteClosed = false
    var deadline: Instant?
    var timer = TimerID.none
    /// Bytes of an incomplete message or body. Invariant: counted in the server's `receiveBufferBytes`.
    @exclusivity(unchecked) private var uncheckedPending = ByteBuffer()
    var pending: ByteBuffer {
        @inline(__always) _read { yield unsafe uncheckedPending }
        @inline(__always) _modify { yield unsafe &uncheckedPending }
    }
    /// A complete unary message (with its prefix) that still lies in the connection's read buffer.
    var borrowed: UnsafeRawBufferPointer?
    /// A unary call's message is complete.
    var messageSeen = false

    // What the delegate did.
    var headersSent = false
    /// Nothing will be queued any more.
    var ended = false
    /// The session waits to be told of more bytes.
    var deferred = false
    var statusCode = 0
    var statusMessage = ""
    @exclusivity(unchecked) private var uncheckedQueue = [Outgoing]()
    var queue: [Outgoing] {
        @inline(__always) _read { yield unsafe uncheckedQueue }
        @inline(__always) _modify { yield unsafe &uncheckedQueue }
    }
    /// First unsent element of `queue`, and how much of it is sent.
    var queueHead = 0
    var queueOffset = 0
    var queuedBytes = 0
    var overHighWater = false

    init(slot: Int) { self.slot = slot }

    var handle: StreamHandle { StreamHandle(slot: slot, generation: generation) }
    var isGRPC: Bool { kind == .unary || kind == .streaming || (kind == .refused && head.isGRPC) }

    /// Makes the stream fit for another request. What grew large is given back.
    func recycle() {
        kind = .free
        generation = (generation &+ 1) & 0xFF_FFFF_FFFF
        connection = nil
        head.removeAll()
        remoteClosed = false
        deadline = nil
        pending.removeAll(keepingCapacity: pending.capacity <= 16 << 10)
        unsafe borrowed = nil
        messageSeen = false
        headersSent = false
        ended = false
        deferred = false
        if statusCode != 0 {
            statusCode = 0
            statusMessage = ""
        }
        queue.removeAll(keepingCapacity: queue.capacity <= 64)
        queueHead = 0
        queueOffset = 0
        queuedBytes = 0
        overHighWater = false
    }

    // MARK: Output queue

    func enqueue(_ piece: consuming Outgoing) {
        queuedBytes += piece.count
        queue.append(piece)
    }

    /// Moves the next `count` queued bytes to `out`. Requires as many.
    func dequeue(_ count: Int, into out: inout ByteBuffer) {
        precondition(count <= queuedBytes)
        queuedBytes -= count
        out.reserve(count)
        var rest = count
        while rest > 0 {
            let copied = queue[queueHead].copy(from: queueOffset, upTo: rest, into: &out)
            rest -= copied
            queueOffset += copied
            guard queueOffset == queue[queueHead].count else { continue }
            queueOffset = 0
            queueHead += 1
        }
        if queueHead == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueHead = 0
        } else if queueHead >= 256, queueHead * 2 >= queue.count {
            queue.removeFirst(queueHead)
            queueHead = 0
        } else if queueHead > 0 {
            // Lets go of what was sent: the block may be large.
            queue[queueHead - 1] = Outgoing(head: queue[queueHead].head, shared: nil, prefixed: false)
        }
    }

    /// Forgets queued pieces of which nothing was sent. Returns how many bytes were dropped.
    func dropUnsent() -> Int {
        let keep = queueOffset > 0 ? queueHead + 1 : queueHead
        let dropped = queue[keep...].reduce(0) { $0 + $1.count }
        queue.removeSubrange(keep...)
        queuedBytes -= dropped
        return dropped
    }
}
