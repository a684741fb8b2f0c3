import Base
import HTTP
import Platform
import Wire

/// Told what a watch yields, on the loop's thread.
package protocol WatchReceiver: AnyObject {
    /// Events, a progress notice, or with `canceled` the watch's last word.
    func received(_ response: Etcdserverpb.WatchResponse)
    /// The watch is over for a reason of the connection's, not of the server's.
    func failed(_ error: ClientError)
}

/// Many watches over one stream of calls, each resumed where it was when the stream breaks.
///
/// Decides: the revision from which a watch goes on. It is the one after the last revision of which all events were handed over,
/// so that none is lost and none comes twice, whichever member answers next. A revision that has been compacted meanwhile ends the
/// watch with the server's refusal. Loop's thread.
package final class WatchStream: GRPCClientCallHandler, TimerHandler {
    /// A watch from the first request until its end.
    package final class Watcher {
        var request: Etcdserverpb.WatchCreateRequest
        let receiver: any WatchReceiver
        /// The revision whose events are wanted next; 0: whatever comes after the watch is created.
        var nextRevision: Int64
        /// Of the last event that was handed over; 0 before the first.
        var lastRevision: Int64 = 0
        /// By the present stream's server; nil until it has answered.
        var id: Int64?
        /// Events of a response in pieces, kept until the last piece.
        var pieces: [Mvccpb.Event] = []
        var isOver = false

        init(_ request: Etcdserverpb.WatchCreateRequest, _ receiver: any WatchReceiver) {
            self.request = request
            self.receiver = receiver
            nextRevision = request.startRevision
        }
    }

    private let channel: Channel
    private var call: GRPCClientCall?
    private var connection: GRPCClientConnection?
    private var waiter: Waiter?
    private var timer = TimerID.none
    private var isOpening = false
    private var isClosed = false
    private var watchers: [Watcher] = []
    /// To be created, in order. The first has been asked for when `isCreating`.
    private var pending: [Watcher] = []
    private var isCreating = false
    private var byID: [Int64: Watcher] = [:]
    /// When a member first said that it has no leader, or is a learner; nil since one has created a watch.
    private var leaderlessSince: Instant?

    package init(_ channel: Channel) { self.channel = channel }

    /// Begins a watch; the stream is opened when there is none.
    package func watch(_ request: Etcdserverpb.WatchCreateRequest, _ receiver: any WatchReceiver) -> Watcher {
        let watcher = Watcher(request, receiver)
        watchers.append(watcher)
        pending.append(watcher)
        if call == nil { open() } else { createNext() }
        return watcher
    }

    /// Ends a watch; its receiver hears no more.
    package func cancel(_ watcher: Watcher) {
        guard !watcher.isOver else { return }
        watcher.isOver = true
        watchers.removeAll { $0 === watcher }
        // One that has been asked for stays in line until the server's answer says which it is.
        if !(isCreating && pending.first === watcher) { pending.removeAll { $0 === watcher } }
        if let id = watcher.id {
            byID[id] = nil
            send(.cancelRequest(.with { $0.watchID = id }))
        }
        if watchers.isEmpty { shut() }
    }

    /// Asks the server how far it has come: all watches are told by a response without events.
    package func requestProgress() { send(.progressRequest(.init())) }

    package func close() {
        isClosed = true
        shut()
        watchers = []
        pending = []
    }

    private func shut() {
        waiter?.cancel()
        waiter = nil
        call?.cancel()
        call = nil
        isOpening = false
        isCreating = false
        byID = [:]
        channel.loop.cancel(timer)
    }

    // MARK: The stream

    private func open() {
        guard call == nil, !isOpening, !isClosed else { return }
        isOpening = true
        waiter = channel.pick(deadline: .distantFuture) { [weak self] outcome in
            guard let self, isOpening else { return }
            isOpening = false
            guard case .success(let connection) = outcome,
                let call = connection.stream(Method.watch.path, metadata: channel.metadata + [("hasleader", "true")], self)
            else { return reopenLater() }
            self.call = call
            self.connection = connection
            pending = watchers
            isCreating = false
            createNext()
        }
    }

    private func reopenLater() {
        guard !isClosed, !watchers.isEmpty else { return }
        timer = channel.loop.schedule(Clock.now + .milliseconds(50), self)
    }

    package func timerFired(_ tag: UInt64, now: Instant) { open() }

    private func send(_ union: Etcdserverpb.WatchRequest.RequestUnion) {
        call?.send(Etcdserverpb.WatchRequest.with { $0.requestUnion = union }.encoded())
    }

    /// The server's answers name no request, so that one watch is created at a time.
    private func createNext() {
        guard call != nil, !isCreating, let watcher = pending.first else { return }
        isCreating = true
        watcher.request.startRevision = watcher.nextRevision
        send(.createRequest(watcher.request))
    }

    package func ended(_ status: GRPCStatus, on call: GRPCClientCall) {
        guard call === self.call else { return }
        self.call = nil
        isCreating = false
        byID = [:]
        for watcher in watchers {
            watcher.id = nil
            watcher.pieces = []
        }
        let isPassing =
            status.code == GRPCCode.unavailable || status.code == GRPCCode.internal || status.isOK
            || channel.isRefusedByLearner(status, connection)
        if isPassing, !isLeaderlessTooLong(status) { return reopenLater() }
        let ending = watchers
        watchers = []
        pending = []
        for watcher in ending where !watcher.isOver {
            watcher.isOver = true
            watcher.receiver.failed(ClientError(status))
        }
    }

    /// Without a leader a stream ends again and again: after a while its watches are told.
    private func isLeaderlessTooLong(_ status: GRPCStatus) -> Bool {
        guard [GRPCError.noLeader.text, GRPCError.notSupportedForLearner.text].contains(status.message) else { return false }
        let since = leaderlessSince ?? channel.loop.now
        leaderlessSince = since
        return channel.loop.now - since >= Interval(seconds: channel.configuration.leaderPatience)
    }

    // MARK: Responses

    package func received(_ message: Bytes, on call: GRPCClientCall) {
        guard call === self.call else { return }
        guard let response = try? Etcdserverpb.WatchResponse(decoding: message) else {
            return call.end(GRPCStatus(code: GRPCCode.internal, message: "malformed watch response"))
        }
        if response.created { return created(response) }
        if response.watchID == -1, !response.canceled { return announceProgress(response) }
        guard let watcher = byID[response.watchID] else { return }
        if response.canceled {
            finish(watcher, response)
        } else {
            deliver(response, to: watcher)
        }
    }

    private func created(_ response: Etcdserverpb.WatchResponse) {
        guard isCreating, !pending.isEmpty else { return }
        let watcher = pending.removeFirst()
        isCreating = false
        leaderlessSince = nil
        if watcher.isOver {
            if !response.canceled { send(.cancelRequest(.with { $0.watchID = response.watchID })) }
        } else if response.canceled {
            finish(watcher, response)
        } else {
            watcher.id = response.watchID
            byID[response.watchID] = watcher
            if watcher.nextRevision == 0 { watcher.nextRevision = (response.header?.revision ?? 0) + 1 }
        }
        createNext()
    }

    private func finish(_ watcher: Watcher, _ response: Etcdserverpb.WatchResponse) {
        watcher.isOver = true
        watchers.removeAll { $0 === watcher }
        byID[response.watchID] = nil
        watcher.receiver.received(response)
    }

    private func deliver(_ response: Etcdserverpb.WatchResponse, to watcher: Watcher) {
        var response = response
        if response.fragment {
            watcher.pieces += response.events
            return
        }
        if !watcher.pieces.isEmpty {
            response.events = watcher.pieces + response.events
            watcher.pieces = []
        }
        if response.events.isEmpty {
            watcher.nextRevision = max(watcher.nextRevision, (response.header?.revision ?? 0) + 1)
        } else {
            // A member begins before what it was asked for only by its own mistake; nothing comes twice anyway. Told progress does not
            // count here: a Go member may tell of progress beyond events that it still has to send (etcd #15220).
            let first = max(watcher.lastRevision + 1, watcher.request.startRevision)
            response.events.removeAll { ($0.kv?.modRevision ?? 0) < first }
            guard let last = response.events.last?.kv?.modRevision else { return }
            watcher.lastRevision = last
            watcher.nextRevision = max(watcher.nextRevision, last + 1)
        }
        watcher.receiver.received(response)
    }

    private func announceProgress(_ response: Etcdserverpb.WatchResponse) {
        for watcher in watchers where watcher.id != nil { deliver(response, to: watcher) }
    }
}
