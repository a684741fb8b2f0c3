import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// What a start finds in the log: of a new member its founding entries, of an old one what its log and newest `.snap` file
/// hold.
package struct FoundLog: Sendable {
    /// The `.snap` file from which on the log was read; nil when it begins at index 0.
    package var snapshot: RaftSnapshot?
    /// After `snapshot`, without gap.
    package var entries: [WALEntry]
    package var state: WALHardState
    package var memberID: MemberID
    package var clusterID: ClusterID
    /// Members of a running cluster that this one joins: whom to connect to until the log has told.
    package var remotes: [ClusterMember]

    package init(
        snapshot: RaftSnapshot? = nil, entries: [WALEntry] = [], state: WALHardState = WALHardState(), memberID: MemberID,
        clusterID: ClusterID, remotes: [ClusterMember] = []
    ) {
        self.snapshot = snapshot
        self.entries = entries
        self.state = state
        self.memberID = memberID
        self.clusterID = clusterID
        self.remotes = remotes
    }

    /// A founding member's log (formats.md §2.7): every founder writes the same entries by itself.
    package init(founders: [ClusterMember], me: MemberID) {
        let founders = founders.sorted { $0.id < $1.id }
        let entries = founders.enumerated().map { position, member in
            let change = ConfigurationChange([.init(.addVoter, member.id)], context: Bytes(member.json))
            return WALEntry(
                term: Term(1), index: LogIndex(UInt64(position + 1)), kind: .configurationChange, data: change.encodedV1())
        }
        self.init(
            entries: entries, state: WALHardState(term: Term(1), vote: .zero, commit: LogIndex(UInt64(entries.count))), memberID: me,
            clusterID: Identity.cluster(founders: founders.map(\.id)))
    }

    package var base: LogPosition { LogPosition(index: snapshot?.index ?? .zero, term: snapshot?.term ?? .zero) }

    /// The database ends before the log begins: the leader's database that came with the `.snap` file
    /// (`<hex16 of the index>.snap.db`) was not installed when the process ended, and is to be imported first.
    package func awaitsInstallation(databaseAt consistentIndex: LogIndex) -> Bool { consistentIndex < base.index }
}

/// Why a member cannot start from what it found; for the operator, with what to do.
package struct RecoveryError: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// A member that has found itself again.
package struct RecoveredMember: ~Copyable {
    package var replica: Replica
    /// For the background thread.
    package let writer: BackendWriter

    package consuming func takeReplica() -> Replica { replica }
}

extension Replica {
    /// Where log and database lie, for messages.
    package struct Places: Sendable {
        package var database: String
        package var log: String

        package init(database: String, log: String) {
            self.database = database
            self.log = log
        }
    }

    /// A replica from what its log and its database hold; refuses when these contradict each other (ARCHITECTURE §6).
    /// Reads the database, and changes nothing. `wallMilliseconds`: since 1970, for request ids (formats.md §9).
    package static func recover(
        _ configuration: ReplicaConfiguration, from found: FoundLog, engine: Engine, places: Places, wallMilliseconds: Int64,
        random: RandomSource, now: Instant
    ) throws(RecoveryError) -> RecoveredMember {
        var configuration = configuration
        configuration.memberID = found.memberID
        configuration.clusterID = found.clusterID
        var random = random
        let backend = try explained { () throws(BackendError) in try Backend(engine) }
        let writer = backend.makeWriter()
        let consistentIndex = backend.appliedIndex
        try check(found, consistentIndex, places)
        let state = try State(configuration, consuming: backend, hashSeed: random.next(), now: now)
        if let refusal = ClusterVersions.startRefusal(own: configuration.version, cluster: state.membership.version) {
            throw RecoveryError(refusal)
        }
        // The whole database was read; its pages need not stay with this process.
        engine.trimResident()
        let raft = try explained { () throws(RaftError) in
            try RaftNode(
                configuration: configuration.raft, recovered: RecoveredState(found, inDatabase: consistentIndex),
                random: RandomSource(seed: random.next()))
        }
        let seed = found.memberID.rawValue << 48 | (UInt64(bitPattern: wallMilliseconds) & ((1 << 40) - 1)) << 8
        var replica = Replica(
            configuration: configuration, raft: raft, state: state,
            recovered: .init(
                snapshotIndex: found.base.index, snapshotTerm: found.base.term, consistentIndex: consistentIndex, requestIDSeed: seed),
            now: now)
        replica.remotes = found.remotes
        replica.affairs.unixOffset = wallMilliseconds &* 1_000_000 &- now.nanoseconds
        replica.beginAffairs(snapshot: found.snapshot)
        return RecoveredMember(replica: replica, writer: writer)
    }

    private static func check(_ found: FoundLog, _ consistentIndex: LogIndex, _ places: Places) throws(RecoveryError) {
        guard !found.awaitsInstallation(databaseAt: consistentIndex) else {
            throw RecoveryError(
                "the database in \(places.database) ends at log index \(consistentIndex), but the log begins after \(found.base.index): "
                    + "the database is older than the log. Restore the directory from a backup, or replace this member")
        }
        let lastIndex = found.entries.last?.index ?? found.base.index
        guard consistentIndex <= lastIndex else {
            throw RecoveryError(
                "the log in \(places.log) ends at index \(lastIndex), but the database holds the effect of \(consistentIndex): "
                    + "acknowledged entries are missing from the log. Restore the directory from a backup, or replace this member")
        }
    }

    /// What a database holds, as the replica has it in memory. Loaded in the order of formats.md §7.4: leases, keys, alarms,
    /// members.
    struct State: ~Copyable {
        var lessor: Lessor
        var store: Store
        var alarms: Alarms
        var membership: Membership

        init(_ configuration: ReplicaConfiguration, consuming backend: consuming Backend, hashSeed: UInt64, now: Instant) throws(RecoveryError) {
            var lessor = Lessor(minimumTTL: configuration.minimumLeaseTTL, checkpointInterval: configuration.leaseCheckpointInterval)
            var failure: LeaseError?
            backend.scan(.lease) { key, value in
                do throws(LeaseError) { lessor.recover(try LeaseRow(key: key, value: value), now: now) } catch { failure = error }
                return failure == nil
            }
            if let failure { throw RecoveryError(failure.message) }
            let alarms = try explained { () throws(DamagedRow) in try Alarms(from: backend) }
            let membership = try explained { () throws(DamagedRow) in try Membership(clusterID: configuration.clusterID, from: backend) }
            let store = try Self.load(backend, &lessor, hashSeed)
            if let fault = store.backend.fault { throw RecoveryError("\(fault)") }
            self.init(lessor: lessor, store: store, alarms: alarms, membership: membership)
        }

        private init(lessor: consuming Lessor, store: consuming Store, alarms: Alarms, membership: Membership) {
            self.lessor = lessor
            self.store = store
            self.alarms = alarms
            self.membership = membership
        }

        private static func load(_ backend: consuming Backend, _ lessor: inout Lessor, _ hashSeed: UInt64) throws(RecoveryError) -> Store {
            do throws(StoreError) {
                return try Store(backend: backend, hashSeed: hashSeed) { lease, key in
                    #if PLANTED_BUGS
                        if PlantedBug.isActive(.leaseAttachLost) { return }
                    #endif
                    // A row and its lease are committed together; a lease that is not there was damaged, and its keys stay.
                    try? lessor.attach(key, to: lease)
                }
            } catch {
                throw RecoveryError(error.description)
            }
        }
    }

    private static func explained<Value: ~Copyable, Failure: Error & CustomStringConvertible>(
        _ body: () throws(Failure) -> Value
    ) throws(RecoveryError) -> Value {
        do throws(Failure) { return try body() } catch { throw RecoveryError(error.description) }
    }
}

extension RecoveredState {
    /// What the database holds is committed, also where the log's last record of the commit index was not synced and is gone.
    /// Without this a leader whose store is ahead of what it knows to be committed could make no snapshot, and a quorum that
    /// needs one would never form.
    init(_ found: FoundLog, inDatabase consistentIndex: LogIndex) {
        self.init(
            hardState: HardState(term: found.state.term, vote: found.state.vote, commit: max(found.state.commit, consistentIndex)),
            confState: ConfState(found.snapshot?.configuration), base: found.base,
            entries: found.entries.map { entry in
                Entry(term: entry.term, index: entry.index, kind: EntryKind(entry.kind), data: entry.data)
            }, applied: found.base.index)
    }
}

extension EntryKind {
    init(_ kind: WALEntryKind) {
        switch kind {
        case .normal: self = .normal
        case .configurationChange: self = .configurationChange
        case .configurationChangeV2: self = .configurationChangeV2
        }
    }
}

extension ConfState {
    init(_ stored: ConfigurationState?) {
        self.init(
            voters: (stored?.voters ?? []).map { MemberID($0) }, learners: (stored?.learners ?? []).map { MemberID($0) },
            votersOutgoing: (stored?.votersOutgoing ?? []).map { MemberID($0) },
            learnersNext: (stored?.learnersNext ?? []).map { MemberID($0) }, autoLeave: stored?.autoLeave ?? false)
    }
}
