import Base

/// The read requests that wait for proof that the leader still leads (Raft thesis §6.4). On the leader all requests of one
/// turn share a round: a heartbeat with the round's context, confirmed by a majority. On a follower all requests of one turn
/// share a forwarded request. A later round confirms all earlier ones.
///
/// The contexts on the wire name the process (a random number drawn at start), so that an answer to an earlier life of this
/// member, or to an earlier term, is never taken for one to a present request (etcd #20418).
struct ReadBarriers: Sendable {
    enum Request: Sendable, Equatable {
        case local(UInt64)
        /// From a follower, with the context it wants back.
        case remote(MemberID, Bytes)
    }

    struct Round: Sendable {
        var number: UInt64
        var index: LogIndex
        var requests: [Request]
    }

    private struct Forward: Sendable {
        var number: UInt64
        var requests: [Request]
    }

    /// Not yet in a round and not forwarded.
    private(set) var waiting: [Request] = []
    /// Leader: ascending by number.
    private(set) var rounds: [Round] = []
    /// Follower: sent to the leader, unanswered.
    private var forwarded: [Forward] = []
    /// Never goes back while the process lives.
    private(set) var lastRound: UInt64 = 0
    private var lastForward: UInt64 = 0
    private var pending = 0
    private let nonce: UInt64

    init(nonce: UInt64) { self.nonce = nonce }

    var hasForwarded: Bool { !forwarded.isEmpty }
    var pendingCount: Int { pending }

    mutating func add(_ request: Request) {
        waiting.append(request)
        pending += 1
    }

    // MARK: Leader

    mutating func beginRound(index: LogIndex) -> UInt64 {
        precondition(!waiting.isEmpty)
        lastRound += 1
        rounds.append(Round(number: lastRound, index: index, requests: waiting))
        waiting = []
        return lastRound
    }

    /// The requests that wait, all at once; for a leader that needs nobody's word.
    mutating func takeWaiting(_ body: (Request) -> Void) {
        pending -= waiting.count
        for request in waiting { body(request) }
        waiting.removeAll(keepingCapacity: true)
    }

    mutating func takeRounds(through number: UInt64) -> [Round] {
        let done = rounds.prefix { $0.number <= number }
        guard !done.isEmpty else { return [] }
        let result = Array(done)
        rounds.removeFirst(result.count)
        for round in result { pending -= round.requests.count }
        return result
    }

    func roundContext(term: Term) -> Bytes? {
        rounds.isEmpty ? nil : context(nonce, term.rawValue, lastRound)
    }

    /// The round that an echoed context confirms; nil if it isn't one of this process and term.
    func round(ofContext context: Bytes, term: Term) -> UInt64? {
        guard context.count == 24, context.span.loadBigEndian64(at: 0) == nonce else { return nil }
        guard context.span.loadBigEndian64(at: 8) == term.rawValue else { return nil }
        let number = context.span.loadBigEndian64(at: 16)
        return number <= lastRound ? number : nil
    }

    // MARK: Follower

    /// The context of a forwarded request for all that wait.
    mutating func forward(from id: MemberID) -> Bytes {
        precondition(!waiting.isEmpty)
        lastForward += 1
        forwarded.append(Forward(number: lastForward, requests: waiting))
        waiting = []
        return context(id.rawValue, nonce, lastForward)
    }

    /// The requests that the leader's answer with `context` is for; empty if it comes too late or was never asked for.
    mutating func takeForwarded(context: Bytes, id: MemberID) -> [Request] {
        guard context.count == 24, context.span.loadBigEndian64(at: 0) == id.rawValue else { return [] }
        guard context.span.loadBigEndian64(at: 8) == nonce else { return [] }
        let number = context.span.loadBigEndian64(at: 16)
        guard let position = forwarded.firstIndex(where: { $0.number == number }) else { return [] }
        let requests = forwarded.remove(at: position).requests
        pending -= requests.count
        return requests
    }

    // MARK: Both

    /// What was under way will not be answered (another leader or term, or a lost message): this member's own requests wait
    /// again, other members' are theirs to repeat.
    mutating func startOver() {
        var kept: [Request] = []
        func keep(_ requests: [Request]) {
            for request in requests {
                switch request {
                case .local: kept.append(request)
                case .remote: break
                }
            }
        }
        for round in rounds { keep(round.requests) }
        for forward in forwarded { keep(forward.requests) }
        keep(waiting)
        rounds.removeAll()
        forwarded.removeAll()
        waiting = kept
        pending = kept.count
    }

    private func context(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> Bytes {
        var buffer = ByteBuffer(capacity: 24)
        buffer.append(bigEndian: a)
        buffer.append(bigEndian: b)
        buffer.append(bigEndian: c)
        return Bytes(buffer.freeze())
    }
}
