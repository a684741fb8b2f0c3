import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// A renewal or question about a lease that cannot be answered at once: the leader is to be asked, or this leader has yet to
/// apply what was committed.
struct LeaseQuestion {
    var ticket: UInt64
    var loop: UInt8
    /// leaseKeepAlive, leaseTimeToLive, or what another member asks: peerLeaseKeepAlive, peerLeaseTimeToLive.
    var method: Method
    var lease: LeaseID
    var withKeys: Bool
    /// The store's revision when the question came: no later than the renewal.
    var revision: Int64
    var deadline: Instant
    var nextTry: Instant
    /// The leader has been asked and has not answered.
    var isAsked = false

    func tried(isAsked: Bool, nextTry: Instant) -> LeaseQuestion {
        var copy = self
        (copy.isAsked, copy.nextTry) = (isAsked, nextTry)
        return copy
    }

    var dueAt: Instant { isAsked ? deadline : min(deadline, nextTry) }

    var isFromPeer: Bool { method == .peerLeaseKeepAlive || method == .peerLeaseTimeToLive }
    var isRenewal: Bool { method == .leaseKeepAlive || method == .peerLeaseKeepAlive }
}

/// Those that wait, under ascending numbers. While nothing has changed for any of them, a turn does not look at them: without a
/// leader they may be thousands.
struct LeaseQuestions {
    private(set) var waiting: [UInt64: LeaseQuestion] = [:]
    private var next: UInt64 = 1
    /// When the first of them is due: to be asked (again) or given up.
    private(set) var nextLook = Instant.distantFuture

    subscript(number: UInt64) -> LeaseQuestion? { waiting[number] }

    mutating func add(_ question: LeaseQuestion) -> UInt64 {
        defer { next += 1 }
        set(next, question)
        return next
    }

    mutating func set(_ number: UInt64, _ question: LeaseQuestion) {
        waiting[number] = question
        nextLook = min(nextLook, question.dueAt)
    }

    mutating func remove(_ number: UInt64) { waiting[number] = nil }

    mutating func looked() { nextLook = waiting.values.map(\.dueAt).min() ?? .distantFuture }
}

/// Leases are the leader's: it alone keeps deadlines. Others ask it over HTTP (http.tsv, `/leases`, `/leases/internal`).
extension Replica {
    /// After so long another member is told that this one lags (limits.tsv, "lease renew / time-to-live local wait").
    private static let peerPatience = Interval.seconds(1)
    /// Between two attempts (limits.tsv, "leader-forward retry interval").
    private static let retryInterval = Interval.milliseconds(50)

    mutating func keepAlive(_ request: Request, _ batch: RequestBatch, into effects: inout Effects) throws(CallError) {
        let message = try decoded(Etcdserverpb.LeaseKeepAliveRequest.self, batch.block.span.subscripted(request.range))
        try ask(LeaseID(message.id), withKeys: false, request, batch.loop, into: &effects)
    }

    mutating func timeToLive(_ request: Request, _ batch: RequestBatch, into effects: inout Effects) throws(CallError) {
        let message = try decoded(Etcdserverpb.LeaseTimeToLiveRequest.self, batch.block.span.subscripted(request.range))
        try ask(LeaseID(message.id), withKeys: message.keys, request, batch.loop, into: &effects)
    }

    mutating func peerKeepAlive(_ request: Request, _ batch: RequestBatch, into effects: inout Effects) {
        do throws(CallError) { try keepAlive(request, batch, into: &effects) } catch { refusePeer(request, batch, error, effects) }
    }

    mutating func peerTimeToLive(_ request: Request, _ batch: RequestBatch, into effects: inout Effects) {
        do throws(CallError) {
            let message = try LeaseInternal.request(batch.block.span.subscripted(request.range))
            try ask(LeaseID(message.id), withKeys: message.keys, request, batch.loop, into: &effects)
        } catch {
            refusePeer(request, batch, error, effects)
        }
    }

    private func refusePeer(_ request: Request, _ batch: RequestBatch, _ error: CallError, _ effects: borrowing Effects) {
        let responses = effects.responses[Int(batch.loop)]
        if case .malformed = error {
            responses.failPeer(request.ticket, status: 400, "error unmarshalling request\n")
        } else {
            responses.failPeer(request.ticket, status: 500, error.text + "\n")
        }
    }

    private mutating func ask(
        _ lease: LeaseID, withKeys: Bool, _ request: Request, _ loop: UInt8, into effects: inout Effects
    ) throws(CallError) {
        var question = LeaseQuestion(
            ticket: request.ticket, loop: loop, method: request.method, lease: lease, withKeys: withKeys,
            revision: store.currentRevision, deadline: now, nextTry: now)
        question.deadline = now + (question.isFromPeer ? Self.peerPatience : configuration.requestTimeout)
        if answerHere(question, into: effects) { return }
        guard leaseQuestions.waiting.count < configuration.leaseQuestionsMax else { throw .grpc(.requestTooManyRequests) }
        forward(leaseQuestions.add(question), question, into: &effects)
    }

    /// This member leads, and has applied everything that was committed before: grants and revocations too.
    private var knowsLeases: Bool {
        leadershipDoubt == nil && raft.isLeader && lessor.isPrimary && applied >= raft.committed && raft.term(at: raft.committed) == raft.term
    }

    /// A leader that stood still for an election timeout (a stopped process, a suspended machine) may have been succeeded, and its
    /// leases may have run out: it speaks of leases again when a majority has confirmed it.
    mutating func noticePause(_ now: Instant) {
        guard now - self.now >= configuration.electionTimeout, raft.isLeader else { return }
        askForConfirmation()
    }

    private mutating func askForConfirmation() {
        let context = nextBarrier
        nextBarrier &+= 1
        leadershipDoubt = Self.unasked
        do throws(RaftError) { try raft.readIndex(context: context) } catch { return }
        barriers.append(ReadBarrier(context: context, index: nil, deadline: .distantFuture, reads: []))
        leadershipDoubt = context
    }

    /// In the place of a barrier's context: Raft took no more reads, and is asked with every tick.
    private static var unasked: UInt64 { 0 }

    /// Part of every tick.
    mutating func repeatConfirmation() {
        if leadershipDoubt == Self.unasked { askForConfirmation() }
    }

    // MARK: Answering here

    /// False: it must wait, or the leader must be asked.
    private mutating func answerHere(_ question: LeaseQuestion, into effects: borrowing Effects) -> Bool {
        guard knowsLeases else {
            guard question.isFromPeer, !raft.isLeader else { return false }
            let status = question.isRenewal ? 400 : 500
            effects.responses[Int(question.loop)].failPeer(question.ticket, status: status, "not a primary lessor\n")
            return true
        }
        return question.isRenewal ? renewHere(question, effects) : tellTimeToLive(question, effects)
    }

    private mutating func renewHere(_ question: LeaseQuestion, _ effects: borrowing Effects) -> Bool {
        switch lessor.renew(question.lease, now: now) {
        case .renewed(let ttl, let clearsCheckpoint):
            counted.leaseRenewals += 1
            if clearsCheckpoint, configuration.leaseCheckpointInterval != nil { proposeCheckpoints([(question.lease, 0)]) }
            answerRenewal(question, ttl: ttl, effects)
        case .unknown: answerRenewal(question, ttl: nil, effects)
        // It may yet live on: under another leader, if its revocation is lost.
        case .expired, .notPrimary: return false
        }
        return true
    }

    private func tellTimeToLive(_ question: LeaseQuestion, _ effects: borrowing Effects) -> Bool {
        var response = Etcdserverpb.LeaseTimeToLiveResponse()
        response.id = question.lease.rawValue
        do throws(LeaseError) {
            let status = try lessor.timeToLive(question.lease, withKeys: question.withKeys, now: now)
            response.ttl = status.ttl
            response.grantedTTL = status.grantedTTL
            response.keys = status.keys.map(\.array)
            answerTimeToLive(question, response, effects)
        } catch {
            guard error != .notPrimary else { return false }
            answerTimeToLive(question, nil, effects)
        }
        return true
    }

    /// nil: there is no such lease.
    private func answerRenewal(_ question: LeaseQuestion, ttl: Int64?, _ effects: borrowing Effects) {
        let responses = effects.responses[Int(question.loop)]
        var response = Etcdserverpb.LeaseKeepAliveResponse()
        response.id = question.lease.rawValue
        if question.isFromPeer {
            guard let ttl else { return responses.failPeer(question.ticket, status: 404, "lease not found\n") }
            response.ttl = ttl
            return responses.answer(question.ticket, response)
        }
        let start = responses.bytes.count
        response.header = header()
        response.header?.revision = question.revision
        response.ttl = ttl ?? 0
        response.encode(into: &responses.bytes)
        responses.finishStreamMessage(question.ticket, from: start, shared: nil)
    }

    private func answerTimeToLive(_ question: LeaseQuestion, _ found: Etcdserverpb.LeaseTimeToLiveResponse?, _ effects: borrowing Effects) {
        let responses = effects.responses[Int(question.loop)]
        if question.isFromPeer {
            guard let found else { return responses.failPeer(question.ticket, status: 404, "lease not found\n") }
            let start = responses.bytes.count
            LeaseInternal.encode(found, into: &responses.bytes)
            return responses.finishMessage(question.ticket, from: start)
        }
        var response = found ?? .with { $0.ttl = -1 }
        response.id = question.lease.rawValue
        response.header = header()
        responses.answer(question.ticket, response)
    }

    // MARK: Asking the leader

    /// `question`: of this number, and not asked yet.
    private mutating func forward(_ number: UInt64, _ question: LeaseQuestion, into effects: inout Effects) {
        let canAsk = !question.isFromPeer && raft.leader != .zero && raft.leader != configuration.memberID
        leaseQuestions.set(number, question.tried(isAsked: canAsk, nextTry: now + Self.retryInterval))
        guard canAsk else { return }
        let kind: PeerCallKind
        if question.isRenewal {
            kind = .leaseKeepAlive(Etcdserverpb.LeaseKeepAliveRequest.with { $0.id = question.lease.rawValue }.encoded())
        } else {
            kind = .leaseTimeToLive(LeaseInternal.request(question.lease, withKeys: question.withKeys))
        }
        ask(raft.leader, kind, for: .lease(number), into: &effects)
    }

    mutating func leaseAnswered(_ number: UInt64, _ answer: PeerAnswer, into effects: inout Effects) {
        guard let question = leaseQuestions[number] else { return }
        switch answer {
        case .body(let body):
            guard relay(body, to: question, effects) else { break }
            leaseQuestions.remove(number)
            return
        case .status(404, _):
            leaseQuestions.remove(number)
            if question.isRenewal { answerRenewal(question, ttl: nil, effects) } else { answerTimeToLive(question, nil, effects) }
            return
        case .status, .unreachable: break
        }
        leaseQuestions.set(number, question.tried(isAsked: false, nextTry: now + Self.retryInterval))
    }

    /// False: the answer cannot be read, or is for another lease.
    private func relay(_ body: Bytes, to question: LeaseQuestion, _ effects: borrowing Effects) -> Bool {
        do throws(WireError) {
            if question.isRenewal {
                let response = try Etcdserverpb.LeaseKeepAliveResponse(decoding: body.span)
                guard response.id == question.lease.rawValue else { return false }
                answerRenewal(question, ttl: response.ttl, effects)
            } else {
                let response = try LeaseInternal.response(body.span)
                guard response.id == question.lease.rawValue else { return false }
                answerTimeToLive(question, response, effects)
            }
            return true
        } catch {
            return false
        }
    }

    // MARK: Time

    /// Once in every turn: what can be answered now, asked again, or given up.
    mutating func continueLeaseQuestions(into effects: inout Effects) {
        guard !leaseQuestions.waiting.isEmpty, knowsLeases || leaseQuestions.nextLook <= now else { return }
        for (number, question) in leaseQuestions.waiting.sorted(by: { $0.key < $1.key }) {
            if !question.isAsked, answerHere(question, into: effects) {
                leaseQuestions.remove(number)
            } else if question.deadline <= now {
                leaseQuestions.remove(number)
                giveUp(question, effects)
            } else if !question.isAsked, question.nextTry <= now {
                forward(number, question, into: &effects)
            }
        }
        leaseQuestions.looked()
    }

    private func giveUp(_ question: LeaseQuestion, _ effects: borrowing Effects) {
        let responses = effects.responses[Int(question.loop)]
        if question.isFromPeer {
            responses.failPeer(question.ticket, status: 408, "waiting for node to catch up its applied index has timed out\n")
        } else {
            responses.fail(question.ticket, raft.leader == .zero ? .noLeader : .timeout)
        }
    }
}

/// leasepb.LeaseInternalRequest and LeaseInternalResponse: one field around a message.
private enum LeaseInternal {
    static func request(_ lease: LeaseID, withKeys: Bool) -> Bytes {
        let inner = Etcdserverpb.LeaseTimeToLiveRequest.with {
            $0.id = lease.rawValue
            $0.keys = withKeys
        }
        var buffer = ByteBuffer(capacity: inner.encodedSize + 4)
        buffer.append(0x0A)
        buffer.append(varint: UInt64(inner.encodedSize))
        inner.encode(into: &buffer)
        return Bytes(buffer.freeze())
    }

    static func request(_ span: RawSpan) throws(CallError) -> Etcdserverpb.LeaseTimeToLiveRequest {
        do throws(WireError) { return try .init(decoding: inner(span)) } catch { throw .malformed(error) }
    }

    static func response(_ span: RawSpan) throws(WireError) -> Etcdserverpb.LeaseTimeToLiveResponse { try .init(decoding: inner(span)) }

    static func encode(_ response: Etcdserverpb.LeaseTimeToLiveResponse, into buffer: inout ByteBuffer) {
        var response = response
        // Empty, but there: up to 3.6 the header is always written.
        response.header = Etcdserverpb.ResponseHeader()
        buffer.append(0x0A)
        buffer.append(varint: UInt64(response.encodedSize))
        response.encode(into: &buffer)
    }

    /// The bytes of field 1.
    @_lifetime(copy span)
    private static func inner(_ span: RawSpan) throws(WireError) -> RawSpan {
        var cursor = try FieldCursor(span)
        guard !cursor.isAtEnd, try cursor.tag(span).rawValue == 0x0A else { throw .truncated(at: cursor.position) }
        let count = try cursor.varint(span)
        guard count <= UInt64(span.byteCount - cursor.position) else { throw .truncated(at: cursor.position) }
        return span.extracting(cursor.position..<cursor.position + Int(count))
    }
}
