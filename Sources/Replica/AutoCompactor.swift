import Base

/// When the leader compacts by itself, and to which revision: etcd's two modes (limits.tsv, area mvcc). Time is passed in.
struct AutoCompactor {
    private let rule: AutoCompaction
    /// Revisions as they were, one for every tenth of the interval, oldest first.
    private var samples: [Int64] = []
    private(set) var nextDeadline: Instant?
    private var lastCompaction: Instant
    private var lastRevision: Int64 = 0
    /// The whole period must pass before the first compaction; from then on the interval counts.
    private var wait: Interval

    private static let revisionInterval = Interval.seconds(300)
    private static let longestInterval = Interval.seconds(3600)

    init(_ rule: AutoCompaction, now: Instant) {
        self.rule = rule
        lastCompaction = now
        switch rule {
        case .off:
            wait = .zero
            nextDeadline = nil
        case .periodic(let period):
            wait = period
            nextDeadline = now + Self.sampleInterval(period)
        case .revision:
            wait = .zero
            nextDeadline = now + Self.revisionInterval
        }
    }

    /// The revision to compact to, if one is due. Call when `nextDeadline` has come; earlier calls are harmless.
    mutating func due(now: Instant, revision: Int64, isLeader: Bool) -> Int64? {
        guard let deadline = nextDeadline, deadline <= now else { return nil }
        switch rule {
        case .off:
            return nil
        case .revision(let count):
            nextDeadline = now + Self.revisionInterval
            return isLeader ? take(revision - count, now: now) : nil
        case .periodic(let period):
            let interval = Self.sampleInterval(period)
            nextDeadline = now + interval
            samples.append(revision)
            let kept = max(1, Int(period.nanoseconds / max(1, interval.nanoseconds)))
            if samples.count > kept { samples.removeFirst(samples.count - kept) }
            guard isLeader, now - lastCompaction >= wait, let oldest = samples.first else { return nil }
            wait = min(period, Self.longestInterval)
            return take(oldest, now: now)
        }
    }

    private mutating func take(_ revision: Int64, now: Instant) -> Int64? {
        guard revision > 0, revision > lastRevision else { return nil }
        lastRevision = revision
        lastCompaction = now
        return revision
    }

    private static func sampleInterval(_ period: Interval) -> Interval {
        Interval(nanoseconds: max(1, min(period, longestInterval).nanoseconds / 10))
    }
}
