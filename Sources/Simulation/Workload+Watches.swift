import Base
import Replica
import Wire

/// A client with one watch stream and a few watches on it, which it resumes elsewhere when the stream ends.
struct WatchStreamClient {
    /// The next thing to do: connect, ask for progress, or end the stream.
    var due: Instant
    var slot: Int?
    var ticket: UInt64 = 0
    var watches: [WatchCheck] = []
    /// The watches' ids on the present stream. One that a compaction has cancelled goes on under a new id: the old one stays
    /// taken, as etcd has it.
    var ids: [Int64] = []
    var lastID: Int64 = 0

    init(due: Instant) { self.due = due }
}

extension Workload {
    func streamIsDue(_ place: Int, _ now: Instant) {
        guard let slot = streams[place].slot else { return connect(place, now) }
        streams[place].due = later(now, mean: .seconds(8))
        switch dice.below(8) {
        case 0 where phase == .running:
            outgoing.append(Submission(slot: slot, method: .watchClosed, bytes: Bytes(), ticket: streams[place].ticket))
            disconnect(place, now)
        case 0...3:
            let request = Etcdserverpb.WatchRequest.with { $0.requestUnion = .progressRequest(.init()) }
            outgoing.append(Submission(slot: slot, method: .watch, bytes: request.encoded(), ticket: streams[place].ticket))
        default: break
        }
    }

    /// In the end phase watchers stay with voters: a learner that lags for good must not hold up the run.
    private func connect(_ place: Int, _ now: Instant) {
        guard let slot = pickSlot(learnersToo: false) else {
            streams[place].due = later(now, mean: .milliseconds(500))
            return
        }
        if streams[place].watches.isEmpty {
            for _ in 0..<dice.within(1...3) { streams[place].watches.append(WatchCheck(drawWatch())) }
        }
        streams[place].slot = slot
        streams[place].ticket = nextTicket
        tickets[nextTicket] = Ticket(owner: .stream(place), slot: slot)
        nextTicket += 1
        streams[place].ids = [Int64](repeating: 0, count: streams[place].watches.count)
        streams[place].lastID = 0
        for watch in streams[place].watches.indices { create(place, watch) }
        streams[place].due = later(now, mean: .seconds(8))
    }

    private func create(_ place: Int, _ watch: Int) {
        guard let slot = streams[place].slot else { return }
        var request = streams[place].watches[watch].resumption
        streams[place].lastID += 1
        streams[place].ids[watch] = streams[place].lastID
        request.watchID = streams[place].lastID
        let message = Etcdserverpb.WatchRequest.with { $0.requestUnion = .createRequest(request) }
        outgoing.append(Submission(slot: slot, method: .watch, bytes: message.encoded(), ticket: streams[place].ticket))
    }

    func disconnect(_ place: Int, _ now: Instant) {
        tickets[streams[place].ticket] = nil
        streams[place].slot = nil
        for watch in streams[place].watches.indices { streams[place].watches[watch].disconnected() }
        streams[place].due = later(now, mean: .milliseconds(phase == .running ? 3000 : 200))
    }

    func streamAnswered(_ place: Int, _ answer: Answer, _ now: Instant) {
        guard streams[place].ticket == answer.ticket, streams[place].slot == answer.slot else { return }
        guard answer.kind == .streamMessage else { return disconnect(place, now) }
        guard let response = try? Etcdserverpb.WatchResponse(decoding: answer.bytes) else {
            return witness.report(Violation(.watch, "a watch response that cannot be read", at: now))
        }
        // −1: progress of all watches of the stream.
        let all = response.watchID == -1 && !response.canceled
        let chosen = streams[place].ids.indices.filter {
            all ? streams[place].watches[$0].isCreated : streams[place].ids[$0] == response.watchID
        }
        if chosen.isEmpty, !all {
            let reason = response.cancelReason
            witness.report(Violation(.watch, "a response for watch \(response.watchID), which is not: \(reason)", at: now))
        }
        for watch in chosen {
            do throws(Violation) {
                guard let end = try streams[place].watches[watch].receive(response, witness.model, at: now) else { continue }
                switch end {
                case .compacted: create(place, watch)
                case .cancelled(let reason): throw Violation(.watch, "cancelled without need: \(reason)", at: now)
                }
            } catch {
                witness.report(Violation(error.rule, "member \(answer.slot), \(error.text)", at: now))
            }
        }
    }

    private func drawWatch() -> Etcdserverpb.WatchCreateRequest {
        var request = Etcdserverpb.WatchCreateRequest()
        request.key = key(dice.below(mix.keys))
        switch dice.below(3) {
        case 0: request.rangeEnd = [0]
        case 1: (request.key, request.rangeEnd) = ([0], [0])
        default: break
        }
        switch dice.below(4) {
        case 0: request.startRevision = 1
        case 1: request.startRevision = lastRevision + Int64(dice.below(10))
        case 2: request.startRevision = max(1, lastRevision - Int64(dice.below(50)))
        default: break
        }
        request.prevKv = dice.happens(1, in: 2)
        request.progressNotify = dice.happens(1, in: 2)
        request.fragment = dice.happens(1, in: 4)
        if dice.happens(1, in: 5) { request.filters = [dice.happens(1, in: 2) ? .noput : .nodelete] }
        return request
    }
}
