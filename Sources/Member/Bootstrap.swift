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
struct Bootstrapped {
    let directory: DataDirectory
    let memberID: MemberID
    let clusterID: ClusterID
    /// Taken by the threads that own them.
    let parts: ThreadParts
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
        let log = cluster.log
        let wal = try WALWriter.create(
            walDirectory, metadata: WALMetadata(memberID: cluster.me.id, clusterID: cluster.id), entries: log.entries, state: log.state,
            unsafeNoSync: flags.unsafeNoFsync)
        logger.info(
            "starting local member",
            ["local-member-id": .string(cluster.me.id.hex), "cluster-id": .string(cluster.id.hex), "name": .string(flags.name)])
        return try assemble(directory, walDirectory, log, wal, openEngine(directory), now: now)
    }

    /// Asks every other founder, before anything is written: a founder that has run before and lost its data would forget what it
    /// has voted for and acknowledged.
    private func refuseSecondBootstrap(of cluster: InitialCluster) throws(StartError) {
        var answers: [FoundingCheck.Answer] = []
        for url in cluster.otherURLs(flags) {
            guard case .success(let running) = RemoteCluster.ask(url, peers, .seconds(1)) else { continue }
            // A founder that has only just started knows nobody yet.
            guard !running.members.isEmpty else { continue }
            answers.append(FoundingCheck.Answer(url: url, clusterID: running.id, members: running.members))
        }
        if let refusal = FoundingCheck.refusal(me: cluster.me, cluster: cluster.id, dataDirectory: flags.dataDirectory, answers) {
            throw StartError(refusal)
        }
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
            memberID: place.me.id, clusterID: place.clusterID, remotes: place.members)
        return try assemble(directory, walDirectory, log, wal, openEngine(directory), now: now)
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
            snapshot: recovered.snapshot, entries: recovered.log.entries, state: recovered.log.state,
            memberID: recovered.log.metadata.memberID, clusterID: recovered.log.metadata.clusterID)
        var wal = try WALWriter(recovered, unsafeNoSync: flags.unsafeNoFsync)
        let engine = try upToDate(openEngine(directory), directory, found)
        if flags.forceNewCluster { try force(&found, &wal, applied: Backend(engine).appliedIndex) }
        logger.info(
            "restarting local member",
            [
                "local-member-id": .string(found.memberID.hex), "cluster-id": .string(found.clusterID.hex),
                "commit-index": .uint(found.state.commit.rawValue), "entries": .int(Int64(found.entries.count)),
            ])
        return try assemble(directory, walDirectory, found, wal, engine, now: now)
    }

    /// What the database holds was committed, also where the log's last state does not say so yet.
    private func force(_ found: inout FoundLog, _ wal: inout WALWriter, applied: LogIndex) throws {
        found.state.commit = max(found.state.commit, min(applied, found.entries.last?.index ?? found.base.index))
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

    /// A `.snap` newer than the database came from the leader, and its database lies beside it: the import was cut short.
    private func upToDate(_ engine: Engine, _ directory: DataDirectory, _ found: FoundLog) throws -> Engine {
        let applied = try Backend(engine).appliedIndex
        let index = found.base.index
        let received = ReceivedDatabase.path(in: directory.snap, index: index)
        guard found.awaitsInstallation(databaseAt: applied), try Files.kind(received) != nil else { return engine }
        logger.info(
            "importing the database of the leader's snapshot",
            ["snapshot-index": .uint(index.rawValue), "consistent-index": .uint(applied.rawValue), "path": .string(received)])
        var install = try DatabaseInstall(received, directory: directory.snap, mapBytes: Self.mapBytes(flags))
        while true {
            if let engine = try install.step() {
                ReceivedDatabase.remove(received, logger)
                return engine
            }
        }
    }

    /// Address space for the database: the quota with room for what is written before the alarm takes hold, for the history
    /// that a compaction has yet to remove, and for LMDB's own pages.
    static func mapBytes(_ flags: EtcdConfiguration) -> Int {
        let quota = flags.backendQuota ?? 0
        let bytes = quota > 0 ? max(quota, 1 << 30) * 2 : 64 << 30
        return Int(bytes) + (1 << 30)
    }

    private func assemble(
        _ directory: DataDirectory, _ walDirectory: String, _ found: FoundLog, _ wal: consuming WALWriter, _ engine: Engine,
        now: Instant
    ) throws -> Bootstrapped {
        let recovered = try Replica.recover(
            replicaConfiguration, from: found, engine: engine,
            places: .init(database: directory.snap, log: walDirectory), wallMilliseconds: Clock.wallNanoseconds / 1_000_000,
            random: RandomSource(seed: Entropy.number()), now: now)
        let writer = recovered.writer
        return Bootstrapped(
            directory: directory, memberID: found.memberID, clusterID: found.clusterID,
            parts: ThreadParts(replica: recovered.takeReplica(), wal: wal, walDirectory: walDirectory, writer: writer))
    }
}
