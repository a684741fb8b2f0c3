import Base
import CNGHTTP2
import Platform

/// HTTP/2 on one connection, by nghttp2: turns its callbacks into calls of the server and the server's answers into frames.
///
/// Decides: header limits, ping abuse (the rules of grpc-go's keep-alive enforcement), settings floods, GOAWAY. gRPC framing is in
/// `HTTP2Session+Input`, responses in `HTTP2Session+Output`. Loop's thread.
@safe
final class HTTP2Session {
    // Strong, because unowned references cost a count on each use; the cycle ends when the connection closes.
    let connection: Connection
    let server: HTTPServer
    let session: OpaquePointer

    /// The stream whose header block or data arrived last: its next frames need no lookup. Not counted: the server's table keeps
    /// all streams.
    var current: Unmanaged<ServerStream>?
    var currentID: Int32 = 0
    /// Streams with `borrowed` set; copied out before the read buffer is reused.
    @exclusivity(unchecked) private var uncheckedBorrowers = [ServerStream]()
    var borrowers: [ServerStream] {
        @inline(__always) _read { yield unsafe uncheckedBorrowers }
        @inline(__always) _modify { yield unsafe &uncheckedBorrowers }
    }
    /// Streams whose response ended before the request did; reset once the response is encoded.
    var endedEarly: [StreamHandle] = []
    /// First of the list of this connection's streams.
    var firstStream: Int32 = -1
    var openStreams = 0

    // Ping abuse, as grpc-go counts it.
    private var lastPingAt = Instant(nanoseconds: .min)
    private var pingStrikes = 0
    /// Set when headers or data are sent: the next ping is free.
    var pingIsFree = false
    /// The client's preface is complete: its first SETTINGS came.
    private(set) var isEstablished = false
    private let begunAt: Instant
    private var settingsFrames = 0
    private var settingsSince = Instant(nanoseconds: .min)

    // Our own pings.
    var pingSentAt: Instant?
    /// GOAWAY was announced; the final one follows when this ping comes back.
    private var drainPing = false
    var isDraining = false

    static let drainPayload: [UInt8] = Array("drain\0\0\0".utf8)
    static let keepalivePayload: [UInt8] = Array("alive\0\0\0".utf8)

    init?(connection: Connection, server: HTTPServer) {
        self.connection = connection
        self.server = server
        begunAt = server.loop.now
        var pointer: OpaquePointer?
        guard
            unsafe nghttp2_session_server_new3(
                &pointer, server.http2.callbacks, nil, server.http2.options, server.http2.memory.interface) == 0,
            let pointer = unsafe pointer
        else { return nil }
        unsafe session = pointer
        unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        submitSettings()
    }

    deinit { unsafe nghttp2_session_del(session) }

    private func submitSettings() {
        let limits = server.limits
        var entries = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(limits.streamWindowBytes)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(limits.headerBytesMax)),
        ]
        if limits.concurrentStreamsMax != .max {
            entries.append(
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: limits.concurrentStreamsMax))
        }
        unsafe _ = nghttp2_submit_settings(session, 0, entries, entries.count)
        unsafe _ = nghttp2_session_set_local_window_size(session, 0, 0, limits.connectionWindowBytes)
    }

    /// Takes bytes from the peer. False when the connection is beyond repair.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let taken = unsafe nghttp2_session_mem_recv(session, bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), bytes.count)
        keepBorrowed()
        return taken >= 0
    }

    var isFinished: Bool { unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }
    var outboundFrames: Int { unsafe nghttp2_session_get_outbound_queue_size(session) }

    // MARK: Streams

    func add(_ stream: ServerStream) {
        stream.next = firstStream
        stream.previous = -1
        if firstStream >= 0 { server.streams[Int(firstStream)].previous = Int32(stream.slot) }
        firstStream = Int32(stream.slot)
        openStreams += 1
    }

    func remove(_ stream: ServerStream) {
        if stream.previous >= 0 { server.streams[Int(stream.previous)].next = stream.next } else { firstStream = stream.next }
        if stream.next >= 0 { server.streams[Int(stream.next)].previous = stream.previous }
        openStreams -= 1
        if currentID == stream.id {
            unsafe current = nil
            currentID = 0
        }
    }

    func reset(_ stream: ServerStream, _ code: nghttp2_error_code) {
        unsafe _ = nghttp2_submit_rst_stream(session, 0, stream.id, code.rawValue)
        connection.needsFlush()
    }

    /// The connection is gone: every open stream ends.
    func closeAllStreams() {
        while firstStream >= 0 {
            let stream = server.streams[Int(firstStream)]
            remove(stream)
            server.close(stream)
        }
    }

    // MARK: Pings, settings, GOAWAY

    func pingReceived(isAck: Bool, payload: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)) {
        guard isAck else { return judgePing() }
        pingSentAt = nil
        if drainPing, payload.0 == HTTP2Session.drainPayload[0] {
            drainPing = false
            goAway(NGHTTP2_NO_ERROR, "")
        }
    }

    /// grpc-go: a ping is a strike when it comes sooner than the minimum time after the last one (without open streams: sooner
    /// than two hours), unless we sent headers or data in between. More than two strikes end the connection.
    private func judgePing() {
        let now = server.loop.now
        defer { lastPingAt = now }
        if pingIsFree {
            pingIsFree = false
            pingStrikes = 0
            return
        }
        let gap = openStreams == 0 ? Interval.seconds(2 * 3600) : server.limits.keepaliveMinTime
        guard lastPingAt + gap > now else { return }
        pingStrikes += 1
        if pingStrikes > 2 { terminate(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_pings") }
    }

    func settingsReceived() {
        let now = server.loop.now
        if !isEstablished {
            isEstablished = true
            connection.arm()
        }
        if now - settingsSince > .seconds(10) {
            settingsSince = now
            settingsFrames = 0
        }
        settingsFrames += 1
        if settingsFrames > server.limits.settingsFramesMax { terminate(NGHTTP2_ENHANCE_YOUR_CALM, "too many settings") }
    }

    /// When `checkTime` has something to do.
    var deadline: Instant {
        let limits = server.limits
        if !isEstablished { return begunAt + limits.headTimeout }
        if let pingSentAt { return pingSentAt + limits.keepaliveTimeout }
        return connection.lastReadAt + limits.keepaliveInterval
    }

    /// Pings a silent client; closes one that does not answer or whose preface does not come.
    func checkTime(now: Instant) {
        guard deadline <= now else { return }
        if isEstablished, pingSentAt == nil { sendPing(now: now) } else { connection.close() }
    }

    private func sendPing(now: Instant) {
        pingSentAt = now
        unsafe _ = nghttp2_submit_ping(session, 0, HTTP2Session.keepalivePayload)
        connection.needsFlush()
    }

    /// Sends GOAWAY; running calls go on.
    private func goAway(_ code: nghttp2_error_code, _ text: String) {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        let bytes = Array(text.utf8)
        unsafe _ = nghttp2_submit_goaway(session, 0, last, code.rawValue, bytes, bytes.count)
        connection.needsFlush()
    }

    /// Sends GOAWAY and closes when it is written.
    func terminate(_ code: nghttp2_error_code, _ text: String) {
        goAway(code, text)
        connection.closeAfterFlush = true
    }

    /// Asks the client for no more calls. Calls that are on their way still count: the last stream is named when the ping that follows
    /// the notice comes back (RFC 9113 §6.8).
    func beginDrain() {
        guard !isDraining else { return }
        isDraining = true
        drainPing = true
        unsafe _ = nghttp2_submit_shutdown_notice(session)
        unsafe _ = nghttp2_submit_ping(session, 0, HTTP2Session.drainPayload)
        connection.needsFlush()
    }

    /// A draining connection without calls, its final GOAWAY sent.
    var isDrained: Bool { isDraining && !drainPing && openStreams == 0 }
}
