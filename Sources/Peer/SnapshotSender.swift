import Base
import CSystem
import HTTP
import Platform
import Raft
import Replica

/// Sends one database to one peer (formats.md §7.4): the message, then the file, read piece by piece as the peer takes it. The
/// file was written a moment ago and is in the page cache, so reading it does not hold up the loop. Loop's thread.
final class SnapshotSender: Client1Handler {
    private unowned let link: PeerLink
    private let snapshot: OutgoingSnapshot
    private let descriptor: Int32
    private let connection: Client1Connection
    private var offset: Int64 = 0
    private var response: Client1Response?
    private var answer = ByteBuffer()
    private var isDone = false
    private let started = Clock.now
    private static let pieceBytes = 256 << 10

    init(_ link: PeerLink, _ snapshot: OutgoingSnapshot, descriptor: Int32, url: TransportURL) {
        self.link = link
        self.snapshot = snapshot
        self.descriptor = descriptor
        connection = Client1Connection(link.transport.client.context, url: url)
    }

    private var transport: PeerTransport { link.transport }

    func begin() {
        let limits = transport.limits
        link.metrics.snapshotsInFlight.add(1)
        var request = Client1Request(
            "POST", "/raft/snapshot", headers: PeerHeaders.all(transport.identity) + [("Content-Type", "application/octet-stream")],
            body: .chunked)
        request.headTimeout = limits.snapshotAnswerTimeout
        request.silenceTimeout = limits.snapshotStallTimeout
        request.stallTimeout = limits.snapshotStallTimeout
        log("sending database snapshot", error: nil)
        connection.begin(request, self)
        connection.write(SnapshotBodyCodec.encodeHead(snapshot.message).span)
    }

    func requestWritable(_ connection: Client1Connection) {
        guard !isDone else { return }
        let left = snapshot.file.bytes - offset
        guard left > 0 else { return connection.finishBody() }
        var piece = ByteBuffer(capacity: SnapshotSender.pieceBytes)
        let wanted = Int(min(Int64(SnapshotSender.pieceBytes), left))
        var failure = ""
        unsafe piece.appendUninitialized(wanted) { room in
            while true {
                let count = unsafe pread(descriptor, room.baseAddress.unsafelyUnwrapped, wanted, off_t(offset))
                if count < 0, csystem_errno() == EINTR { continue }
                if count <= 0 { failure = count < 0 ? SystemError.last("read").reason : "the file is shorter than it was" }
                return max(0, count)
            }
        }
        guard failure.isEmpty else {
            connection.close()
            return end(succeeded: false, "could not read the snapshot's file: \(failure)")
        }
        offset += Int64(piece.count)
        link.metrics.sentBytes.add(UInt64(piece.count))
        connection.write(piece.span)
    }

    func responseBegan(_ connection: Client1Connection, _ response: Client1Response) { self.response = response }

    func responseBody(_ connection: Client1Connection, _ bytes: RawSpan) {
        if answer.count < 1024 { answer.append(bytes._extracting(unchecked: 0, count: min(1024, bytes.byteCount))) }
    }

    func responseEnded(_ connection: Client1Connection) {
        connection.close()
        judge()
    }

    func failed(_ connection: Client1Connection, _ failure: Client1Failure) {
        if response != nil { return judge() }
        link.failed(connection.url)
        end(succeeded: false, failure.reason)
    }

    private func judge() {
        let status = response?.status ?? 0
        if status == 204 { return end(succeeded: true, "") }
        if status == 403 || status == 410 { transport.removed(toldBy: link.id) }
        let text = String(decoding: answer.span.array, as: UTF8.self).filter { $0 != "\n" }
        _ = transport.isAnswerOf(link.id, header: { response?.header($0) }, refusal: text)
        end(succeeded: false, "unexpected http status \(status) (\(text))")
    }

    private func end(succeeded: Bool, _ reason: String) {
        guard !isDone else { return }
        isDone = true
        link.metrics.snapshotsInFlight.add(-1)
        if succeeded {
            link.metrics.snapshotsSent.add()
            link.metrics.snapshotSendSeconds.observe((Clock.now - started).seconds)
            log("sent database snapshot", error: nil)
            link.activate()
        } else {
            link.metrics.snapshotSendFailures.add()
            log("failed to send database snapshot", error: reason)
            link.deactivate("post", on: "sending snapshot", reason)
            link.lost()
        }
        link.snapshotSender = nil
        guard !transport.isClosed else { return }
        transport.delegate.snapshotSent(to: link.id, succeeded: succeeded)
    }

    /// The peer is gone from the list.
    func stop() {
        connection.close()
        end(succeeded: false, "the peer was removed")
    }

    private func log(_ message: String, error: String?) {
        let index = snapshot.message.snapshot?.metadata.index.rawValue ?? 0
        if let error {
            transport.logger.warn(
                message,
                ["snapshot-index": .uint(index), "remote-peer-id": "\(link.id.hex)", "bytes": .int(snapshot.file.bytes), "error": "\(error)"])
        } else {
            transport.logger.info(
                message, ["snapshot-index": .uint(index), "remote-peer-id": "\(link.id.hex)", "bytes": .int(snapshot.file.bytes)])
        }
    }
}
