import Platform

/// What a server counts; several servers may share them.
package struct HTTPCounters: Sendable {
    /// Bytes read from and written to connections.
    package var received: Counter
    package var sent: Counter

    package init(received: Counter = Counter(), sent: Counter = Counter()) {
        self.received = received
        self.sent = sent
    }
}
