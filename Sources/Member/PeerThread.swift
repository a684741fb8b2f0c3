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

/// What other threads have for the peers.
enum PeerWork: Sendable {
    case messages([Message])
    case snapshot(OutgoingSnapshot)
    case call(PeerCall)
    case peers(PeerList)
    case stop
}

/// The peer thread: carries messages, databases and questions between the transport and the replica, in batches, one of each
/// kind per turn of its loop.
///
/// It decides nothing about what they say. Made on the starting thread, then confined to its own.
final class PeerThread: PeerTransportDelegate, TurnHandler {
    let work: Mailbox<PeerWork>
    /// Answers of the replica to requests of peers.
    let answers: Mailbox<ResponseBatch>
    private let loop: EventLoop
    private(set) var transport: PeerTransport!
    private let replica: Inbox<ReplicaInput>
    private let shared: SharedStatus
    private let index: UInt8
    private let logger: Logger
    /// Called when a peer says that this member was removed.
    private let onRemoved: @Sendable () -> Void
    /// Called when a peer refuses this member for its data directory.
    private let onFatal: @Sendable (String) -> Void
    private let directories: KnownDirectories

    private var arrived: [Message] = []
    private var bytes = ByteBuffer()
    private var requests: [Request] = []
    private var drainedWork: [PeerWork] = []
    private var drainedAnswers: [ResponseBatch] = []
    private var deliveredBytes = 0

    /// `index`: which of the replica's loops this one is.
    init(
        index: UInt8, loop: EventLoop, identity: PeerIdentity, limits: PeerLimits, directory: DataDirectory,
        replica: Inbox<ReplicaInput>, shared: SharedStatus, logger: Logger, metrics: MetricsRegistry,
        onRemoved: @escaping @Sendable () -> Void, onFatal: @escaping @Sendable (String) -> Void
    ) {
        self.index = index
        self.loop = loop
        self.replica = replica
        self.shared = shared
        self.logger = logger
        self.onRemoved = onRemoved
        self.onFatal = onFatal
        directories = KnownDirectories(directory.member, logger: logger)
        work = Mailbox(waker: loop.waker)
        answers = Mailbox(waker: loop.waker)
        transport = PeerTransport(
            loop: loop, identity: identity, limits: limits, snapshotDirectory: directory.snap, delegate: self, logger: logger,
            metrics: metrics)
        loop.addTurnHandler(HandOver(self), phase: .handOver)
        loop.addTurnHandler(self, phase: .receive)
    }

    /// On its own thread, until told to stop.
    func run() {
        loop.run()
        transport.close()
    }

    // MARK: To the peers

    /// Once in every turn: what other threads have posted.
    func turn(now: Instant) {
        work.drain(into: &drainedWork)
        for item in drainedWork {
            switch item {
            case .messages(let messages): for message in messages { transport.send(message) }
            case .snapshot(let snapshot): send(snapshot)
            case .call(let call): transport.call(call)
            case .peers(let peers):
                directories.forget(peers.removed)
                transport.update(peers)
            case .stop: loop.stop()
            }
        }
        drainedWork.removeAll(keepingCapacity: true)
        answers.drain(into: &drainedAnswers)
        for batch in drainedAnswers { deliver(batch) }
        drainedAnswers.removeAll(keepingCapacity: true)
        handOver()
    }

    private func send(_ snapshot: OutgoingSnapshot) {
        guard let content = snapshot.file.content as? SnapshotTransfer.Content else {
            return snapshotSent(to: snapshot.to, succeeded: false)
        }
        transport.send(snapshot, descriptor: content.file.descriptor)
    }

    private func deliver(_ batch: ResponseBatch) {
        deliveredBytes += batch.block.count
        for response in batch.responses {
            let body = Bytes(batch.block, offset: Int(response.range.offset), count: response.range.count)
            switch response.kind {
            case .message: transport.answer(response.ticket, .body(body))
            case .failure: transport.answer(response.ticket, .status(Int(response.code), body.string))
            case .streamMessage, .file: preconditionFailure("a peer's request has one answer")
            }
        }
    }

    // MARK: From the peers

    func received(_ messages: [Message]) { arrived.append(contentsOf: messages) }

    func received(snapshot message: Message, path: String) {
        handOver()
        do throws(FileError) {
            let file = try FileDescriptor(path)
            let bytes = Int64(try file.size())
            let content = SnapshotTransfer.Content(file)
            replica.post(.input(.snapshotReceived(message, SnapshotFile(content: content, bytes: bytes, version: ""))))
        } catch {
            logger.warn("a received snapshot cannot be opened", ["error": .error(error)])
        }
    }

    func unreachable(_ id: MemberID) { replica.post(.input(.unreachable(id))) }

    func snapshotSent(to id: MemberID, succeeded: Bool) { replica.post(.input(.snapshotSent(to: id, succeeded: succeeded))) }

    func answered(_ call: UInt64, _ answer: PeerAnswer) { replica.post(.input(.callAnswered(call, answer))) }

    func requested(_ request: PeerRequest) {
        let method: Method =
            switch request.kind {
            case .leaseKeepAlive: .peerLeaseKeepAlive
            case .leaseTimeToLive: .peerLeaseTimeToLive
            case .promote: .peerPromote
            case .hashKV: .peerHashKV
            case .downgradeEnabled: .peerDowngradeEnabled
            }
        let range = ByteRange(offset: bytes.count, count: request.body.count)
        bytes.append(request.body.span)
        requests.append(Request(ticket: request.token, method: method, range: range))
    }

    func removedFromCluster(toldBy id: MemberID) { onRemoved() }

    func judge(_ id: MemberID, incarnation: UInt64) -> String? {
        directories.judge(id, number: incarnation, member: shared.value.members.first { $0.id == id })
    }

    func refusedByPeer(_ reason: String) { onFatal(reason) }

    func link(_ id: MemberID, isUp: Bool) { replica.post(.input(.link(id, isUp: isUp))) }

    var membersJSON: Bytes { Bytes("[" + shared.value.members.map(\.json).joined(separator: ",") + "]\n") }

    var versionJSON: Bytes { Bytes(shared.value.versionJSON) }

    private func handOver() {
        if !arrived.isEmpty {
            let capacity = arrived.count
            replica.post(.input(.peer(arrived)))
            arrived = []
            arrived.reserveCapacity(capacity)
        }
        if !requests.isEmpty {
            replica.post(
                .requests(RequestBatch(loop: index, block: bytes.freeze(), requests: requests, deliveredBytes: deliveredBytes)))
            requests.removeAll(keepingCapacity: true)
        }
    }

    private final class HandOver: TurnHandler {
        unowned let thread: PeerThread
        init(_ thread: PeerThread) { self.thread = thread }
        func turn(now: Instant) { thread.handOver() }
    }
}

/// Moves a peer thread from the thread that makes it to its own.
struct PeerThreadBox: @unchecked Sendable {
    let thread: PeerThread
}
