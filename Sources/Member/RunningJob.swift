import Base
import MVCC
import Platform
import Replica
import Storage

/// A job of the background thread under way: which one, and how far it has come.
enum RunningJob {
    case compaction(BackendCompaction, remembersHash: Bool)
    case hashRows(HashRows)
    case hashBuckets(HashBuckets)
    case snapshot(SnapshotBuild)
    case defragment
    case install(InstallJob)

    init(_ job: BackgroundWork.Job, directory: String, version: String, mapBytes: Int, logger: Logger) throws(BackendError) {
        switch job {
        case .compact(let job):
            let compaction = BackendCompaction(
                revision: job.revision, previous: job.previous, dropped: job.sortedDropped(), keepsNothing: job.keepsNothing)
            self = .compaction(compaction, remembersHash: job.remembersHash)
        case .hashKV(let inputs): self = .hashRows(HashRows(revision: inputs.revision, skipped: inputs.sortedSkipped()))
        case .hash: self = .hashBuckets(HashBuckets(leavingOutLogPosition: true))
        case .snapshot: self = .snapshot(try SnapshotBuild(in: directory, version: version))
        case .defragment: self = .defragment
        case .exportForPeer: self = .snapshot(try SnapshotBuild(in: directory, version: version))
        case .install(let file, let index, let loader):
            self = .install(try InstallJob(file, index: index, loader, directory: directory, mapBytes: mapBytes, logger: logger))
        }
    }

    /// Whether to leave the disk to others for a moment between slices.
    var yieldsDisk: Bool {
        switch self {
        case .compaction: true
        case .hashRows, .hashBuckets, .snapshot, .defragment, .install: false
        }
    }

    /// Does one slice. The result when it was the last.
    mutating func step(_ writer: BackendWriter, rows: Int) throws(BackendError) -> JobResult? {
        switch self {
        case .compaction(var compaction, let remembersHash):
            let progress = try compaction.step(writer, budgetRows: rows)
            self = .compaction(compaction, remembersHash: remembersHash)
            return progress == .done ? .compacted(hash: remembersHash ? compaction.hash : nil) : nil
        case .hashRows(var sum):
            let progress = try sum.step(writer)
            self = .hashRows(sum)
            return progress == .done ? .hash(sum.hash) : nil
        case .hashBuckets(var sum):
            let progress = try sum.step(writer)
            self = .hashBuckets(sum)
            return progress == .done ? .hash(sum.hash) : nil
        case .snapshot(let build):
            return try build.step(writer)
        case .defragment:
            try writer.defragment()
            return .defragmented
        case .install(let install):
            return try install.step()
        }
    }
}

/// Builds a snapshot file and opens it; the name goes at once, so that no crash leaves one behind for long (what is left
/// begins with `tmp` and is removed at start).
final class SnapshotBuild {
    private var export: BoltExport
    private let path: String
    private let version: String

    init(in directory: String, version: String) throws(BackendError) {
        path = "\(directory)/tmp-snapshot-\(Entropy.number()).db"
        self.version = version
        export = try BoltExport(to: path)
    }

    deinit { try? Files.remove(path) }

    func step(_ writer: BackendWriter) throws(BackendError) -> JobResult? {
        guard try export.step(writer) == .done else { return nil }
        do throws(FileError) {
            let content = SnapshotTransfer.Content(try FileDescriptor(path))
            return .snapshot(SnapshotFile(content: content, bytes: export.byteCount, version: version))
        } catch {
            return .failed("the snapshot file cannot be read: \(error)")
        }
    }
}
