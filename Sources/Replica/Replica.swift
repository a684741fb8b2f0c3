import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// The member without its I/O: proposals, the apply order, quotas, read barriers, leases, watches and raft snapshots.
///
/// Owned by the replica thread; no locks. `step` takes one input and adds effects; `flush` closes a turn: it proposes what
/// the turn's requests gathered, applies what is committed and hands batches on, so that the costs per turn are shared by
/// all requests of the turn. It leaves to others: framing, files, clocks (the driver), consensus (`RaftNode`), the data
/// (`Store`), matching (`WatchHub`), deadlines of leases (`Lessor`).
package struct Replica: ~Copyable {
    let configuration: ReplicaConfiguration
    var raft: RaftNode
    var store: Store
    var lessor: Lessor
    var hub: WatchHub
    var membership: Membership { didSet { membershipChanged = true } }
    var alarms: Alarms

    var pending: PendingProposals
    /// Encoded InternalRaftRequests of this turn, and where each one lies.
    var proposals = ByteBuffer(capacity: 1 << 16)
    var proposalRanges: [ByteRange] = []
    /// Positions in `proposalRanges` of what only the leader may propose.
    var leadersProposals: [Int] = []
    /// Proposals that wait for a leader.
    var stalled: [(data: Bytes, deadline: Instant)] = []
    var stalledBytes = 0

    /// Linearizable reads that wait for their barrier, in the order of their contexts.
    var barriers: [ReadBarrier] = []
    var nextBarrier: UInt64 = 1
    /// Reads of this turn that need a barrier.
    var gathered: [GatheredRead] = []

    var output = RaftOutput()
    var changes = ChangeSet()
    /// The transaction being looked at.
    var plan = TxnPlan()
    var watchOutputs = WatchOutputs()

    /// The last entry applied. Invariant: ≥ the database's consistent index once replay is done.
    var applied: LogIndex
    var appliedTerm: Term
    /// Entries up to here are in the database already: replay touches membership in raft only.
    var consistentIndex: LogIndex

    var commits = CommitTracking()
    var jobs = JobTracking()
    /// Clients that wait for a compaction's rows to leave the database.
    var compactionWaiters: [(revision: Int64, waiter: PendingProposals.Waiter)] = []
    var snapshots: SnapshotTracking
    var leadership: Leadership
    var calls = PeerCalls()
    var leaseQuestions = LeaseQuestions()
    /// The barrier that confirms this leader after a pause; 0: Raft has yet to take it; nil: no doubt.
    var leadershipDoubt: UInt64?
    var affairs = ClusterAffairs()
    var outgoing = OutgoingSnapshots()
    var incoming = IncomingSnapshots()
    var random: RandomSource
    var autoCompactor: AutoCompactor
    var nextTick: Instant
    var nextCommit: Instant
    var now: Instant
    var status = ReplicaStatus()
    /// Members of the cluster that this one joins: peers until the log has told of all.
    var remotes: [ClusterMember] = []
    /// As last told; nil at first, so that the driver hears of the peers at start.
    var peers: PeerList?
    /// `peers` may have changed.
    var membershipChanged = true
    /// As of the last turn's end, ascending by id.
    var sortedMembers: [ClusterMember] = []
    /// How many of `changes` the lessor has been told of.
    var leasesSeen = 0
    /// No round of lease expiry before this.
    var nextExpiry: Instant
    var counted = ReplicaCounters()
    var wasLeader = false
    var isDiskLow = false
    /// No second proposal of an alarm before this.
    var alarmProposedUntil = Instant(nanoseconds: 0)

    /// A replica over recovered parts. `requestIDSeed` is formats.md §9's: member id in the top 16 bits, then the start time.
    init(configuration: ReplicaConfiguration, raft: consuming RaftNode, state: consuming State, recovered: Recovered, now: Instant) {
        self.configuration = configuration
        self.raft = raft
        membership = state.membership
        alarms = state.alarms
        store = state.store
        lessor = state.lessor
        var limits = WatchLimits(maxRequestBytes: configuration.maxRequestBytes, progressInterval: configuration.progressInterval)
        limits.streamBytesMax = configuration.watchStreamBytes
        let stamp = ResponseStamp(clusterID: configuration.clusterID, memberID: configuration.memberID, raftTerm: self.raft.term)
        hub = WatchHub(revision: self.store.currentRevision, stamp: stamp, limits: limits, seed: recovered.requestIDSeed)
        pending = PendingProposals(next: recovered.requestIDSeed &+ 1)
        applied = recovered.snapshotIndex
        appliedTerm = recovered.snapshotTerm
        consistentIndex = recovered.consistentIndex
        #if PLANTED_BUGS
            if PlantedBug.isActive(.applyTwice) { consistentIndex = .zero }
        #endif
        snapshots = SnapshotTracking(index: recovered.snapshotIndex)
        autoCompactor = AutoCompactor(configuration.autoCompaction, now: now)
        leadership = Leadership(now: now)
        random = RandomSource(seed: recovered.requestIDSeed)
        nextTick = now + configuration.tick
        nextCommit = now + configuration.commitInterval
        nextExpiry = now
        self.now = now
        // etcd's auth store leaves its first revision in every new database (formats.md §4.2).
        if self.store.backend.value(.auth, key: Bytes("authRevision").span) == nil {
            self.store.backend.put(.auth, key: Bytes("authRevision").span, value: Bytes([0, 0, 0, 0, 0, 0, 0, 1]).span)
        }
    }

    /// Where a restart begins.
    struct Recovered {
        var snapshotIndex: LogIndex
        var snapshotTerm: Term
        var consistentIndex: LogIndex
        var requestIDSeed: UInt64
    }

    /// What happens to the replica.
    package enum Input: Sendable {
        case requests(RequestBatch)
        /// The log is durable up to this write. The entries come back to be let go of here: their blocks' reference
        /// counts are not to be fought over by two threads.
        case persisted(WriteNumber, [Entry])
        /// A `.snap` file and its record are durable.
        case snapshotSaved(LogIndex)
        /// The database has taken a batch.
        case committed(CommitBatch.ID)
        case finished(job: UInt64, JobResult)
        /// Messages that arrived from other members, none of kind snapshot.
        case peer([Message])
        /// A message of kind snapshot whose database is here, durable: `<hex16 of the index>.snap.db`.
        case snapshotReceived(Message, SnapshotFile)
        /// A link to the member was lost, or a message to it was dropped.
        case unreachable(MemberID)
        /// The other member is connected: something is read from it; or no longer.
        case link(MemberID, isUp: Bool)
        case snapshotSent(to: MemberID, succeeded: Bool)
        case callAnswered(UInt64, PeerAnswer)
        /// The file system of the log and the database is nearly full, or has room again.
        case diskSpace(isLow: Bool)
        /// Nothing but time has passed.
        case tick
    }

    package mutating func step(_ input: consuming Input, now: Instant, into effects: inout Effects) {
        noticePause(now)
        self.now = max(now, self.now)
        switch input {
        case .requests(let batch): admit(batch, into: &effects)
        case .persisted(let number, _):
            raft.persisted(through: number)
            installIfDurable(through: number, into: &effects)
        case .snapshotSaved(let index): snapshotSaved(index)
        case .committed(let id): databaseCommitted(id, into: &effects)
        case .finished(let job, let result): jobFinished(job, result, into: &effects)
        case .peer(let messages):
            for message in messages where membership.removed.isEmpty || !membership.removed.contains(message.from) { raft.step(message) }
        case .snapshotReceived(let message, let file): receive(message, file)
        case .unreachable(let member): raft.reportUnreachable(member)
        case .link(let member, let isUp):
            affairs.link(member, isUp: isUp, now: self.now)
            advanceFirstElection()
        case .snapshotSent(let member, let succeeded): snapshotSent(to: member, succeeded: succeeded)
        case .callAnswered(let id, let answer): callAnswered(id, answer, into: &effects)
        case .diskSpace(let isLow): isDiskLow = isLow
        case .tick: break
        }
    }

    /// Closes a turn. To be called after one or more `step`s, and when `nextDeadline` has come. Spurious calls are harmless.
    package mutating func flush(now: Instant, into effects: inout Effects) {
        noticePause(now)
        self.now = max(now, self.now)
        tickIfDue()
        proposeGathered(into: &effects)
        drainRaft(into: &effects)
        campaignIfAlone()
        expireLeases()
        compactByItself()
        attendToCluster(into: &effects)
        expireProposals(into: &effects)
        finishBarriers(into: &effects)
        proposeGathered(into: &effects)
        drainRaft(into: &effects)
        continueLeaseQuestions(into: &effects)
        finishTransfers(into: &effects)
        checkForCorruption(into: &effects)
        if let refusal = affairs.refusal { effects.fatal = refusal }
        advanceCompaction(into: &effects)
        deliverWatches(into: &effects)
        commitIfDue(into: &effects)
        stopIfRemoved(into: &effects)
        publishPeers(into: &effects)
        publishStatus(into: &effects)
    }

    /// When `flush` has to be called even if nothing else happens.
    package var nextDeadline: Instant? {
        var next = nextTick
        // With all batches under way that may be, the next turn is that of the first one's end.
        if store.backend.openOperations > 0, !isInstalling, commits.inFlight < configuration.commitsInFlight { next = min(next, nextCommit) }
        if let deadline = pending.nextDeadline { next = min(next, deadline) }
        if hub.hasWork || store.needsCompactionTurn && !isInstalling { next = min(next, now) }
        if let deadline = autoCompactor.nextDeadline { next = min(next, deadline) }
        if let deadline = hub.nextDeadline { next = min(next, deadline) }
        if let deadline = lessor.nextDeadline, raft.isLeader { next = min(next, max(deadline, nextExpiry)) }
        return next
    }

    /// What every response header says (etcdserverpb.ResponseHeader), apart from the revision.
    var stamp: ResponseStamp {
        ResponseStamp(clusterID: configuration.clusterID, memberID: configuration.memberID, raftTerm: raft.term)
    }

    /// What is done about the membership in every turn, before proposals are handed over.
    private mutating func attendToCluster(into effects: inout Effects) {
        announce()
        continuePromotions(into: &effects)
        promoteByItself()
        monitorVersions(into: &effects)
        proposeChanges()
    }

    private mutating func tickIfDue() {
        // After a pause one tick is made up for: the rest of the lost time is nobody's fault but ours.
        guard nextTick <= now else { return }
        raft.tick()
        repeatConfirmation()
        nextTick = max(nextTick + configuration.tick, now)
    }

    /// The only voter waits for nobody: it leads as soon as it knows that it is alone.
    private mutating func campaignIfAlone() {
        guard raft.role == .follower, raft.leader == .zero, raft.confState.voters == [configuration.memberID],
            raft.confState.votersOutgoing.isEmpty
        else { return }
        raft.campaign()
    }

    /// Carries out what Raft wants until it wants nothing more.
    private mutating func drainRaft(into effects: inout Effects) {
        while true {
            raft.takeOutput(into: &output)
            if output.isEmpty { return }
            for refusal in output.refusals where refusal.isFatal { effects.fatal = refusal.description }
            let messages = output.messages
            for outgoing in messages {
                if outgoing.message.kind == .snapshot {
                    sendSnapshot(outgoing.message, into: &effects)
                } else {
                    effects.messages.append(outgoing)
                }
            }
            if let write = output.write {
                let entries = output.entries
                output.entries = []
                if let snapshot = output.snapshot {
                    restore(snapshot, write, entries, into: &effects)
                } else {
                    effects.log.append(.append(write, entries: entries))
                }
            }
            incoming.offered.removeAll()
            apply(into: &effects)
            finishBarriers(into: &effects)
            leadershipChanged()
        }
    }
}
