import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Watches: the hub decides, the replica carries its output to the client loops.
extension Replica {
    mutating func watch(_ request: Request, _ batch: RequestBatch) throws(CallError) {
        let message = try decoded(Etcdserverpb.WatchRequest.self, batch.block.span.subscripted(request.range))
        let stream = WatchStreamID(loop: batch.loop, rawValue: request.ticket)
        hub.stamp = stamp
        switch message.requestUnion {
        case .createRequest(let create):
            hub.create(
                stream, create, store: store, now: now, into: &watchOutputs)
        case .cancelRequest(let cancel):
            hub.cancel(stream, watchID: cancel.watchID, store: store, into: &watchOutputs)
        case .progressRequest:
            hub.progress(stream, into: &watchOutputs)
        case nil:
            break
        }
    }

    /// Publishes what this turn applied, lets lagging watchers catch up by one slice, and hands everything to the loops.
    mutating func deliverWatches(into effects: inout Effects) {
        hub.stamp = stamp
        if !changes.isEmpty {
            hub.publish(changes, store: store, into: &watchOutputs)
            changes.removeAll()
            leasesSeen = 0
        }
        if hub.hasWork { hub.catchUp(store: store, into: &watchOutputs) }
        hub.tick(now, into: &watchOutputs)
        guard !watchOutputs.isEmpty else { return }
        let (items, heads, events) = watchOutputs.takeBlocks()
        for item in items {
            let responses = effects.responses[Int(item.stream.loop)]
            let start = responses.bytes.count
            responses.bytes.append(heads.span.subscripted(item.head))
            let shared = item.shared.isEmpty ? nil : Bytes(events, offset: Int(item.shared.offset), count: item.shared.count)
            responses.finishStreamMessage(item.stream.rawValue, from: start, shared: shared)
        }
    }
}
