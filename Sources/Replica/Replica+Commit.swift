import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Batches on their way to the database.
struct CommitTracking {
    var inFlight = 0
}

/// The raft snapshot under way: first the database takes everything up to its index, then the file is written.
struct SnapshotTracking {
    /// Index of the newest snapshot that is on disk.
    var index: LogIndex
    /// The snapshot that waits for batch `batch`, then for the log thread.
    var underWay: (snapshot: RaftSnapshot, batch: CommitBatch.ID?)?

    init(index: LogIndex) { self.index = index }
}

/// Handing writes to the database, and compacting the log behind it.
extension Replica {
    mutating func commitIfDue(into effects: inout Effects) {
        guard !isInstalling else { return }
        startSnapshotIfDue(into: &effects)
        let open = store.backend.openOperations
        guard open > 0, commits.inFlight < configuration.commitsInFlight else { return }
        guard open >= configuration.commitOperations || nextCommit <= now else { return }
        sealOpenBatch(into: &effects)
    }

    @discardableResult
    mutating func sealOpenBatch(isFinal: Bool = false, into effects: inout Effects) -> CommitBatch.ID? {
        // The database that it would be for is being replaced.
        guard !isInstalling else { return nil }
        nextCommit = now + configuration.commitInterval
        guard let batch = store.backend.seal() else { return nil }
        commits.inFlight += 1
        let id = batch.id
        effects.background.append(.commit(batch, isFinal: isFinal))
        return id
    }

    mutating func databaseCommitted(_ id: CommitBatch.ID, into effects: inout Effects) {
        commits.inFlight -= 1
        store.backend.committed(id)
        if let fault = store.backend.fault { effects.fatal = fault.description }
        if let (snapshot, batch) = snapshots.underWay, batch == id {
            snapshots.underWay = (snapshot, nil)
            effects.log.append(.saveSnapshot(snapshot, raft.durableHardState))
        }
    }

    private mutating func startSnapshotIfDue(into effects: inout Effects) {
        // etcd's rule: strictly more than the count.
        guard snapshots.underWay == nil, incoming.arrived == nil, applied > consistentIndex,
            applied.rawValue - snapshots.index.rawValue > configuration.snapshotCount
        else { return }
        let snapshot = RaftSnapshot(
            index: applied, term: appliedTerm, configuration: ConfigurationState(raft.confState),
            data: Bytes(membership.v2StoreJSON(index: applied)))
        // Nothing to seal: earlier batches hold it all and may be under way still. The next entry is soon enough.
        guard let batch = sealOpenBatch(isFinal: true, into: &effects) else { return }
        snapshots.underWay = (snapshot, batch)
        #if PLANTED_BUGS
            if PlantedBug.isActive(.snapshotBeforeDatabase) { effects.log.append(.saveSnapshot(snapshot, raft.durableHardState)) }
        #endif
    }

    mutating func snapshotSaved(_ index: LogIndex) {
        snapshots.index = max(index, snapshots.index)
        snapshots.underWay = nil
        // A member that is being brought up to date needs what follows its snapshot.
        if !outgoing.isActive, index.rawValue > configuration.catchUpEntries {
            raft.compact(through: LogIndex(index.rawValue - configuration.catchUpEntries))
        }
    }

    mutating func publishPeers(into effects: inout Effects) {
        guard membershipChanged else { return }
        membershipChanged = false
        sortedMembers = membership.sorted
        if membership[configuration.memberID] != nil { remotes = [] }
        let others = (sortedMembers + remotes).filter { $0.id != configuration.memberID }
        let list = PeerList(
            members: others.map { PeerList.Peer(id: $0.id, peerURLs: $0.peerURLs) }, removed: membership.removed)
        guard list != peers else { return }
        peers = list
        effects.peers = list
    }

    mutating func publishStatus(into effects: inout Effects) {
        var current = ReplicaStatus()
        current.leader = raft.leader
        current.isLeader = raft.isLeader
        current.term = raft.term
        current.isLeaderless = isLeaderless
        current.clusterVersion = membership.version
        current.maxClusterVersion = configuration.maxClusterVersion
        current.storageVersion = reportedStorageVersion
        current.downgradeTarget = membership.downgradeTarget
        current.alarms = alarms.isEmpty ? [] : alarms.all()
        current.members = sortedMembers
        current.removedMembers = status.removedMembers
        if membership.removed.count != current.removedMembers.count { current.removedMembers = membership.removed.sorted() }
        current.isLearner = membership[configuration.memberID]?.isLearner ?? false
        current.isReady = !affairs.corruption.isInitialDue && raft.leader != .zero && membership[configuration.memberID]?.isStarted == true
        guard current != status else { return }
        status = current
        effects.status = current
    }
}

extension ConfigurationState {
    init(_ state: ConfState) {
        #if PLANTED_BUGS
            if PlantedBug.isActive(.snapshotWithoutMembers) {
                self.init()
                return
            }
        #endif
        self.init(
            voters: state.voters.map(\.rawValue), learners: state.learners.map(\.rawValue),
            votersOutgoing: state.votersOutgoing.map(\.rawValue), learnersNext: state.learnersNext.map(\.rawValue),
            autoLeave: state.autoLeave)
    }
}
