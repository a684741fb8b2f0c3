import Base
import HTTP
import Platform
import Raft
import Replica

/// The links to the other members: raft messages both ways, databases, and questions over HTTP (formats.md §7).
///
/// Decides when to dial, which way a message takes, and what is dropped when a peer does not keep up; a message is nothing
/// that must arrive. What the messages say is the replica's business. Confined to its loop's thread.
package final class PeerTransport {
    package let loop: EventLoop
    package var identity: PeerIdentity
    package let limits: PeerLimits
    unowned let delegate: any PeerTransportDelegate
    let logger: Logger

    /// `snapshotDirectory`: where received databases are put (`member/snap`).
    package init(
        loop: EventLoop, identity: PeerIdentity, limits: PeerLimits = PeerLimits(), snapshotDirectory: String,
        delegate: any PeerTransportDelegate, logger: Logger = .standard, metrics: MetricsRegistry
    ) {
        self.loop = loop
        self.identity = identity
        self.limits = limits
        self.delegate = delegate
        self.logger = logger
    }

    /// Begins to answer peers on a listener.
    package func serve(_ listener: Listener) throws(SystemError) {}

    /// Connects to these members, and to no others any more; requests of removed ones are refused.
    package func update(_ peers: PeerList) {}

    /// Sends a message, or drops it and says `unreachable`. Never of kind snapshot.
    package func send(_ message: Message) {}

    /// Sends a snapshot message and its database, which is read from `descriptor`; the snapshot's file keeps that open.
    package func send(_ snapshot: OutgoingSnapshot, descriptor: Int32) { delegate.snapshotSent(to: snapshot.to, succeeded: false) }

    /// Asks a member; the delegate's `answered` tells the answer.
    package func call(_ call: PeerCall) { delegate.answered(call.id, .unreachable("not connected")) }

    /// Answers a request of a peer.
    package func answer(_ token: UInt64, _ answer: PeerAnswer) {}

    /// Ends everything at once.
    package func close() {}
}
