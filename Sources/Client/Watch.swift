import Base
import HTTP
import Platform
import Wire

/// How a watch differs from the plain one.
public struct WatchOptions: Sendable {
    /// From which revision on; 0: what happens from now on. One that is yet to come is waited for.
    public var revision: Int64 = 0
    /// With each event, what the key was before.
    public var previousKeyValue = false
    /// A response without events now and then, so that it is known how far the watch has come.
    public var progressNotify = false
    /// Large responses may come in pieces; here they are put together again.
    public var fragment = false
    /// A plain watch.
    public init() {}

    package func request(_ range: KeyRange) -> Etcdserverpb.WatchCreateRequest {
        .with {
            $0.key = range.key
            $0.rangeEnd = range.end
            $0.startRevision = revision
            $0.prevKv = previousKeyValue
            $0.progressNotify = progressNotify
            $0.fragment = fragment
        }
    }
}

/// A change of a key.
public struct WatchEvent: Sendable {
    package let message: Mvccpb.Event
    /// The key was deleted; its value is empty then.
    public var isDelete: Bool { message.type == .delete }
    /// The key as it is now.
    public var keyValue: KeyValue { KeyValue(message.kv ?? .init()) }
    /// As it was before, if that was asked for and it existed.
    public var previous: KeyValue? { message.prevKv.map(KeyValue.init) }
    /// The key was created by this change.
    public var isCreate: Bool { !isDelete && message.kv?.createRevision == message.kv?.modRevision }
}

/// Changes of one or more revisions, complete for each; or, without events, how far the watch has come.
public struct WatchResponse: Sendable {
    package let message: Etcdserverpb.WatchResponse
    /// The cluster, the member that answered and the store's revision.
    public var header: ResponseHeader { ResponseHeader(message.header) }
    /// In the order of their revisions.
    public var events: [WatchEvent] { message.events.map(WatchEvent.init) }
    /// Nothing happened up to `header.revision` that was not told.
    public var isProgress: Bool { message.events.isEmpty && !message.canceled }
}

/// Why the server ended a watch.
public struct WatchCanceled: Error, Sendable {
    package let message: Etcdserverpb.WatchResponse

    package init(_ message: Etcdserverpb.WatchResponse) { self.message = message }

    /// The oldest revision that can be watched from, when what was asked for has been compacted; else 0.
    public var compactRevision: Int64 { message.compactRevision }
    /// In the server's words.
    public var reason: String {
        if compactRevision != 0 { return GRPCError.compacted.text }
        return message.cancelReason.isEmpty ? GRPCError.futureRev.text : message.cancelReason
    }
}

/// A running watch. It survives broken connections and restarting members: every change is seen once, in order.
public final class Watch: WatchReceiver {
    private let client: EtcdClient
    private var watcher: WatchStream.Watcher?
    private var responses: [WatchResponse] = []
    private var failure: ClientError?

    init(_ client: EtcdClient, _ request: Etcdserverpb.WatchCreateRequest) {
        self.client = client
        watcher = client.watchStream.watch(request, self)
    }

    /// The next changes, waiting for them at most `seconds` (nil: for ever). Nil when there were none in that time. Throws when the
    /// watch is over: a compacted revision (`isCompacted`), no leader, refused.
    public func next(within seconds: Double? = nil) throws(ClientError) -> WatchResponse? {
        let limit = seconds.map { Clock.now + Interval(seconds: $0) } ?? .distantFuture
        var isLastLook = false
        while true {
            if !responses.isEmpty { return responses.removeFirst() }
            if let failure { throw failure }
            if isLastLook { return nil }
            // What is there already costs no time.
            isLastLook = Clock.now >= limit
            client.loop.turn(until: isLastLook ? Clock.now : limit)
        }
    }

    /// Ends the watch. Harmless when it is over.
    public func cancel() {
        if let watcher { client.watchStream.cancel(watcher) }
        watcher = nil
    }

    package func received(_ response: Etcdserverpb.WatchResponse) {
        guard response.canceled else { return responses.append(WatchResponse(message: response)) }
        let canceled = WatchCanceled(response)
        let known = GRPCError(rawValue: canceled.reason)
        failure = known.map(ClientError.init) ?? ClientError(code: GRPCCode.cancelled, message: canceled.reason)
    }

    package func failed(_ error: ClientError) { failure = error }
}

extension EtcdClient {
    /// Watches keys. The first call of `next` connects if need be.
    public func watch(_ range: KeyRange, _ options: WatchOptions = WatchOptions()) -> Watch { Watch(self, options.request(range)) }
}
