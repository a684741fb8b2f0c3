import Base
import CSystem
import Platform

/// The server side of HTTP on one event loop: listeners, connections, and the table of streams through which its delegate answers.
///
/// Decides admission (connections, streams, memory), deadlines and drain. Loop's thread; other threads reach it through the
/// delegate's mailbox.
@safe
package final class HTTPServer: TurnHandler, TimerHandler {
    package let loop: EventLoop
    package let limits: HTTPLimits
    let delegate: any ServerDelegate
    let counters: HTTPCounters
    let http2: HTTP2Callbacks

    /// Every connection reads into it; its contents last until the read is dealt with.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// What is about to be written to one connection.
    @exclusivity(unchecked) private var uncheckedOutput = ByteBuffer()
    var output: ByteBuffer {
        @inline(__always) _read { yield unsafe uncheckedOutput }
        @inline(__always) _modify { yield unsafe &uncheckedOutput }
    }
    var flushQueue: [Connection] = []
    private var flushing: [Connection] = []
    /// Sessions of closed connections.
    var retired: [HTTP2Session] = []

    // As in `ServerStream`: accesses never overlap, and checking that costs more than the access.
    @exclusivity(unchecked) private var uncheckedStreams = [ServerStream]()
    var streams: [ServerStream] {
        @inline(__always) _read { yield unsafe uncheckedStreams }
        @inline(__always) _modify { yield unsafe &uncheckedStreams }
    }
    @exclusivity(unchecked) private var uncheckedFreeStreams = [Int32]()
    private var freeStreams: [Int32] {
        @inline(__always) _read { yield unsafe uncheckedFreeStreams }
        @inline(__always) _modify { yield unsafe &uncheckedFreeStreams }
    }
    private var connections: [Connection?] = []
    private var freeConnections: [Int] = []
    /// Open connections.
    package private(set) var connectionCount = 0
    package var streamCount: Int { streams.count - freeStreams.count }
    private var acceptors: [Acceptor] = []

    /// Bytes in all streams' output queues.
    package private(set) var queuedBytes = 0
    /// Encoded bytes that sockets have not taken.
    var unsentBytes = 0
    /// Bytes of incomplete requests.
    private var receiveBufferBytes = 0
    /// The turn produced calls.
    var didCall = false
    private var writable: [StreamHandle] = []
    var date = DateText()

    private(set) var isDraining = false
    private var flusher: Flusher?
    private var drainTimer = TimerID.none
    private static let drainTag = UInt64.max

    package init(
        loop: EventLoop, limits: HTTPLimits = HTTPLimits(), counters: HTTPCounters = HTTPCounters(), delegate: any ServerDelegate
    ) {
        self.loop = loop
        self.counters = counters
        self.limits = limits
        self.delegate = delegate
        http2 = HTTP2Callbacks(limits)
        unsafe readBuffer = .allocate(byteCount: 128 << 10, alignment: 16)
        loop.addTurnHandler(self, phase: .handOver)
        let flusher = Flusher(self)
        self.flusher = flusher
        loop.addTurnHandler(flusher, phase: .flush)
    }

    deinit { unsafe readBuffer.deallocate() }

    /// The second of the server's two places in a turn.
    private final class Flusher: TurnHandler {
        unowned let server: HTTPServer
        init(_ server: HTTPServer) { self.server = server }
        func turn(now: Instant) { server.flushAll() }
    }

    package func turn(now: Instant) {
        guard didCall else { return }
        didCall = false
        delegate.turnEnded()
    }

    /// Writes what the turn produced and tells streams that have room again. What they add is for the next turn, so that one fast
    /// reader of much does not hold up all others.
    private func flushAll() {
        swap(&flushQueue, &flushing)
        for connection in flushing {
            connection.isFlushQueued = false
            connection.flush()
        }
        flushing.removeAll(keepingCapacity: true)
        if !writable.isEmpty {
            let handles = writable
            writable.removeAll(keepingCapacity: true)
            for handle in handles where self.stream(handle) != nil { delegate.streamWritable(handle) }
        }
        retired.removeAll(keepingCapacity: true)
        if didCall { turn(now: loop.now) }
        if !flushQueue.isEmpty { loop.waker.wake() }
    }

    // MARK: Connections

    /// Begins to accept from a listener, which may be shared with other loops' servers.
    package func serve(_ listener: Listener) throws(SystemError) {
        acceptors.append(try Acceptor(listener, self))
    }

    /// Another connection may be accepted.
    var hasRoom: Bool { connectionCount < limits.connectionsMax && outputBytes < limits.outputBytesMax }
    private var outputBytes: Int { queuedBytes + unsentBytes }

    /// Takes over an accepted, non-blocking socket, and closes it when the server is full.
    package func adopt(_ descriptor: Int32) {
        guard hasRoom, !isDraining else {
            CSystem.close(descriptor)
            return
        }
        let slot = freeConnections.popLast() ?? connections.count
        if slot == connections.count { connections.append(nil) }
        let connection = Connection(descriptor: descriptor, server: self, slot: slot)
        connections[slot] = connection
        connectionCount += 1
        if !connection.start() { connection.close() }
    }

    /// Where a call or request comes from.
    package func peerAddress(_ stream: StreamHandle) -> SocketAddress? {
        self.stream(stream)?.connection.flatMap { Socket.peerAddress($0.descriptor) }
    }

    func remove(_ connection: Connection) {
        connections[connection.slot] = nil
        freeConnections.append(connection.slot)
        connectionCount -= 1
        if isDraining, connectionCount == 0 { finishDrain() }
    }

    // MARK: Streams

    /// Refuse new streams: too many, or too much output waits.
    var isOverloaded: Bool { streamCount >= min(limits.streamsMax, StreamHandle.slotsMax) || outputBytes >= limits.outputBytesMax }

    func acquire(_ connection: Connection, id: Int32) -> ServerStream? {
        let stream: ServerStream
        if let slot = freeStreams.popLast() {
            stream = streams[Int(slot)]
        } else {
            guard streams.count < StreamHandle.slotsMax else { return nil }
            stream = ServerStream(slot: streams.count)
            streams.append(stream)
        }
        stream.kind = .head
        stream.connection = connection
        stream.id = id
        return stream
    }

    /// The call a handle names; nil when it is over or was never.
    func stream(_ handle: StreamHandle) -> ServerStream? {
        guard handle.slot < streams.count else { return nil }
        let stream = streams[handle.slot]
        return stream.generation == handle.generation && stream.kind != .free ? stream : nil
    }

    /// The stream is gone from its connection: tells the delegate if it has not ended it, and reuses it.
    func close(_ stream: ServerStream) {
        if stream.timer != .none {
            loop.cancel(stream.timer)
            stream.timer = .none
        }
        release(stream)
        if stream.queuedBytes > 0 { discount(stream, stream.queuedBytes) }
        if !stream.ended,
            stream.kind == .streaming || ((stream.kind == .unary || stream.kind == .plain) && (stream.remoteClosed || stream.isBodyStreamed))
        {
            stream.ended = true
            didCall = true
            delegate.streamClosed(stream.handle)
        }
        stream.recycle()
        freeStreams.append(Int32(stream.slot))
    }

    // MARK: Memory

    /// Keeps bytes of an incomplete request. False when there are too many of them: the call has failed.
    func hold(_ stream: ServerStream, _ bytes: RawSpan) -> Bool {
        guard receiveBufferBytes + bytes.byteCount <= limits.receiveBufferBytesMax else {
            let text = "too many bytes of incomplete requests"
            if stream.isGRPC { refuse(stream, code: GRPCCode.resourceExhausted, text) } else { refuse(stream, status: 503, text + "\n") }
            return false
        }
        receiveBufferBytes += bytes.byteCount
        stream.pending.append(bytes)
        return true
    }

    func release(_ stream: ServerStream) {
        guard !stream.pending.isEmpty else { return }
        receiveBufferBytes -= stream.pending.count
        stream.pending.removeAll(keepingCapacity: stream.pending.capacity <= 64 << 10)
    }

    func enqueue(_ stream: ServerStream, _ connection: Connection, _ piece: consuming Outgoing) {
        let count = piece.count
        stream.queue.append(piece)
        connection.queuedBytes += count
        queuedBytes += count
        if stream.queuedBytes > limits.streamHighWater { stream.overHighWater = true }
    }

    func dequeue(_ stream: ServerStream, _ count: Int) {
        stream.queue.take(count, into: &output)
        discount(stream, count)
        guard stream.overHighWater, stream.queuedBytes < limits.streamLowWater else { return }
        stream.overHighWater = false
        if !stream.ended { writable.append(stream.handle) }
    }

    /// Forgets the next `count` queued bytes.
    func discardQueue(_ stream: ServerStream, _ count: Int) {
        var nowhere = ByteBuffer()
        stream.queue.take(count, into: &nowhere)
        discount(stream, count)
    }

    func discount(_ stream: ServerStream, _ count: Int) {
        stream.connection?.queuedBytes -= count
        queuedBytes -= count
    }

    // MARK: Drain

    /// Stops accepting, asks clients for no more calls, and waits for running ones; at `deadline` what is left is cut off. The
    /// delegate's `drained` says when the last connection is closed.
    package func beginDrain(deadline: Instant) {
        guard !isDraining else { return }
        isDraining = true
        for acceptor in acceptors { acceptor.cancel() }
        acceptors.removeAll()
        guard connectionCount > 0 else { return delegate.drained() }
        drainTimer = loop.schedule(deadline, self, tag: HTTPServer.drainTag)
        for connection in connections { connection?.beginDrain() }
    }

    /// Closes everything at once and leaves the loop; the delegate is told of its open calls.
    package func shutDown() {
        for acceptor in acceptors { acceptor.cancel() }
        acceptors.removeAll()
        for connection in connections { connection?.close() }
        retired.removeAll()
        loop.removeTurnHandler(self)
        if let flusher { loop.removeTurnHandler(flusher) }
        flusher = nil
    }

    private func finishDrain() {
        loop.cancel(drainTimer)
        delegate.drained()
    }

    package func timerFired(_ tag: UInt64, now: Instant) {
        guard tag == HTTPServer.drainTag else { return deadlinePassed(StreamHandle(rawValue: tag)) }
        for connection in connections { connection?.close() }
    }
}
