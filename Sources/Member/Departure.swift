import Base

/// Decides when a member that is told to stop may go.
///
/// One that leads waits for its successor. Then it stays a moment longer: what other members sent it to be proposed before they
/// heard of the change, it passes on to its successor; without it their clients would wait in vain. Owned by the replica's thread.
struct Departure {
    /// How long a successor is waited for.
    let electionTimeout: Interval
    /// How long others may take to hear of it: a leader is heard of at once, or with its next heartbeat.
    let heartbeat: Interval
    /// Nil: this member did not lead when it was told to stop.
    private var successorAwaitedUntil: Instant?
    private var passesOnUntil: Instant?

    init(electionTimeout: Interval, heartbeat: Interval) {
        self.electionTimeout = electionTimeout
        self.heartbeat = heartbeat
    }

    mutating func handsOver(now: Instant) { successorAwaitedUntil = now + electionTimeout }

    /// To be asked whenever the leader has changed. Nil: there is nothing to wait for.
    mutating func end(isLeader: Bool, hasLeader: Bool, now: Instant) -> Instant? {
        guard let successorAwaitedUntil else { return nil }
        guard !isLeader, hasLeader else { return successorAwaitedUntil }
        let end = passesOnUntil ?? now + heartbeat.scaled(by: 2)
        passesOnUntil = end
        return end
    }
}
