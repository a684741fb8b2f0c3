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

/// Whom a server serves.
enum Audience: Sendable, CaseIterable {
    case clients
    /// `--listen-metrics-urls`: metrics and health, nothing else.
    case scrapers
}

/// One client loop: calls come in from the server, leave for the replica as one batch per turn, and answers go back.
///
/// Confined to its loop's thread. It decides nothing about data: it knows which call is a stream, what each stream still
/// has on its way, and which few calls it answers itself (health, `/version`, metrics).
final class ClientLoop: ServerDelegate, TurnHandler {
    let index: UInt8
    let audience: Audience
    /// Set once, right after `init`: the server needs its delegate.
    private(set) var server: HTTPServer!
    /// Answers from the replica.
    let answers: Mailbox<ResponseBatch>
    private let replica: Inbox<ReplicaInput>
    private let services = ServiceTable()
    let shared: SharedStatus
    let metrics: MemberMetrics
    private var delivered: [ResponseBatch] = []
    private let onDrained: () -> Void

    /// This turn's request bytes and what they are.
    private var bytes = ByteBuffer(capacity: 1 << 16)
    private var requests: [Request] = []
    private var deliveredBytes = 0
    private var streams: [StreamHandle: Stream] = [:]
    /// Streams of clients that want none without a leader (`hasleader`).
    private var leaderBound: Set<StreamHandle> = []
    /// `/health` and `/readyz` calls that wait for a read of the replica.
    var probes: [StreamHandle: Probe] = [:]

    /// A streaming call that is open.
    private enum Stream {
        /// Requests without an answer yet; once the client has no more to say, the stream ends with the last answer.
        case keepAlive(unanswered: Int, isEnding: Bool)
        /// Bytes given to the server that the replica has not been told of.
        case watch(unreported: Int)
        case snapshot(SnapshotTransfer?)
        case healthWatch
    }

    init(
        index: UInt8, audience: Audience, loop: EventLoop, limits: HTTPLimits, replica: Inbox<ReplicaInput>, shared: SharedStatus,
        metrics: MemberMetrics,
        onDrained: @escaping () -> Void
    ) {
        self.index = index
        self.audience = audience
        self.replica = replica
        self.shared = shared
        self.metrics = metrics
        self.onDrained = onDrained
        answers = Mailbox(waker: loop.waker)
        server = HTTPServer(loop: loop, limits: limits, delegate: self)
        loop.addTurnHandler(self, phase: .receive)
    }

    var status: ReplicaStatus { shared.value }

    /// Once in every turn of the loop: what the replica has answered.
    func turn(now: Instant) {
        if !leaderBound.isEmpty, shared.isLeaderless { endLeaderBound() }
        answers.drain(into: &delivered)
        guard !delivered.isEmpty else { return }
        for batch in delivered { deliver(batch) }
        delivered.removeAll(keepingCapacity: true)
        turnEnded()
    }

    func drained() { onDrained() }

    // MARK: Calls

    func route(_ path: RawSpan) -> GRPCRoute { audience == .clients ? services.route(path) : .unimplemented }

    func hasService(_ name: RawSpan) -> Bool { audience == .clients && services.hasService(name) }

    func unary(_ stream: StreamHandle, method: UInt8, message: RawSpan, _ metadata: borrowing CallMetadata) {
        if method >= ServiceTable.healthCheck { return checkHealth(stream, message) }
        if metadata.hasLeader, !shared.hasLeader { return server.fail(stream, code: 14, message: Self.noLeader) }
        add(stream, Method(rawValue: method)!, message)
    }

    @inline(__always)
    private func add(_ stream: StreamHandle, _ method: Method, _ message: RawSpan) {
        let range = ByteRange(offset: bytes.count, count: message.byteCount)
        bytes.append(message)
        requests.append(Request(ticket: stream.rawValue, method: method, range: range))
    }

    /// A request without bytes; `count` may carry a number.
    func add(_ stream: StreamHandle, _ method: Method, count: Int = 0) {
        requests.append(Request(ticket: stream.rawValue, method: method, range: ByteRange(offset: 0, count: count)))
    }

    func turnEnded() {
        guard !requests.isEmpty else { return }
        let capacity = max(bytes.count, 1 << 12)
        replica.post(
            .requests(
                RequestBatch(
                    loop: index, block: bytes.freeze(), requests: requests, deliveredBytes: deliveredBytes,
                    queuedBytes: server.queuedBytes)))
        bytes.reserve(capacity)
        requests.removeAll(keepingCapacity: true)
    }

    // MARK: Streams

    func streamOpened(_ stream: StreamHandle, method: UInt8, _ metadata: borrowing CallMetadata) {
        if shared.isLearner, method != Method.snapshot.rawValue {
            return server.finish(stream, code: 9, message: Self.refusedAtLearner)
        }
        if method == ServiceTable.healthWatch {
            streams[stream] = .healthWatch
        } else {
            if metadata.hasLeader {
                guard shared.hasLeader else { return server.finish(stream, code: 14, message: Self.noLeader) }
                leaderBound.insert(stream)
            }
            switch Method(rawValue: method)! {
            case .leaseKeepAlive: streams[stream] = .keepAlive(unanswered: 0, isEnding: false)
            case .watch: streams[stream] = .watch(unreported: 0)
            default: streams[stream] = .snapshot(nil)
            }
        }
    }

    private static let noLeader = "etcdserver: no leader"
    private static let refusedAtLearner = "etcdserver: rpc not supported for learner"

    /// There has been no leader for a while: these clients look for a member that has one.
    private func endLeaderBound() {
        for stream in leaderBound {
            if case .watch = streams.removeValue(forKey: stream) { add(stream, .watchClosed) }
            server.finish(stream, code: 14, message: Self.noLeader)
        }
        leaderBound.removeAll()
        turnEnded()
    }

    func streamMessage(_ stream: StreamHandle, message: RawSpan) {
        switch streams[stream] {
        case .keepAlive(let unanswered, let isEnding):
            streams[stream] = .keepAlive(unanswered: unanswered + 1, isEnding: isEnding)
            add(stream, .leaseKeepAlive, message)
        case .watch: add(stream, .watch, message)
        case .snapshot: add(stream, .snapshot, message)
        case .healthWatch: watchHealth(stream, message)
        case nil: break
        }
    }

    func streamHalfClosed(_ stream: StreamHandle) {
        switch streams[stream] {
        case .keepAlive(0, _):
            forget(stream)
            server.finish(stream, code: 0, message: "")
        case .keepAlive(let unanswered, _):
            streams[stream] = .keepAlive(unanswered: unanswered, isEnding: true)
        // Events go on for a client that has no more to say (as in etcd), until it ends the call.
        case .watch, .snapshot, .healthWatch, nil:
            break
        }
    }

    func streamClosed(_ stream: StreamHandle) {
        probes[stream] = nil
        if !leaderBound.isEmpty { leaderBound.remove(stream) }
        switch streams.removeValue(forKey: stream) {
        case .watch: add(stream, .watchClosed)
        // A transfer's file closes with it.
        case .snapshot, .keepAlive, .healthWatch, nil: break
        }
    }

    func streamWritable(_ stream: StreamHandle) {
        switch streams[stream] {
        case .watch(let unreported):
            guard unreported > 0 else { return }
            streams[stream] = .watch(unreported: 0)
            add(stream, .watchDrained, count: unreported)
            // The server tells of room after it has ended the turn; nothing else may come for a long time.
            turnEnded()
        case .snapshot(let transfer?):
            continueSnapshot(stream, transfer)
        case .snapshot, .keepAlive, .healthWatch, nil:
            break
        }
    }

    /// The member stops: whoever watches is told so, and looks for another member.
    func endStreams() {
        for stream in streams.keys { server.finish(stream, code: 14, message: "etcdserver: server stopped") }
        streams.removeAll()
        leaderBound.removeAll()
    }

    private func forget(_ stream: StreamHandle) {
        streams[stream] = nil
        if !leaderBound.isEmpty { leaderBound.remove(stream) }
    }

    // MARK: Answers

    func deliver(_ batch: ResponseBatch) {
        deliveredBytes += batch.block.count
        for response in batch.responses {
            let stream = StreamHandle(rawValue: response.ticket)
            let message = Bytes(batch.block, offset: Int(response.range.offset), count: response.range.count)
            switch response.kind {
            case .message:
                if !probes.isEmpty, let probe = probes.removeValue(forKey: stream) {
                    answer(probe, stream, failure: nil)
                } else {
                    server.respond(stream, message: message)
                }
            case .failure:
                if let probe = probes.removeValue(forKey: stream) {
                    answer(probe, stream, failure: message.string)
                } else {
                    fail(stream, code: Int(response.code), message.string)
                }
            case .streamMessage:
                let continuation = response.shared < 0 ? nil : batch.shared[Int(response.shared)]
                sendOnStream(stream, message, continuation)
            case .file:
                beginSnapshot(stream, batch.files[Int(response.shared)])
            }
        }
    }

    private func fail(_ stream: StreamHandle, code: Int, _ message: String) {
        if streams[stream] != nil {
            forget(stream)
            server.finish(stream, code: code, message: message)
        } else {
            server.fail(stream, code: code, message: message)
        }
    }

    private func sendOnStream(_ stream: StreamHandle, _ message: Bytes, _ continuation: Bytes?) {
        guard let state = streams[stream] else { return }
        let queued =
            if let continuation { server.send(stream, head: message, shared: continuation) } else { server.send(stream, message: message) }
        if case .keepAlive(let unanswered, let isEnding) = state {
            streams[stream] = .keepAlive(unanswered: unanswered - 1, isEnding: isEnding)
            if isEnding, unanswered == 1 {
                forget(stream)
                server.finish(stream, code: 0, message: "")
            }
        }
        guard case .watch(let unreported) = state else { return }
        let bytes = unreported + message.count + (continuation?.count ?? 0)
        // Below the mark the server keeps the bytes and says nothing; above it, `streamWritable` will come.
        if queued <= server.limits.streamHighWater {
            streams[stream] = .watch(unreported: 0)
            add(stream, .watchDrained, count: bytes)
        } else {
            streams[stream] = .watch(unreported: bytes)
        }
    }

    // MARK: Snapshots

    private func beginSnapshot(_ stream: StreamHandle, _ file: SnapshotFile) {
        guard case .snapshot = streams[stream] else { return }
        guard let transfer = SnapshotTransfer(file) else {
            forget(stream)
            return server.finish(stream, code: 13, message: "the snapshot file is not readable here")
        }
        streams[stream] = .snapshot(transfer)
        continueSnapshot(stream, transfer)
    }

    private func continueSnapshot(_ stream: StreamHandle, _ transfer: SnapshotTransfer) {
        do throws(FileError) {
            while let message = try transfer.next() {
                if server.send(stream, message: message) > server.limits.streamHighWater { return }
            }
            forget(stream)
            server.finish(stream, code: 0, message: "")
        } catch {
            forget(stream)
            server.finish(stream, code: 2, message: "the snapshot file could not be read: \(error)")
        }
    }

    // MARK: Health (grpc.health.v1)

    private func checkHealth(_ stream: StreamHandle, _ message: RawSpan) {
        if shared.isLearner { return server.fail(stream, code: 9, message: Self.refusedAtLearner) }
        do throws(WireError) {
            let request = try Grpchealth.HealthCheckRequest(decoding: message)
            guard request.service.isEmpty else { return server.fail(stream, code: 5, message: "unknown service") }
            server.respond(stream, message: Self.serving)
        } catch {
            server.fail(stream, code: 13, message: "grpc: error unmarshalling request: \(error)")
        }
    }

    private func watchHealth(_ stream: StreamHandle, _ message: RawSpan) {
        do throws(WireError) {
            let request = try Grpchealth.HealthCheckRequest(decoding: message)
            var response = Grpchealth.HealthCheckResponse()
            response.status = request.service.isEmpty ? .serving : .serviceUnknown
            server.send(stream, message: response.encoded())
        } catch {
            forget(stream)
            server.finish(stream, code: 13, message: "grpc: error unmarshalling request: \(error)")
        }
    }

    private static let serving: Bytes = {
        var response = Grpchealth.HealthCheckResponse()
        response.status = .serving
        return response.encoded()
    }()
}
