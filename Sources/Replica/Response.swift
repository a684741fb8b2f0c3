import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// One answer of a batch: plain data that points into the batch's block.
package struct Response: Sendable {
    package enum Kind: UInt8, Sendable {
        /// The answer of a unary call: the message's bytes.
        case message
        /// The call has failed: `code`, and the text's bytes.
        case failure
        /// One more message of a stream; continued by `ResponseBatch.shared[shared]` when that is ≥ 0.
        case streamMessage
        /// The snapshot stream can begin: `ResponseBatch.files[shared]`.
        case file
    }

    package var ticket: UInt64
    package var kind: Kind
    /// A gRPC status, or an HTTP status in answers to other members.
    package var code: UInt16
    package var range: ByteRange
    package var shared: Int32
}

/// A finished snapshot file, unlinked already: it goes when its last reader does. The driver puts its own kind of file in.
package struct SnapshotFile: Sendable {
    package var content: any Sendable
    package var bytes: Int64
    /// The storage version that the snapshot message names.
    package var version: String

    package init(content: any Sendable, bytes: Int64, version: String) {
        self.content = content
        self.bytes = bytes
        self.version = version
    }
}

/// The answers for one client loop out of one step.
package struct ResponseBatch: Sendable {
    package var block: ByteBlock
    package var responses: [Response]
    package var shared: [Bytes]
    package var files: [SnapshotFile]
}

/// Gathers the answers for one client loop. Owned by the replica's thread; reused from step to step.
package final class ResponseBuilder {
    package var bytes = ByteBuffer()
    private var responses: [Response] = []
    private var shared: [Bytes] = []
    private var files: [SnapshotFile] = []
    /// Bytes in all blocks handed over so far.
    private var handedOver = 0
    /// What the loop last said: bytes that it has taken over, and that its clients have yet to take.
    var deliveredBytes = 0
    var queuedBytes = 0
    /// Bytes of answers that no client has taken yet, about.
    var outstandingBytes: Int { handedOver + bytes.count - deliveredBytes + queuedBytes }

    /// Blocks that are full.
    private var finished: [ResponseBatch] = []

    package init() {}

    package var isEmpty: Bool { responses.isEmpty && finished.isEmpty }

    /// The bytes from `start` on are the answer to a unary call.
    @inline(__always)
    func finishMessage(_ ticket: UInt64, from start: Int) {
        let range = ByteRange(offset: start, count: bytes.count - start)
        responses.append(Response(ticket: ticket, kind: .message, code: 0, range: range, shared: -1))
        if bytes.count > Self.blockBytes { finishBlock(start) }
    }

    /// The answer to a unary call.
    func answer(_ ticket: UInt64, _ message: some WireMessage) {
        let start = bytes.count
        message.encode(into: &bytes)
        finishMessage(ticket, from: start)
    }

    /// The answer to another member's request, as text.
    func answer(_ ticket: UInt64, text: String) {
        let start = bytes.count
        bytes.append(text)
        finishMessage(ticket, from: start)
    }

    /// A block is ended beyond this, so that positions fit and a small answer does not keep a huge block alive.
    private static let blockBytes = 16 << 20
    /// limits.tsv, "gRPC send limit".
    private static let messageBytesMax = Int(Int32.max)

    private func finishBlock(_ start: Int) {
        let count = bytes.count - start
        if count > Self.messageBytesMax, let last = responses.popLast() {
            bytes.truncate(to: start)
            fail(last.ticket, .tooLargeToSend(count))
        }
        finished.append(takeBlock())
    }

    func finishStreamMessage(_ ticket: UInt64, from start: Int, shared continuation: Bytes?) {
        let range = ByteRange(offset: start, count: bytes.count - start)
        var index: Int32 = -1
        if let continuation {
            index = Int32(shared.count)
            shared.append(continuation)
        }
        responses.append(Response(ticket: ticket, kind: .streamMessage, code: 0, range: range, shared: index))
    }

    func fail(_ ticket: UInt64, _ error: CallError) {
        let start = bytes.count
        bytes.append(error.text)
        let range = ByteRange(offset: start, count: bytes.count - start)
        responses.append(Response(ticket: ticket, kind: .failure, code: UInt16(error.code), range: range, shared: -1))
    }

    /// An answer to another member: an HTTP status other than 200, and the body's text.
    func failPeer(_ ticket: UInt64, status: Int, _ text: String) {
        let start = bytes.count
        bytes.append(text)
        let range = ByteRange(offset: start, count: bytes.count - start)
        responses.append(Response(ticket: ticket, kind: .failure, code: UInt16(status), range: range, shared: -1))
    }

    func send(_ file: SnapshotFile, to ticket: UInt64) {
        files.append(file)
        responses.append(Response(ticket: ticket, kind: .file, code: 0, range: ByteRange(), shared: Int32(files.count - 1)))
    }

    /// Hands over what was gathered, in order, and starts anew.
    package func take() -> [ResponseBatch] {
        if finished.isEmpty { return [takeBlock()] }
        var all = finished
        finished = []
        if !responses.isEmpty { all.append(takeBlock()) }
        return all
    }

    private func takeBlock() -> ResponseBatch {
        handedOver += bytes.count
        let batch = ResponseBatch(block: bytes.freeze(), responses: responses, shared: shared, files: files)
        responses = []
        responses.reserveCapacity(batch.responses.count)
        shared = []
        files = []
        return batch
    }
}
