import Base

/// Every bound and timeout of the servers and connections, in one value (STYLE 19).
package struct HTTPLimits: Sendable {
    // MARK: Calls and messages

    /// Largest gRPC message accepted, after decompression too: max-request-bytes + 524288 (limits.tsv, "gRPC receive limit").
    package var messageBytesMax = 1_572_864 + 524_288
    /// Largest body of a plain HTTP request.
    package var bodyBytesMax = 1_572_864 + 524_288
    /// All header fields of a request, names and values and 32 bytes each (RFC 9113 §6.5.2).
    package var headerBytesMax = 64 << 10
    package var headerFieldsMax = 256
    /// Bytes of incomplete requests held by one server; beyond it a growing request is refused.
    package var receiveBufferBytesMax = 256 << 20

    // MARK: Streams and output

    /// --max-concurrent-streams, for each connection.
    package var concurrentStreamsMax = UInt32.max
    /// Streams of one server; beyond it new ones are refused.
    package var streamsMax = 1 << 18
    /// A stream with more queued bytes than `streamHighWater` is told to be writable again below `streamLowWater`.
    package var streamHighWater = 512 << 10
    package var streamLowWater = 128 << 10
    /// A connection with more queued output is not read from until it falls below half of this.
    package var connectionOutputBytesMax = 64 << 20
    /// A connection with more answers unread has further unary calls refused: what all share is not for one to use up.
    package var connectionAnswerBytesMax = 256 << 20
    /// Queued output of one server; beyond it new connections and calls are refused.
    package var outputBytesMax = 1 << 30
    /// Encoded bytes made ahead of what the socket takes.
    package var writeAheadBytes = 64 << 10

    package var streamWindowBytes: Int32 = 1 << 20
    package var connectionWindowBytes: Int32 = 8 << 20
    /// Streams that a client may reset: at once, and in each second after that.
    package var resetBurst: UInt64 = 20_000
    package var resetsPerSecond: UInt64 = 2_000
    /// SETTINGS frames that a client may send on one connection in any ten seconds.
    package var settingsFramesMax = 100

    // MARK: Connections

    package var connectionsMax = Int.max
    /// For the first complete request head or HTTP/2 preface, and for each HTTP/1 request head from its first byte.
    package var headTimeout = Interval.seconds(10)
    /// Between two pieces of an HTTP/1 request's body.
    package var bodyTimeout = Interval.seconds(60)
    /// An HTTP/1 connection between two requests.
    package var idleTimeout = Interval.seconds(300)
    /// Output waits and the peer takes nothing of it.
    package var writeStallTimeout = Interval.seconds(60)
    /// How long to stop accepting after the process ran out of descriptors.
    package var acceptPause = Interval.milliseconds(100)

    // MARK: HTTP/2 keep-alive

    /// --grpc-keepalive-interval: ping after so much silence.
    package var keepaliveInterval = Interval.seconds(2 * 3600)
    /// --grpc-keepalive-timeout: close when a ping is not answered within it.
    package var keepaliveTimeout = Interval.seconds(20)
    /// --grpc-keepalive-min-time: clients that ping more often are cut off.
    package var keepaliveMinTime = Interval.seconds(5)

    package init() {}
}
