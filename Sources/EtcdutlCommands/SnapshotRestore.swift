import Base
import Cluster
import CommandLine
import Platform
import Replica
import Storage

/// `etcdutl snapshot restore`: a data directory of a new member in a new cluster, holding a snapshot's data (formats.md §6).
///
/// All or nothing: everything is built and synced under `<data-dir>/member.restoring`, and the last step gives it its name. A
/// restore that is cut short leaves nothing that a member could be started on, and can simply be repeated. A dedicated log directory
/// has its name before that last step; `member.restoring/wal-dir` tells the repetition that it is ours.
struct SnapshotRestore {
    var snapshot: String
    var name: String
    var dataDirectory: String
    /// Nil: inside the data directory.
    var walDirectory: String?
    /// The founders of the new cluster.
    var founders: [ClusterMember]
    var token: String
    var skipsHashCheck: Bool
    /// Added to the latest revision, so that no client meets a revision again that it has seen; 0 for none.
    var revisionBump: UInt64
    /// Marks everything before as compacted, so that watchers start anew.
    var marksCompacted: Bool
    var logger: Logger

    private var log: String { walDirectory ?? dataDirectory + "/member/wal" }
    private var building: String { dataDirectory + "/member.restoring" }
    /// Where the log is built: one that is to be below `member` comes under its name with all the rest.
    private var logWhileBuilding: String {
        let member = PathText.absolute(dataDirectory) + "/member/"
        let wanted = PathText.absolute(log)
        return wanted.hasPrefix(member) ? building + "/" + wanted.dropFirst(member.count) : wanted
    }
    private var isLogApart: Bool { logWhileBuilding == PathText.absolute(log) }
    private var logNote: String { building + "/wal-dir" }

    /// `progress` gets the bytes done and those there are to do, about.
    func run(_ progress: (_ done: Int, _ total: Int) -> Void) throws(ToolError) {
        try checkEmpty(dataDirectory, "data-dir")
        if isLogApart, !isLogLeftBehind { try checkEmpty(log, "wal-dir") }
        let input = try SnapshotInput(snapshot)
        logger.info("restoring snapshot", fields)
        if !skipsHashCheck { try input.checkDigest { progress($0, input.bytes * 2) } }
        let lock = try begin()
        let room = (try? Files.space(dataDirectory))?.available ?? .max
        do {
            try clear()
            try Files.makeDirectories(building + "/snap")
            try restoreDatabase(input, progress)
            if isLogApart { try Files.replace(logNote, with: Bytes(logWhileBuilding)) }
            try writeLog()
            if isLogApart { try Files.remove(logNote) }
            try Files.remove(lock.path)
            try Files.syncDirectory(building)
            try Files.rename(building, to: dataDirectory + "/member")
        } catch {
            // The log is of this run: it was empty or missing before.
            if isLogApart { try? Files.removeTree(log) }
            try? Files.removeTree(building)
            throw explained(error, room: room, input.bytes)
        }
        do throws(FileError) { try Files.syncDirectory(dataDirectory) } catch { throw ToolError("\(error)") }
        logger.info("restored snapshot", fields)
    }

    /// The store calls a write for which there was no room an input/output error: says what the disk had.
    private func explained(_ error: any Error, room: Int64, _ snapshotBytes: Int) -> ToolError {
        let needed = Int64(snapshotBytes) + Int64(WALLimits().segmentBytes)
        guard room < needed else { return error as? ToolError ?? ToolError("\(error)") }
        let (has, wants) = (GoText.size(UInt64(max(0, room))), GoText.size(UInt64(needed)))
        return ToolError("\(error); the disk of \(dataDirectory) had \(has) free, and about \(wants) are needed")
    }

    /// The lock against a second restore into the same directory, held while the descriptor is open.
    private func begin() throws(ToolError) -> FileDescriptor {
        do throws(FileError) {
            try Files.makeDirectories(building)
            let lock = try FileDescriptor(building + "/lock", [.write, .create])
            if try lock.lockExclusively() { return lock }
        } catch {
            throw ToolError("\(error)")
        }
        throw ToolError("another restore into \(dataDirectory) is under way; wait for its end")
    }

    /// Removes what an interrupted restore has left.
    private func clear() throws(FileError) {
        if isLogLeftBehind { try Files.removeTree(log) }
        for name in try Files.list(building) where name != "lock" { try Files.removeTree(building + "/" + name) }
    }

    /// The log directory is one that an interrupted restore to the same place has made.
    private var isLogLeftBehind: Bool {
        guard isLogApart, let note = try? Files.read(logNote, bytesMax: 1 << 16) else { return false }
        return note.array == Array(logWhileBuilding.utf8)
    }

    private var fields: KeyValuePairs<String, LogValue> {
        [
            "path": .string(snapshot), "wal-dir": .string(log), "data-dir": .string(dataDirectory),
            "snap-dir": .string(dataDirectory + "/member/snap"),
        ]
    }

    /// What an interrupted restore left does not count: it is ours.
    private func checkEmpty(_ path: String, _ flag: String) throws(ToolError) {
        do throws(FileError) {
            guard try Files.kind(path) != nil else { return }
            let names = try Files.list(path).filter { $0 != "member.restoring" && $0 != "lost+found" }
            if names.isEmpty { return }
        } catch {}
        throw ToolError("\(flag) \"\(path)\" not empty or could not be read")
    }

    private func restoreDatabase(_ input: borrowing SnapshotInput, _ progress: (Int, Int) -> Void) throws {
        let path = building + "/snap/lmdb"
        let mapBytes = input.bytes * 3 + (1 << 30)
        var work = try BoltImport(input.path, to: path, mapBytes: mapBytes)
        let half = skipsHashCheck ? 0 : input.bytes
        while try work.step() == .more { progress(half + min(work.bytesRead, input.bytes), half + input.bytes) }
        var backend = try Backend(try Engine.open(path: path, mapBytes: mapBytes))
        let writer = backend.makeWriter()
        logger.info("Trimming membership information from the backend...")
        trim(.members, &backend)
        trim(.membersRemoved, &backend)
        for member in founders {
            backend.put(.members, key: Bytes(member.id.hex).span, value: Bytes(member.json).span)
            logger.info(
                "added member",
                [
                    "cluster-id": .string(clusterID.hex), "local-member-id": "0", "added-peer-id": .string(member.id.hex),
                    "added-peer-peer-urls": .strings(member.peerURLs), "added-peer-is-learner": .bool(false),
                ])
        }
        try bumpRevision(&backend)
        backend.setFoundingIndex(LogIndex(UInt64(founders.count)), term: Term(1))
        if let fault = backend.fault { throw fault }
        if let batch = backend.seal() { try writer.commit(batch) }
        try writer.sync()
    }

    private func trim(_ bucket: Bucket, _ backend: inout Backend) {
        var keys: [[UInt8]] = []
        backend.scan(bucket) { key, _ in
            keys.append(key.array)
            return true
        }
        for key in keys { backend.delete(bucket, key: Bytes(key).span) }
    }

    private func bumpRevision(_ backend: inout Backend) throws(ToolError) {
        guard revisionBump > 0 || marksCompacted else { return }
        guard revisionBump > 0 else { throw ToolError("--mark-compacted required if --bump-revision is set") }
        var latest: Int64 = 1
        backend.scanRows(from: .least, through: .greatest) { revision, _, _ in
            latest = max(latest, revision.main)
            return true
        }
        let (bumped, overflow) = latest.addingReportingOverflow(Int64(clamping: revisionBump))
        guard !overflow, bumped < .max else { throw ToolError("--bump-revision \(revisionBump): revision \(latest) plus this is too large") }
        logger.info(
            "bumping latest revision",
            ["latest-revision": .int(latest), "bump-amount": .uint(revisionBump), "new-latest-revision": .int(bumped)])
        backend.append(Revision(main: bumped, sub: 0), tombstone: false, ByteBuffer().span)
        guard marksCompacted else { return }
        logger.info("marking revision compacted", ["revision": .int(bumped)])
        backend.scheduleCompaction(to: bumped)
    }

    private var clusterID: ClusterID { Identity.cluster(founders: founders.map(\.id)) }

    /// The founding entries, the `.snap` file that covers them, and its record.
    private func writeLog() throws {
        guard let me = founders.first(where: { $0.name == name }), let first = founders.first else {
            throw ToolError("couldn't find local name \"\(name)\" in the initial cluster configuration")
        }
        // As a member that founds the cluster writes them, and that the lowest one has the first vote (formats.md §6).
        let log = FoundLog(founders: founders, me: me.id)
        var state = log.state
        state.vote = first.id
        let membership = Membership(clusterID: log.clusterID, members: founders)
        let snapshot = RaftSnapshot(
            index: state.commit, term: state.term,
            configuration: ConfigurationState(voters: founders.map(\.id.rawValue)),
            data: Bytes(membership.v2StoreJSON(index: state.commit)))
        try SnapFiles(building + "/snap").save(snapshot)
        var wal = try WALWriter.create(
            logWhileBuilding, metadata: WALMetadata(memberID: me.id, clusterID: log.clusterID), entries: log.entries,
            state: state)
        try wal.save(snapshot.record)
    }
}
