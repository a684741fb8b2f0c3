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
    /// A plain request whose body the delegate takes in pieces.
    var isBodyStreamed = false

    // What the delegate did.
    var headersSent = false
    /// Nothing will be queued any more.
    var ended = false
    /// The session waits to be told of more bytes.
    var deferred = false
    var statusCode = 0
    var statusMessage = ""
    @exclusivity(unchecked) private var uncheckedQueue = OutgoingQueue()
    var queue: OutgoingQueue {
        @inline(__always) _read { yield unsafe uncheckedQueue }
        @inline(__always) _modify { yield unsafe &uncheckedQueue }
    }
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
        pending.removeAll(keepingCapacity: pending.capacity <= 2 << 10)
        unsafe borrowed = nil
        messageSeen = false
        isBodyStreamed = false
        headersSent = false
        ended = false
        deferred = false
        if statusCode != 0 {
            statusCode = 0
            statusMessage = ""
        }
        queue.removeAll()
        overHighWater = false
    }

    var queuedBytes: Int { queue.bytes }
}
