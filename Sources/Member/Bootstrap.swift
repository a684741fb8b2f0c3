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

/// Why a member cannot start: for the operator, with what to do.
package struct StartError: Error, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// What a start has found or made on disk, ready to run.
struct Bootstrapped: ~Copyable {
    var directory: DataDirectory
    var replica: Replica
    var wal: WALWriter
    var walDirectory: String
    var writer: BackendWriter
    var memberID: MemberID
    var clusterID: ClusterID
    /// What a cluster that is being joined has told of its members: until the log tells of them, they are known by this.
    var knownMembers: [ClusterMember]

    consuming func parts() -> ThreadParts {
        ThreadParts(replica: replica, wal: wal, walDirectory: walDirectory, writer: writer)
    }
}

/// From a data directory to a replica: a new member writes its founding entries; an old one reads its log, its newest
/// `.snap` file and its database, and refuses to start when these contradict each other (ARCHITECTURE §6).
struct Bootstrap<Peers: RemotePeers> {
    let flags: EtcdConfiguration
    let peers: Peers
    let replicaConfiguration: ReplicaConfiguration
    let logger: Logger

    func run(now: Instant) throws(StartError) -> Bootstrapped {
        let directory: DataDirectory
        do throws(DataDirectoryError) { directory = try .open(flags.dataDirectory, log: flags.walDirectory) } catch {
            throw StartError("\(error)")
        }
        let walDirectory = flags.walDirectory ?? directory.log
        do {
            if try WALReader.exists(walDirectory) { return try restart(directory, walDirectory, now: now) }
            return try begin(directory, walDirectory, now: now)
        } catch let error as StartError {
            throw error
        } catch {
            throw StartError("\(error)")
        }
    }

    // MARK: A new member

    private func begin(_ directory: DataDirectory, _ walDirectory: String, now: Instant) throws -> Bootstrapped {
        for name in ["lmdb", "db"] where try Files.kind("\(directory.snap)/\(name)") != nil {
            throw StartError(
                "there is a database \(directory.snap)/\(name), but no log in \(walDirectory): the log was lost or moved. Put it back, "
                    + "restore the directory from a backup, or start with an empty --data-dir; nothing was changed")
        }
        if flags.initialClusterState == .existing { return try join(directory, walDirectory, now: now) }
        do throws(UsageError) { try flags.checkBootstrap() } catch { throw StartError(error.message) }
        let cluster = try InitialCluster(flags)
        try refuseSecondBootstrap(of: cluster)
        let entries = cluster.entries
        let state = cluster.state
        let wal = try WALWriter.create(
            walDirectory, metadata: WALMetadata(memberID: cluster.me.id, clusterID: cluster.id), entries: entries, state: state,
            unsafeNoSync: flags.unsafeNoFsync)
        logger.info(
            "starting local member",
            ["local-member-id": .string(cluster.me.id.hex), "cluster-id": .string(cluster.id.hex), "name": .string(flags.name)])
        let log = FoundLog(
            snapshot: nil, base: .zero, entries: entries, state: state, memberID: cluster.me.id, clusterID: cluster.id)
        return try assemble(directory, walDirectory, log, wal, now: now)
    }

    /// A founder that the others know as one that has run before has lost its data: with an empty log it would forget what it
    /// has voted for and acknowledged.
    private func refuseSecondBootstrap(of cluster: InitialCluster) throws(StartError) {
        let others = cluster.otherURLs(flags)
        guard !others.isEmpty,
            let running = try? RemoteCluster.fetch(from: others, through: peers, timeout: .seconds(1), logger: nil),
            let known = running[cluster.me.id], !known.clientURLs.isEmpty
        else { return }
        throw StartError("member \(cluster.me.id.hex) has already been bootstrapped")
    }

    /// A new member of a running cluster: its log is empty, all of it comes from the leader.
    private func join(_ directory: DataDirectory, _ walDirectory: String, now: Instant) throws -> Bootstrapped {
        do throws(UsageError) { try flags.checkJoin() } catch { throw StartError(error.message) }
        let decision = JoinDecision(
            flags: flags, peers: peers, comparison: .asking(limit: .seconds(30)), version: replicaConfiguration.version, logger: logger)
        let place = try decision.place(in: InitialCluster(flags))
        let wal = try WALWriter.create(
            walDirectory, metadata: WALMetadata(memberID: place.me.id, clusterID: place.clusterID), unsafeNoSync: flags.unsafeNoFsync)
        logger.info(
            "joining cluster",
            ["local-member-id": .string(place.me.id.hex), "cluster-id": .string(place.clusterID.hex), "name": .string(flags.name)])
        let log = FoundLog(
            snapshot: nil, base: .zero, entries: [], state: WALHardState(), memberID: place.me.id, clusterID: place.clusterID)
        return try assemble(directory, walDirectory, log, wal, now: now, members: place.members)
    }

    // MARK: An old member

    private func restart(_ directory: DataDirectory, _ walDirectory: String, now: Instant) throws -> Bootstrapped {
        guard Files.isWritable(walDirectory) else {
            throw StartError("\(DataDirectoryError.notWritable(walDirectory))")
        }
        let logger = logger
        let recovered = try WALReader.recover(walDirectory, snapshots: directory.snapshots) { notice in
            logger.warn("write-ahead log", ["notice": .string(notice)])
        }
        var found = FoundLog(
            snapshot: recovered.snapshot, base: LogPosition(index: recovered.log.snapshot.index, term: recovered.log.snapshot.term),
            entries: recovered.log.entries, state: recovered.log.state, memberID: recovered.log.metadata.memberID,
            clusterID: recovered.log.metadata.clusterID)
        var wal = try WALWriter(recovered, unsafeNoSync: flags.unsafeNoFsync)
        if flags.forceNewCluster { try force(&found, &wal) }
        logger.info(
            "restarting local member",
            [
                "local-member-id": .string(found.memberID.hex), "cluster-id": .string(found.clusterID.hex),
                "commit-index": .uint(found.state.commit.rawValue), "entries": .int(Int64(found.entries.count)),
            ])
        return try assemble(directory, walDirectory, found, wal, now: now)
    }

    private func force(_ found: inout FoundLog, _ wal: inout WALWriter) throws {
        let forced = try ForcedCluster(
            found.memberID, peerURLs: flags.advertisePeerURLs.map(\.text), configuration: found.snapshot?.configuration,
            base: found.base.index, entries: found.entries, state: found.state)
        let dropped = found.entries.count - forced.kept.count
        if dropped > 0 {
            logger.info(
                "discarding uncommitted WAL entries",
                ["commit-index-from-wal": .uint(found.state.commit.rawValue), "number-of-discarded-entries": .int(Int64(dropped))])
        }
        try wal.save(forced.added, forced.state, sync: true)
        found.entries = forced.kept + forced.added
        found.state = forced.state
        logger.info(
            "forcing restart member",
            [
                "cluster-id": .string(found.clusterID.hex), "local-member-id": .string(found.memberID.hex),
                "commit-index": .uint(found.state.commit.rawValue), "removed-and-added": .int(Int64(forced.added.count)),
            ])
    }

    private struct FoundLog {
        var snapshot: RaftSnapshot?
        var base: LogPosition
        var entries: [WALEntry]
        var state: WALHardState
        var memberID: MemberID
        var clusterID: ClusterID
    }

    // MARK: Both

    /// Opens the database. Where a Go member was at home before, its database is taken over first, and left as it is.
    private func openEngine(_ directory: DataDirectory) throws(BackendError) -> Engine {
        let path = directory.snap + "/lmdb"
        let mapBytes = Self.mapBytes(flags)
        do throws(BackendError) {
            return try Engine.open(path: path, mapBytes: mapBytes)
        } catch .foreignBoltDatabase(let bolt) {
            var work = try BoltImport(bolt, to: path, mapBytes: mapBytes)
            while try work.step() == .more {}
            logger.info("imported the database of a Go etcd member", ["from": .string(bolt), "to": .string(path), "entries": .int(work.entries)])
        }
        return try Engine.open(path: path, mapBytes: mapBytes)
    }

    /// Address space for the database: the quota with room for what is written before the alarm takes hold, for the history
    /// that a compaction has yet to remove, and for LMDB's own pages.
    static func mapBytes(_ flags: EtcdConfiguration) -> Int {
        let quota = flags.backendQuota ?? 0
        let bytes = quota > 0 ? max(quota, 1 << 30) * 2 : 64 << 30
        return Int(bytes) + (1 << 30)
    }

    private func recover(_ lessor: inout Lessor, from backend: borrowing Backend, now: Instant) throws {
        var rows: [LeaseRow] = []
        var failure: LeaseError?
        backend.scan(.lease) { key, value in
            do throws(LeaseError) { rows.append(try LeaseRow(key: key, value: value)) } catch { failure = error }
            return failure == nil
        }
        if let failure { throw StartError(failure.message) }
        for row in rows { lessor.recover(row, now: now) }
    }

    private func assemble(
        _ directory: DataDirectory, _ walDirectory: String, _ log: FoundLog, _ wal: consuming WALWriter, now: Instant,
        members: [ClusterMember] = []
    ) throws -> Bootstrapped {
        var replicaConfiguration = replicaConfiguration
        replicaConfiguration.memberID = log.memberID
        replicaConfiguration.clusterID = log.clusterID

        let engine = try openEngine(directory)
        let backend = try Backend(engine)
        let writer = backend.makeWriter()
        let consistentIndex = backend.appliedIndex
        guard consistentIndex >= log.base.index else {
            throw StartError(
                "the database in \(directory.snap) ends at log index \(consistentIndex), but the log begins after \(log.base.index): "
                    + "the database is older than the log. Restore the directory from a backup, or replace this member")
        }
        let lastIndex = log.entries.last?.index ?? log.base.index
        guard consistentIndex <= lastIndex else {
            throw StartError(
                "the log in \(walDirectory) ends at index \(lastIndex), but the database holds the effect of \(consistentIndex): "
                    + "acknowledged entries are missing from the log. Restore the directory from a backup, or replace this member")
        }
        let membership = try Membership(clusterID: log.clusterID, from: backend)
        let alarms = try Alarms(from: backend)
        var lessor = Lessor(minimumTTL: replicaConfiguration.minimumLeaseTTL)
        try recover(&lessor, from: backend, now: now)
        let store = try Store(backend: backend, hashSeed: Entropy.number()) { lease, key in
            // A row and its lease are committed together; a lease that is not there was damaged, and its keys stay.
            try? lessor.attach(key, to: lease)
        }
        if let fault = store.backend.fault { throw StartError("\(fault)") }
        // The whole database was read; its pages need not stay with this process.
        engine.trimResident()
        let seed = Entropy.number()
        let raft = try RaftNode(
            configuration: RaftConfiguration(
                id: log.memberID, electionTicks: replicaConfiguration.electionTicks, preVote: flags.preVote),
            recovered: RecoveredState(
                hardState: HardState(term: log.state.term, vote: log.state.vote, commit: log.state.commit),
                confState: ConfState(log.snapshot?.configuration), base: log.base,
                entries: log.entries.map { entry in
                    Entry(term: entry.term, index: entry.index, kind: EntryKind(rawValue: entry.kind.rawValue)!, data: entry.data)
                }, applied: log.base.index),
            random: RandomSource(seed: seed))
        let milliseconds = UInt64(bitPattern: Clock.wallNanoseconds / 1_000_000)
        let replica = Replica(
            configuration: replicaConfiguration, raft: raft, store: store, lessor: lessor, membership: membership, alarms: alarms,
            recovered: .init(
                snapshotIndex: log.base.index, snapshotTerm: log.base.term, consistentIndex: consistentIndex,
                requestIDSeed: log.memberID.rawValue << 48 | (milliseconds & ((1 << 40) - 1)) << 8),
            now: now)
        return Bootstrapped(
            directory: directory, replica: replica, wal: wal, walDirectory: walDirectory, writer: writer, memberID: log.memberID,
            clusterID: log.clusterID, knownMembers: members)
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
