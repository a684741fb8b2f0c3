import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// What reaches the replica's thread.
enum ReplicaInput: Sendable {
    case requests(RequestBatch)
    case input(Replica.Input)
    /// A thread of the member cannot go on.
    case failed(String)
    /// The member is about to stop: another is to lead.
    case handOver
    case stop
}

/// The replica's thread: takes what has come, lets the replica decide, and carries its effects to the other threads.
struct ReplicaThread: ~Copyable {
    var replica: Replica
    let inbox: Inbox<ReplicaInput>
    let log: Inbox<LogThread.Work>
    let background: Inbox<BackgroundThread.Work>
    let peers: Mailbox<PeerWork>
    let loops: [Mailbox<ResponseBatch>]
    let status: SharedStatus
    let metrics: MemberMetrics
    let logger: Logger
    let memberID: MemberID
    /// Called once, when the replica can serve.
    let onReady: @Sendable () -> Void
    /// Called when this member was removed from the cluster.
    let onRemoved: @Sendable () -> Void
    /// Called once, when the member must stop because of an error.
    let onFatal: @Sendable (String) -> Void

    private var departure: Departure
    private var isStopping = false
    /// Meaningful once it is stopping.
    private var endsAt = Instant(nanoseconds: 0)

    init(
        replica: consuming Replica, inbox: Inbox<ReplicaInput>, log: Inbox<LogThread.Work>, background: Inbox<BackgroundThread.Work>,
        peers: Mailbox<PeerWork>, loops: [Mailbox<ResponseBatch>], status: SharedStatus, metrics: MemberMetrics, logger: Logger,
        memberID: MemberID, departure: Departure, onReady: @escaping @Sendable () -> Void, onRemoved: @escaping @Sendable () -> Void,
        onFatal: @escaping @Sendable (String) -> Void
    ) {
        self.replica = replica
        self.inbox = inbox
        self.log = log
        self.background = background
        self.peers = peers
        self.loops = loops
        self.status = status
        self.metrics = metrics
        self.logger = logger
        self.memberID = memberID
        self.departure = departure
        self.onReady = onReady
        self.onRemoved = onRemoved
        self.onFatal = onFatal
    }

    /// Runs until it is told to stop. What was acknowledged is in the log; the last batch for the database goes out too.
    mutating func run() {
        var effects = Effects(loops: loops.count)
        var inputs: [ReplicaInput] = []
        var isReady = false
        var nextCount = Instant(nanoseconds: 0)
        while true {
            inbox.wait(until: nextDeadline)
            inbox.drain(into: &inputs)
            let now = Clock.now
            for input in inputs {
                switch input {
                case .requests(let batch): replica.step(.requests(batch), now: now, into: &effects)
                case .input(let input): replica.step(input, now: now, into: &effects)
                case .failed(let reason): return onFatal(reason)
                case .handOver: if replica.handOver() { departure.handsOver(now: now) }
                case .stop: isStopping = true
                }
            }
            inputs.removeAll(keepingCapacity: true)
            replica.flush(now: now, into: &effects)
            if let fatal = effects.fatal { return onFatal(fatal) }
            if let status = effects.status { publish(status, &isReady) }
            carryOut(&effects)
            endsAt = departure.end(isLeader: status.isLeader, hasLeader: status.hasLeader, now: now) ?? now
            if isStopping, endsAt <= now { return close(&effects) }
            if nextCount <= now {
                metrics.update(replica.counters, self.status.value)
                nextCount = now + .milliseconds(100)
            }
        }
    }

    private var nextDeadline: Instant? {
        guard isStopping else { return replica.nextDeadline }
        return min(replica.nextDeadline ?? endsAt, endsAt)
    }

    private func publish(_ status: ReplicaStatus, _ isReady: inout Bool) {
        let wasLeaderless = self.status.isLeaderless
        for news in StatusNews.between(self.status.value, status, me: memberID) { news.write(to: logger) }
        self.status.update(status)
        // Who has streams that need a leader has to look.
        if status.isLeaderless, !wasLeaderless { for loop in loops { loop.waker.wake() } }
        if status.isReady, !isReady {
            isReady = true
            onReady()
        }
    }

    private mutating func close(_ effects: inout Effects) {
        replica.close(into: &effects)
        carryOut(&effects)
        log.post(.stop)
        background.post(.stop)
        peers.post(.stop)
    }

    private func carryOut(_ effects: inout Effects) {
        carryOutWrites(&effects)
        if !effects.background.isEmpty {
            for work in effects.background { background.post(.work(work)) }
            effects.background.removeAll(keepingCapacity: true)
        }
        for (index, responses) in effects.responses.enumerated() where !responses.isEmpty {
            for batch in responses.take() { loops[index].post(batch) }
        }
        if let list = effects.peers { peers.post(.peers(list)) }
        effects.peers = nil
        for snapshot in effects.snapshots { peers.post(.snapshot(snapshot)) }
        effects.snapshots.removeAll()
        for call in effects.calls { peers.post(.call(call)) }
        effects.calls.removeAll()
        if effects.stopped { onRemoved() }
        effects.stopped = false
        effects.status = nil
    }

    /// Messages that claim nothing of this member's log leave beside the write, the others behind it (Raft thesis §10.2.1).
    private func carryOutWrites(_ effects: inout Effects) {
        var later: [Message] = []
        if !effects.messages.isEmpty {
            var atOnce: [Message] = []
            for outgoing in effects.messages {
                if outgoing.after == nil { atOnce.append(outgoing.message) } else { later.append(outgoing.message) }
            }
            effects.messages.removeAll(keepingCapacity: true)
            if !atOnce.isEmpty { peers.post(.messages(atOnce)) }
        }
        guard !effects.log.isEmpty || !later.isEmpty else { return }
        log.post(.turn(effects.log, messages: later))
        effects.log = []
    }
}
