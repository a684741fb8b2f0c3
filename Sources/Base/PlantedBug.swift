#if PLANTED_BUGS
    import Synchronization

    /// Bugs that a special build (`-Xswiftc -DPLANTED_BUGS`) can switch on, one at a time, to show that the simulator finds
    /// them. Each lies at the place where it would be made, in one line; other builds hold nothing of this. Numbers are etcd's
    /// issues.
    package enum PlantedBug: UInt8, CaseIterable, Sendable {
        // Raft
        /// Entries count for the quorum before they are durable here.
        case acknowledgeBeforeSync = 1
        /// A vote is not remembered across a restart.
        case voteTwice
        /// An entry of an earlier term is committed by counting.
        case commitOlderTerm
        /// An append that comes late cuts off what followed it.
        case truncateOnOldAppend
        /// Learners count for the quorum.
        case learnerInQuorum
        /// Votes are granted to shorter logs.
        case voteForShorterLog
        /// A linearizable read is answered without asking a quorum.
        case readWithoutQuorum
        /// A leader serves reads before it has committed an entry of its term (14258).
        case readBeforeTermCommitted
        /// A proposal that was forwarded is proposed twice.
        case forwardTwice
        // Storage and replica
        /// Entries that the database holds are applied once more after a restart.
        case applyTwice
        /// The applied index reaches the database before its data (13766).
        case indexAheadOfData
        /// Entries are applied before they are in this member's log for good.
        case applyBeforeDurable
        /// The log is cut off before the database holds what it told (11888).
        case snapshotBeforeDatabase
        /// A torn end of the log is taken as it is.
        case tornTailAccepted
        /// Snapshots do not say who the members are.
        case snapshotWithoutMembers
        /// Keys lose their lease when a database is loaded.
        case leaseAttachLost
        /// Leases that meet a new leader run out at once.
        case leaseEndsEarly
        /// A renewal is acknowledged and forgotten.
        case renewalForgotten
        /// Whether a lease has run out is decided by each member's own clock.
        case applyByLocalClock
        // Keys and watches
        /// Watchers miss what a snapshot brought.
        case watchGapAfterSnapshot
        /// Watchers are told again what came before a snapshot (15271).
        case watchRepeatAfterSnapshot
        /// Progress is notified while events are still to come (15220).
        case progressAhead
        /// The event of a deletion at the compacted revision is lost (18089, 19179).
        case tombstoneLost
        /// A transaction that fails leaves its first half (18667).
        case txnHalfApplied
        /// A hash holds rows that a compaction has yet to remove.
        case hashDiffers

        package static let active = Atomic<UInt8>(0)

        @inline(__always)
        package static func isActive(_ bug: PlantedBug) -> Bool { active.load(ordering: .relaxed) == bug.rawValue }

        package init?(name: String) {
            guard let bug = Self.allCases.first(where: { "\($0)" == name }) else { return nil }
            self = bug
        }
    }
#endif
