import Base

/// One WatchResponse to be sent: the bytes of `head` followed by those of `shared`, which together are the message.
package struct WatchOutput: Sendable {
    package var stream: WatchStreamID
    /// In `WatchOutputs.heads`.
    package var head: ByteRange
    /// In `WatchOutputs.events`; empty for all but events. Many outputs may name the same bytes.
    package var shared: ByteRange

    /// What is to be reported to `WatchHub.drained` once the message has left.
    package var byteCount: Int { head.count + shared.count }
}
