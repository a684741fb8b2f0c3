import Base
import CSystem
import Platform

/// One accepted socket: reads, tells HTTP/1.1 and HTTP/2 apart by the first bytes, writes what the session encoded, and closes
/// what is too slow. Small until the first byte arrives. Loop's thread.
final class Connection: EventHandler, TimerHandler {
    enum State {
        /// Fewer bytes than tell the protocols apart.
        case sniffing([UInt8])
        case http1(HTTP1Session)
        case http2(HTTP2Session)
        case closed
    }

    let descriptor: Int32
    let server: HTTPServer
    /// Position in the server's table of connections.
    let slot: Int
    private(set) var state = State.sniffing([])
    private var registration = EventLoop.Registration.none
    private var interest: Readiness = .readable

    /// Encoded bytes that the socket did not take.
    private var unsent = ByteBuffer()
    private var unsentOffset = 0
    private var blockedSince: Instant?
    /// Bytes in the queues of this connection's streams.
    var queuedBytes = 0
    var isFlushQueued = false
    /// Reading stopped because too much output waits.
    private var isPaused = false
    var closeAfterFlush = false
    private static let roundsPerTurn = 8
    private var prelude = Bytes?.none

    private let acceptedAt: Instant
    private(set) var lastReadAt: Instant
    private var timer = TimerID.none
    private var timerAt = Instant.distantFuture

    init(descriptor: Int32, server: HTTPServer, slot: Int) {
        self.descriptor = descriptor
        self.server = server
        self.slot = slot
        acceptedAt = server.loop.now
        lastReadAt = acceptedAt
    }

    /// Starts to read. False when the loop has no room.
    func start() -> Bool {
        guard let registration = try? server.loop.register(descriptor, .readable, self) else { return false }
        self.registration = registration
        arm()
        return true
    }

    // MARK: Reading

    func ready(_ readiness: Readiness) {
        if readiness.contains(.writable), !isClosed { resumeWriting() }
        if !isClosed, readiness.contains(.readable) || !readiness.isDisjoint(with: .closed) { readSome() }
    }

    private func readSome() {
        let buffer = unsafe server.readBuffer
        switch unsafe Socket.read(descriptor, into: buffer) {
        case .wouldBlock: return
        case .ended: close()
        case .bytes(let count):
            lastReadAt = server.loop.now
            server.counters.received.add(UInt64(count))
            if case .http2(let session) = state { session.pingSentAt = nil }
            unsafe receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            if !isClosed { needsFlush() }
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .http2(let session): if unsafe !session.receive(bytes) { closeAfterFlush = true }
        case .http1(let session): unsafe session.receive(RawSpan(_unsafeBytes: bytes))
        case .sniffing(let earlier): unsafe sniff(earlier, bytes)
        case .closed: break
        }
    }

    /// The first byte of a TLS client (RFC 8446 §5.1).
    private static let tlsHandshake: UInt8 = 22

    /// An HTTP/2 client begins with "PRI * HTTP/2.0" (RFC 9113 §3.4), and no HTTP/1 method with "PRI".
    private func sniff(_ earlier: [UInt8], _ bytes: UnsafeRawBufferPointer) {
        let known = unsafe earlier + bytes.prefix(3)
        // A TLS client would wait for an answer that never comes.
        if known.first == Self.tlsHandshake { return close() }
        let isPrefix = zip(known, "PRI".utf8).allSatisfy(==)
        if isPrefix, known.count < 3 {
            state = .sniffing(known)
            return
        }
        if isPrefix {
            guard let session = HTTP2Session(connection: self, server: server) else { return close() }
            state = .http2(session)
            if server.isDraining { session.beginDrain() }
        } else {
            state = .http1(HTTP1Session(connection: self, server: server))
        }
        arm()
        if !earlier.isEmpty { unsafe earlier.withUnsafeBytes { unsafe receive($0) } }
        unsafe receive(bytes)
    }

    /// Goes over from HTTP/1.1 to HTTP/2 (RFC 7540 §3.2).
    func upgrade(to session: HTTP2Session) {
        state = .http2(session)
        arm()
    }

    /// What follows the request that asked for the upgrade.
    func receiveMore(_ bytes: UnsafeRawBufferPointer) {
        unsafe receive(bytes)
        if !isClosed { needsFlush() }
    }

    /// Output that must precede the new session's.
    func writeBeforeUpgrade(_ bytes: RawSpan) { prelude = Bytes(copying: bytes) }

    // MARK: Writing

    /// Has the server flush this connection at the end of the turn.
    func needsFlush() {
        guard !isFlushQueued else { return }
        isFlushQueued = true
        server.flushQueue.append(self)
    }

    /// Encodes and writes until everything is written, the socket takes no more, or the connection has had its share of the turn.
    func flush() {
        guard !isClosed else { return }
        guard unsent.isEmpty else { return pauseOrResumeReading() }
        var more = true
        var rounds = 0
        while more, rounds < Connection.roundsPerTurn {
            rounds += 1
            server.output.removeAll()
            if let prelude {
                server.output.append(prelude.span)
                self.prelude = nil
            }
            let limit = server.limits.writeAheadBytes
            var intact = true
            switch state {
            case .http2(let session): intact = session.encode(limit: limit)
            case .http1(let session): session.encode(limit: limit)
            case .sniffing, .closed: break
            }
            more = server.output.count >= limit
            if !server.output.isEmpty, !writeOutput() { more = false }
            if !intact, !isClosed { return close() }
        }
        guard !isClosed else { return }
        pauseOrResumeReading()
        if more { return needsFlush() }
        if unsent.isEmpty, isFinished { close() }
    }

    private var isFinished: Bool {
        if closeAfterFlush { return true }
        switch state {
        case .http2(let session): return session.isFinished || session.isDrained
        case .http1(let session): return session.isFinished
        case .sniffing: return server.isDraining
        case .closed: return false
        }
    }

    /// Writes the server's output buffer. False when the socket took less than all of it; the rest is kept.
    private func writeOutput() -> Bool {
        let server = self.server
        switch Socket.write(descriptor, server.output, from: 0) {
        case .bytes(let written):
            server.counters.sent.add(UInt64(written))
            if written == server.output.count { return true }
            keep(server.output, from: written)
        case .wouldBlock: keep(server.output, from: 0)
        case .ended: close()
        }
        return false
    }

    private func keep(_ output: borrowing ByteBuffer, from start: Int) {
        unsent.append(output.span._extracting(unchecked: start, count: output.count - start))
        server.unsentBytes += output.count - start
        blockedSince = server.loop.now
        setInterest(interest.union(.writable))
        arm()
    }

    private func resumeWriting() {
        while unsentOffset < unsent.count {
            switch Socket.write(descriptor, unsent, from: unsentOffset) {
            case .bytes(let count):
                unsentOffset += count
                server.unsentBytes -= count
                server.counters.sent.add(UInt64(count))
                blockedSince = server.loop.now
            case .wouldBlock: return
            case .ended: return close()
            }
        }
        unsent.removeAll(keepingCapacity: false)
        unsentOffset = 0
        blockedSince = nil
        setInterest(interest.subtracting(.writable))
        needsFlush()
    }

    private func setInterest(_ wanted: Readiness) {
        guard wanted != interest else { return }
        interest = wanted
        server.loop.modify(registration, descriptor, wanted)
    }

    /// A client that does not take its responses gets no more requests in.
    private func pauseOrResumeReading() {
        let limit = server.limits.connectionOutputBytesMax
        var frames = 0
        if case .http2(let session) = state, !unsent.isEmpty { frames = session.outboundFrames }
        if queuedBytes > limit || frames > 10_000 {
            isPaused = true
        } else if isPaused, queuedBytes <= limit / 2 {
            isPaused = false
        }
        var reads = !isPaused
        if case .http1(let session) = state, session.isFull { reads = false }
        setInterest(reads ? interest.union(.readable) : interest.subtracting(.readable))
    }

    // MARK: Time

    /// Makes sure that the timer fires no later than the next thing to be checked.
    func arm() {
        let next = nextDeadline
        guard next < timerAt else { return }
        server.loop.cancel(timer)
        timerAt = next
        timer = server.loop.schedule(next, self)
    }

    private var nextDeadline: Instant {
        let limits = server.limits
        var next = Instant.distantFuture
        if let blockedSince { next = blockedSince + limits.writeStallTimeout }
        switch state {
        case .sniffing: next = min(next, acceptedAt + limits.headTimeout)
        case .http1(let session): next = min(next, session.deadline)
        case .http2(let session): next = min(next, session.deadline)
        case .closed: break
        }
        return next
    }

    func timerFired(_ tag: UInt64, now: Instant) {
        timerAt = .distantFuture
        guard !isClosed else { return }
        let limits = server.limits
        if let blockedSince, blockedSince + limits.writeStallTimeout <= now { return close() }
        switch state {
        case .sniffing: if acceptedAt + limits.headTimeout <= now { return close() }
        case .http1(let session): if session.deadline <= now { session.timedOut() }
        case .http2(let session): session.checkTime(now: now)
        case .closed: break
        }
        if !isClosed { arm() }
    }

    // MARK: Ending

    var isClosed: Bool { if case .closed = state { true } else { false } }

    func beginDrain() {
        switch state {
        case .http2(let session): session.beginDrain()
        case .http1, .sniffing: needsFlush()
        case .closed: break
        }
    }

    func close() {
        guard !isClosed else { return }
        let last = state
        state = .closed
        server.unsentBytes -= unsent.count - unsentOffset
        server.loop.cancel(timer)
        server.loop.unregister(registration, descriptor)
        CSystem.close(descriptor)
        switch last {
        case .http2(let session):
            session.closeAllStreams()
            // nghttp2 may be on the stack: its session is let go at the end of the turn.
            server.retired.append(session)
        case .http1(let session): session.closeStream()
        case .sniffing, .closed: break
        }
        server.remove(self)
    }
}
