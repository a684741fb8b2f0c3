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

/// The background thread: database commits first, then long jobs in slices, so that a job never holds a commit up for long.
///
/// The only writer of the database. Jobs run one at a time, in the order they came: none sees another half done.
struct BackgroundThread: ~Copyable {
    enum Work: Sendable {
        case work(BackgroundWork)
        case stop
    }

    /// Of the present database: a snapshot from the leader brings another.
    private var writer: BackendWriter
    /// Address space for a database that is opened.
    let mapBytes: Int
    /// Where snapshot files are built; they are unlinked as soon as they are open.
    let directory: String
    let inbox: Inbox<Work>
    let replica: Inbox<ReplicaInput>
    let logger: Logger
    let metrics: MemberMetrics
    /// Between slices of a compaction, as etcd's `--compaction-sleep-interval`: leaves the disk to the log.
    let pause: Interval
    let rowsPerSlice: Int

    private enum Waiting {
        case job(BackgroundWork.Job)
        /// Its view of the database is taken already.
        case begun(RunningJob)
    }

    private var queue: [(id: UInt64, waiting: Waiting)] = []
    private var current: (id: UInt64, running: RunningJob)?

    init(
        writer: BackendWriter, mapBytes: Int, directory: String, inbox: Inbox<Work>, replica: Inbox<ReplicaInput>, logger: Logger,
        metrics: MemberMetrics, pause: Interval, rowsPerSlice: Int
    ) {
        self.writer = writer
        self.mapBytes = mapBytes
        self.directory = directory
        self.inbox = inbox
        self.replica = replica
        self.logger = logger
        self.metrics = metrics
        self.pause = pause
        self.rowsPerSlice = rowsPerSlice
    }

    mutating func run() {
        var work: [Work] = []
        var nextSlice = Instant(nanoseconds: 0)
        while true {
            inbox.wait(until: current == nil && queue.isEmpty ? nil : nextSlice)
            inbox.drain(into: &work)
            for item in work {
                switch item {
                case .work(.commit(let batch, let isFinal)):
                    do throws(BackendError) {
                        let start = Clock.now
                        try writer.commit(batch)
                        metrics.backendCommit.observe((Clock.now - start).seconds)
                        if isFinal { try writer.sync() }
                        replica.post(.input(.committed(batch.id)))
                    } catch {
                        return replica.post(.failed("the database could not be written: \(error)\(fullDiskHint)"))
                    }
                case .work(.start(let id, .exportForPeer(let index))): beginExport(id, index)
                case .work(.start(let id, let job)): queue.append((id, .job(job)))
                case .stop: return
                }
            }
            work.removeAll(keepingCapacity: true)
            runSlice(&nextSlice)
        }
    }

    /// The view is what the commits before hold: those that come later must not be in it.
    private mutating func beginExport(_ id: UInt64, _ index: LogIndex) {
        do throws(BackendError) {
            var running = try RunningJob(.exportForPeer(index: index), directory: directory, version: version, mapBytes: mapBytes, logger: logger)
            if let result = try running.step(writer, rows: rowsPerSlice) { return finish(id, result) }
            queue.append((id, .begun(running)))
        } catch {
            finish(id, .failed("\(error)"))
        }
    }

    private var version: String { Release.etcdVersion.description }

    /// LMDB calls a short write an input/output error; what is wrong then is that the disk is full.
    private var fullDiskHint: String {
        guard let space = try? Files.space(directory), space.available < 1 << 20 else { return "" }
        return ". No space left on device: free space on the file system of \(directory) and start the member again; nothing is lost"
    }

    private mutating func runSlice(_ nextSlice: inout Instant) {
        let now = Clock.now
        guard nextSlice <= now else { return }
        if current == nil, !queue.isEmpty {
            let (id, waiting) = queue.removeFirst()
            do throws(BackendError) {
                switch waiting {
                case .job(let job):
                    if case .install = job { metrics.snapshotsBeingApplied.set(1) }
                    current = (id, try RunningJob(job, directory: directory, version: version, mapBytes: mapBytes, logger: logger))
                case .begun(let running): current = (id, running)
                }
            } catch {
                finish(id, .failed("\(error)"))
            }
        }
        guard let (id, job) = current.take() else { return }
        var running = job
        do throws(BackendError) {
            if let result = try running.step(writer, rows: rowsPerSlice) {
                finish(id, result)
            } else {
                if running.yieldsDisk { nextSlice = now + pause }
                current = (id, running)
            }
        } catch {
            finish(id, .failed("\(error)"))
        }
    }

    private mutating func finish(_ id: UInt64, _ result: JobResult) {
        if case .installed(let database) = result {
            writer = BackendWriter(database.engine)
            metrics.snapshotsBeingApplied.set(0)
            logger.info("installed the leader's database", ["directory": .string(directory)])
        }
        if case .failed(let reason) = result { logger.error("background job failed", ["error": .string(reason)]) }
        replica.post(.input(.finished(job: id, result)))
    }
}
