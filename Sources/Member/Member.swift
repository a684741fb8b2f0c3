import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Peer
import Platform
import Raft
import Replica
import Storage
import Wire

/// A running member: its threads, and how they start and stop.
///
/// Threads: this one is the client loop; the peers, the replica, the log and the background have their own (ARCHITECTURE §2.5). A stop goes the way of a request: clients are drained, then the replica, which hands its last batches
/// over, then the log and the database.
package final class Member {
    private let flags: EtcdConfiguration
    private let logger: Logger
    private let loop: EventLoop
    private let peerLoop: EventLoop
    private let replicaInbox = Inbox<ReplicaInput>()
    private let logInbox = Inbox<LogThread.Work>()
    private let backgroundInbox = Inbox<BackgroundThread.Work>()
    private let control: Mailbox<Control>
    private let metrics = MemberMetrics()
    private var clients: [ClientLoop] = []
    private var threads: [Thread] = []
    private var failure: String?
    private var isStopping = false
    private var drainedCount = 0

    /// What other threads tell the first loop.
    private enum Control: Sendable {
        case ready
        case removed
        case failed(String)
    }

    /// Opens the data directory, recovers, and starts all threads but the caller's. `run` then serves.
    package init(_ flags: EtcdConfiguration, logger: Logger) throws(StartError) {
        self.flags = flags
        self.logger = logger
        do throws(SystemError) { (loop, peerLoop) = (try EventLoop(), try EventLoop()) } catch { throw StartError("\(error)") }
        control = Mailbox(waker: loop.waker)
        let limit: Int
        do throws(SystemError) { limit = try DescriptorLimit.raise() } catch { throw StartError("\(error)") }
        guard let connections = DescriptorLimit.connections(limit: limit) else {
            throw StartError("the limit of open files is \(limit), too low to serve: raise it above \(DescriptorLimit.keptBack) (ulimit -n)")
        }
        // Members that start together ask each other whether they have run before: who cannot answer yet refuses at once.
        let peerListeners = try openListeners(flags.listenPeerURLs, "peer traffic", flag: "listen-peer-urls", listensAtOnce: false)
        let listeners = try openListeners(flags.listenClientURLs, "client requests", flag: "listen-client-urls")
        let metricsListeners = try openListeners(flags.listenMetricsURLs, "metrics", flag: "listen-metrics-urls")
        let configuration = ReplicaConfiguration(flags, loops: Audience.allCases.count + 1)
        let found = try Bootstrap(flags: flags, peers: HTTPRemotePeers(), replicaConfiguration: configuration, logger: logger).run(now: Clock.now)
        metrics.register(found.memberID, quotaBytes: configuration.quotaBytes)
        let status = SharedStatus()
        // Two servers on one thread: what clients may do, and what scrapers may see.
        clients = Audience.allCases.enumerated().map { index, audience in
            ClientLoop(
                index: UInt8(index), audience: audience, loop: loop, limits: HTTPLimits(flags, connections: connections),
                replica: replicaInbox, shared: status, metrics: metrics, onDrained: { [unowned self] in drained() })
        }
        let peers = try start(found, status)
        do throws(SystemError) {
            for listener in peerListeners {
                try listener.listen()
                try peers.transport.serve(listener)
            }
            try startPeers(peers)
            for listener in listeners { try clients[0].server.serve(listener) }
            for listener in metricsListeners { try clients[1].server.serve(listener) }
        } catch {
            throw StartError("\(error)")
        }
    }

    private func openListeners(
        _ urls: [TransportURL], _ purpose: String, flag: String, listensAtOnce: Bool = true
    ) throws(StartError) -> [Listener] {
        var listeners: [Listener] = []
        for url in urls {
            var options = Socket.ListenOptions()
            options.reusePort = flags.socketReusePort
            options.listensAtOnce = listensAtOnce
            do throws(ListenError) { listeners += try Listeners.open(url, options, flag: flag) } catch { throw StartError("\(error)") }
            logger.info("listening for \(purpose)", ["url": .string(url.text)])
        }
        return listeners
    }

    private func makePeers(_ found: Bootstrapped, _ status: SharedStatus) -> PeerThread {
        let identity = PeerIdentity(
            memberID: found.memberID, clusterID: found.clusterID, serverVersion: Release.etcdVersion.description,
            peerURLs: flags.advertisePeerURLs.map(\.text), incarnation: found.directory.incarnation)
        let control = control
        return PeerThread(
            index: UInt8(clients.count), loop: peerLoop, identity: identity, limits: PeerLimits(flags),
            directory: found.directory, replica: replicaInbox, shared: status, logger: logger, metrics: metrics.registry,
            onRemoved: { control.post(.removed) }, onFatal: { control.post(.failed($0)) })
    }

    private func startPeers(_ peers: PeerThread) throws(SystemError) {
        let box = PeerThreadBox(thread: peers)
        threads.append(try Thread.start(name: "peers") { box.thread.run() })
    }

    /// Starts all threads but that of the peers, whose listeners come first.
    private func start(_ found: Bootstrapped, _ status: SharedStatus) throws(StartError) -> PeerThread {
        let peers = makePeers(found, status)
        let peerWork = peers.work
        let (replicaInbox, logInbox, backgroundInbox, control, logger, flags, metrics) =
            (replicaInbox, logInbox, backgroundInbox, control, logger, flags, metrics)
        let answers = clients.map(\.answers) + [peers.answers]
        let directory = found.directory
        let (parts, memberID) = (found.parts, found.memberID)
        do throws(SystemError) {
            threads.append(
                try Thread.start(name: "log") {
                    var thread = LogThread(
                        wal: parts.takeWAL(), walDirectory: parts.walDirectory, snapshots: directory.snapshots,
                        segmentsKept: Int(clamping: flags.maxWALs), snapshotsKept: Int(clamping: flags.maxSnapshots), inbox: logInbox,
                        replica: replicaInbox, peers: peerWork, logger: logger, metrics: metrics, space: SpaceGuard(parts.walDirectory))
                    thread.run()
                })
            threads.append(
                try Thread.start(name: "background") {
                    var thread = BackgroundThread(
                        writer: parts.writer, mapBytes: Bootstrap<HTTPRemotePeers>.mapBytes(flags), directory: directory.snap,
                        inbox: backgroundInbox, replica: replicaInbox, logger: logger, metrics: metrics, pause: flags.compactionSleepInterval,
                        rowsPerSlice: flags.compactionBatchLimit)
                    thread.run()
                })
            threads.append(
                try Thread.start(name: "replica") {
                    var thread = ReplicaThread(
                        replica: parts.takeReplica(), inbox: replicaInbox, log: logInbox, background: backgroundInbox,
                        peers: peerWork, loops: answers, status: status, metrics: metrics, logger: logger,
                        memberID: memberID, departure: Departure(electionTimeout: flags.electionTimeout, heartbeat: flags.heartbeatInterval),
                        onReady: { control.post(.ready) }, onRemoved: { control.post(.removed) },
                        onFatal: { control.post(.failed($0)) })
                    thread.run()
                })
        } catch {
            throw StartError("\(error)")
        }
        return peers
    }

    /// Serves until a signal or an error ends the member. Returns the exit status.
    package func run() -> Int32 {
        let handler = ControlHandler(self)
        loop.addTurnHandler(handler, phase: .receive)
        do throws(SystemError) {
            let signals = try Signals(loop) { [unowned self] number in
                logger.info("received signal; shutting down", ["signal": .string(number == 2 ? "interrupt" : "terminated")])
                stop()
            }
            loop.run()
            signals.cancel()
        } catch {
            logger.error("cannot receive signals", ["error": .error(error)])
            return 1
        }
        withExtendedLifetime(handler) {}
        // Without an orderly way there is nothing to hand over: what was acknowledged is in the log.
        guard failure == nil else { return 1 }
        for thread in threads.reversed() { thread.join() }
        logger.info("closed etcd server", ["name": .string(flags.name), "data-dir": .string(flags.dataDirectory)])
        return 0
    }

    private final class ControlHandler: TurnHandler {
        unowned let member: Member
        private var messages: [Control] = []
        init(_ member: Member) { self.member = member }

        func turn(now: Instant) {
            member.control.drain(into: &messages)
            for message in messages {
                switch message {
                case .ready: member.becameReady()
                case .removed: member.removed()
                case .failed(let reason): member.failed(reason)
                }
            }
            messages.removeAll(keepingCapacity: true)
        }
    }

    private func becameReady() {
        logger.info("ready to serve client requests")
        for url in flags.listenClientURLs {
            logger.info(
                "serving client traffic insecurely; this is strongly discouraged!", ["traffic": "grpc+http", "address": .string(url.address)])
        }
    }

    /// As etcd: the process ends by itself, and with success.
    private func removed() {
        guard !isStopping else { return }
        logger.warn("server error", ["error": .string("the member has been permanently removed from the cluster")])
        logger.warn("data-dir used by this member must be removed", ["data-dir": .string(flags.dataDirectory)])
        stop()
    }

    private func failed(_ reason: String) {
        guard failure == nil else { return }
        failure = reason
        logger.error("the member cannot go on", ["error": .string(reason)])
        loop.stop()
    }

    /// Streams end at once; running calls get five seconds to finish. A second signal does not wait for them.
    private func stop() {
        guard !isStopping else { return close() }
        isStopping = true
        replicaInbox.post(.handOver)
        for client in clients {
            client.endStreams()
            client.server.beginDrain(deadline: loop.now + .seconds(5))
        }
    }

    private func drained() {
        drainedCount += 1
        if drainedCount == clients.count { close() }
    }

    private func close() {
        replicaInbox.post(.stop)
        loop.stop()
    }
}

/// Hands each thread the part that only it may own; each is taken once.
final class ThreadParts: @unchecked Sendable {
    let walDirectory: String
    let writer: BackendWriter
    private var replica: Replica?
    private var wal: WALWriter?

    init(replica: consuming Replica, wal: consuming WALWriter, walDirectory: String, writer: BackendWriter) {
        self.walDirectory = walDirectory
        self.writer = writer
        self.replica = .some(replica)
        self.wal = .some(wal)
    }

    func takeReplica() -> Replica { replica.take()! }
    func takeWAL() -> WALWriter { wal.take()! }
}
