import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// A read that waits for its barrier; the batch's block keeps its bytes.
struct GatheredRead {
    var request: Request
    var loop: UInt8
    var block: ByteBlock
}

/// The reads of one turn behind one read index (Raft §6.4): served once `index` is known and applied.
struct ReadBarrier {
    var context: UInt64
    var index: LogIndex?
    var deadline: Instant
    var reads: [GatheredRead]

    func isReached(by applied: LogIndex) -> Bool { index.map { $0 <= applied } ?? false }
}

/// Reads: at once from what is applied (serializable), or behind one barrier per turn (linearizable).
extension Replica {
    mutating func admitRange(_ request: Request, _ batch: RequestBatch, _ responses: ResponseBuilder) throws(CallError) {
        let message = batch.block.span.subscripted(request.range)
        let range: Etcdserverpb.RangeRequest.View
        do throws(WireError) { range = try .init(decoding: message) } catch { throw .malformed(error) }
        do throws(StoreError) { try RequestValidation.check(range) } catch { throw CallError(error) }
        guard range.serializable else { return gather(request, batch) }
        try read(range, message, request.ticket, responses)
    }

    mutating func gather(_ request: Request, _ batch: RequestBatch) {
        gathered.append(GatheredRead(request: request, loop: batch.loop, block: batch.block))
    }

    private mutating func read(
        _ range: Etcdserverpb.RangeRequest.View, _ message: RawSpan, _ ticket: UInt64, _ responses: ResponseBuilder
    ) throws(CallError) {
        try checkOutstanding(responses)
        let start = responses.bytes.count
        do throws(StoreError) {
            try store.range(range, in: message, stamp: stamp, into: &responses.bytes)
        } catch {
            responses.bytes.truncate(to: start)
            throw CallError(error)
        }
        counted.ranges += 1
        responses.finishMessage(ticket, from: start)
    }

    /// Answers that nobody takes must not fill the memory.
    private func checkOutstanding(_ responses: ResponseBuilder) throws(CallError) {
        guard responses.outstandingBytes < configuration.answerBytesMax else { throw .grpc(.requestTooManyRequests) }
    }

    /// Answers the read-only transaction that `plan` holds.
    mutating func readTxn(_ message: RawSpan, _ ticket: UInt64, _ responses: ResponseBuilder) throws(CallError) {
        try checkOutstanding(responses)
        let start = responses.bytes.count
        let stamp = stamp
        do throws(StoreError) {
            try store.txn(&plan, in: message, stamp: stamp, leaseExists: { _ in false }, changes: &changes, into: &responses.bytes)
        } catch {
            responses.bytes.truncate(to: start)
            throw CallError(error)
        }
        responses.finishMessage(ticket, from: start)
    }

    /// Asks Raft for one read index on behalf of all reads gathered in this turn.
    mutating func beginBarrier() {
        guard !gathered.isEmpty else { return }
        let context = nextBarrier
        nextBarrier &+= 1
        barriers.append(
            ReadBarrier(context: context, index: nil, deadline: now + configuration.requestTimeout, reads: gathered))
        gathered.removeAll(keepingCapacity: true)
        // Refused reads wait for their deadline with those that are too many.
        do throws(RaftError) { try raft.readIndex(context: context) } catch { counted.failedReadIndexes += 1 }
    }

    /// Serves the reads whose barrier is known and applied, and gives up those that waited too long.
    mutating func finishBarriers(into effects: inout Effects) {
        takeReadStates()
        guard hasDueBarrier else { return }
        var kept: [ReadBarrier] = []
        let candidates = barriers
        barriers = []
        for barrier in candidates {
            if barrier.isReached(by: applied) {
                if barrier.context == leadershipDoubt { leadershipDoubt = nil }
                for read in barrier.reads { serve(read, into: &effects) }
            } else if barrier.deadline <= now {
                if barrier.index == nil { counted.slowReadIndexes += 1 }
                for read in barrier.reads { effects.responses[Int(read.loop)].fail(read.request.ticket, read.request.method, .timeout) }
            } else {
                kept.append(barrier)
            }
        }
        barriers = kept
    }

    private mutating func takeReadStates() {
        for state in output.readStates {
            if let position = position(ofBarrier: state.context) {
                barriers[position].index = state.index
            } else {
                counted.slowReadIndexes += 1
            }
        }
    }

    /// Without a leader thousands may wait, and are not to be moved about in every turn.
    private var hasDueBarrier: Bool {
        for position in barriers.indices where barriers[position].deadline <= now || barriers[position].isReached(by: applied) { return true }
        return false
    }

    /// Contexts ascend.
    private func position(ofBarrier context: UInt64) -> Int? {
        var low = 0
        var high = barriers.count
        while low < high {
            let middle = (low + high) / 2
            if barriers[middle].context < context { low = middle + 1 } else { high = middle }
        }
        return low < barriers.count && barriers[low].context == context ? low : nil
    }

    private mutating func serve(_ read: GatheredRead, into effects: inout Effects) {
        let responses = effects.responses[Int(read.loop)]
        let message = read.block.span.subscripted(read.request.range)
        let ticket = read.request.ticket
        do throws(CallError) {
            switch read.request.method {
            case .range:
                let range: Etcdserverpb.RangeRequest.View
                do throws(WireError) { range = try .init(decoding: message) } catch { throw .malformed(error) }
                try self.read(range, message, ticket, responses)
            case .txn:
                do throws(WireError) { try plan.decode(message) } catch { throw .malformed(error) }
                try readTxn(message, ticket, responses)
            case .memberList:
                respondMembers(ticket, responses)
            case .downgrade:
                try downgradeBehindBarrier(read, responses)
            case .peerDowngradeEnabled:
                respondDowngradeEnabled(ticket, responses)
            case .probeLinearizable:
                responses.finishMessage(ticket, from: responses.bytes.count)
            default:
                preconditionFailure("\(read.request.method) does not wait for a read barrier")
            }
        } catch {
            responses.fail(ticket, read.request.method, error)
        }
    }
}
