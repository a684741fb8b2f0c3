import Base

/// Bounds and times of the peer protocol (limits.tsv, "peer").
package struct PeerLimits: Sendable {
    package var codec = PeerCodecLimits()

    /// `--raft-read-timeout`: a stream that is silent for so long is given up.
    package var readTimeout = Interval.seconds(5)
    /// `--raft-write-timeout`: a peer that takes nothing for so long is cut off. A third of the read time-out after the last
    /// write, a link heartbeat goes out.
    package var writeTimeout = Interval.seconds(5)
    package var dialTimeout = Interval.seconds(5)
    /// Between two attempts to dial; doubled after each that fails, up to the second.
    package var redialDelay = Interval.milliseconds(100)
    package var redialDelayMax = Interval.seconds(1)

    /// What may wait in a stream to one peer.
    package var streamQueueBytesMax = 64 << 20
    package var pipelineQueueMax = 64
    package var pipelineConnectionsMax = 4

    package var probeInterval = Interval.seconds(4)
    package var probeTimeout = Interval.seconds(5)
    /// A warning of a peer's wrong clock or slow link is repeated after so long.
    package var warningInterval = Interval.seconds(30)
    package var clockDifferenceMax = Interval.seconds(1)

    package var callTimeout = Interval.seconds(5)
    /// limits.tsv, "/leases body".
    package var leaseRequestBytesMax = 64 << 10
    package var callResponseBytesMax = 100 << 20
    /// Senders that are not members yet and whose URLs are remembered.
    package var remotesMax = 64
    /// Requests of peers that wait for the replica.
    package var requestsMax = 4096

    /// The receiver has the whole database and makes it durable.
    package var snapshotAnswerTimeout = Interval.seconds(600)
    /// No piece of a database was taken or came for so long.
    package var snapshotStallTimeout = Interval.seconds(30)
    package var snapshotsReceivedMax = 4
    /// Of a raft message in a request of its own.
    package var pipelineBodyBytesMax = 128 << 20
    package var connectionsMax = 1024

    package init() {}
}
