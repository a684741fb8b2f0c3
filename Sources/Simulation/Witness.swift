import Base
import Raft
import Wire

/// Sees all that happens in a run, from above, and judges it.
///
/// The committed entries, in the order of the log, drive a `Model`; every answer is held against the model at the place in the
/// log where it must belong. For a write that is its entry's position; for a read any position with the revision it
/// was answered at. Operations that do not overlap in time must have positions in their order. That is linearizability, decided
/// in one pass: writes are ordered by the log, and the earliest position that fits is the best choice for each read.
///
/// To be told of entries before the answers that they lead to. One per run, not shared between threads.
package final class Witness: WorldObserver {
    package private(set) var model: Model
    package private(set) var raft = RaftCheck()
    package private(set) var operations: [Operation] = []
    /// In the order in which they were found.
    package private(set) var violations: [Violation] = []

    private var leases: LeaseCheck
    private var byTag: [OperationTag: Int] = [:]
    /// By log position: the revision and the compaction after that entry, and when it was first applied. Position 0 is the
    /// empty log.
    private var revisions: [Int64] = [1]
    private var compactions: [Int64] = [-1]
    /// The first position at which a revision is current; by revision.
    private var positions: [Int] = [0, 0]
    /// The furthest position that some answered operation proves.
    private var acknowledged = 0
    private struct HashKey: Hashable {
        var revision: Int64
        var compacted: Int64
    }
    private var hashes: [HashKey: (hash: UInt32, slot: Int)] = [:]
    private var members: [Int: MemberID] = [:]
    private var leading: Set<Int> = []
    private var leadershipChanged = Instant(nanoseconds: .min)

    package init(minimumLeaseTTL: Int64 = 1, clocks: ClockRules = ClockRules()) {
        model = Model(minimumTTL: minimumLeaseTTL)
        leases = LeaseCheck(clocks: clocks)
    }

    package var position: Int { revisions.count - 1 }

    package func report(_ violation: Violation) { violations.append(violation) }

    private func guarding(_ body: () throws(Violation) -> Void) {
        do throws(Violation) { try body() } catch { violations.append(error) }
    }

    // MARK: What members do

    package func started(_ slot: Int, id: MemberID, at now: Instant) { members[slot] = id }

    package func stopped(_ slot: Int, at now: Instant) {
        if leading.remove(slot) != nil { leadershipChanged = now }
    }

    package func status(_ slot: Int, isLeader: Bool, term: Term, at now: Instant) {
        guard isLeader else { return stopped(slot, at: now) }
        if leading.insert(slot).inserted { leadershipChanged = now }
        guard let id = members[slot] else { return }
        guarding { () throws(Violation) in try raft.led(id, term: term, at: now) }
    }

    package func sent(_ message: borrowing Message, at now: Instant) {
        switch message.kind {
        case .vote, .voteResponse:
            do throws(Violation) { try raft.sent(message, at: now) } catch { violations.append(error) }
        default: break
        }
    }

    package func installed(_ slot: Int, index: LogIndex, at now: Instant) {
        guard index.rawValue > UInt64(position) else { return }
        report(Violation(.logMatching, "member \(slot) installs a snapshot of \(index), \(position) is the last applied", at: now))
    }

    package func applied(_ slot: Int, _ entry: Entry, at now: Instant) {
        guarding { () throws(Violation) in
            guard try raft.applied(entry, by: slot, at: now) else { return }
            var reply: Model.Reply?
            var request: Etcdserverpb.InternalRaftRequest?
            if entry.kind == .normal, !entry.data.isEmpty {
                request = try? Etcdserverpb.InternalRaftRequest(decoding: entry.data)
                if let request { reply = model.apply(request) }
            }
            revisions.append(model.revision)
            compactions.append(model.compactRevision)
            if model.revision >= positions.count { positions.append(position) }
            if let request, let reply { try settle(request, reply, at: now) }
        }
    }

    private func settle(_ request: Etcdserverpb.InternalRaftRequest, _ reply: Model.Reply, at now: Instant) throws(Violation) {
        if case .leaseGrant(let grant) = reply { leases.granted(grant.id, ttl: grant.ttl, at: now) }
        guard let tag = OperationTag(request) else { return }
        guard let number = byTag[tag] else {
            switch tag {
            // A lease ends by itself; a leader compacts by itself.
            case .revoke, .compact: break
            case .put, .deleteRange, .txn, .grant: throw Violation(.durability, "entry \(position) is \(tag), which nobody asked for", at: now)
            }
            if case .leaseRevoke = reply, case .revoke(let id) = tag { try leases.ended(id, at: now) }
            return
        }
        if case .leaseRevoke = reply, case .revoke(let id) = tag { try leases.ended(id, at: now) }
        if operations[number].position != nil {
            // Members may ask for the end of a lease on their own as well, and be refused.
            if case .revoke = tag { return }
            if case .compact = tag { return }
            throw Violation(
                .durability, "entry \(position) is once more what entry \(operations[number].position ?? 0) was: \(operations[number])", at: now)
        }
        operations[number].position = position
        operations[number].reply = reply
        if position <= operations[number].floor {
            throw Violation(.linearizability, "in the log before what was acknowledged before it was asked for: \(operations[number])", at: now)
        }
    }

    // MARK: What clients do

    /// The operation's number.
    package func invoked(_ request: OperationRequest, client: Int, slot: Int, at now: Instant) -> Int {
        let number = operations.count
        operations.append(Operation(client: client, slot: slot, request: request, invoked: now, floor: acknowledged))
        if let tag = OperationTag(request) { byTag[tag] = number }
        if case .leaseRevoke(let revoke) = request { leases.revocationAsked(revoke.id) }
        return number
    }

    package func answered(_ number: Int, _ outcome: Outcome, at now: Instant) {
        guard operations[number].outcome == nil else { return }
        operations[number].outcome = outcome
        operations[number].answered = now
        let operation = operations[number]
        guarding { () throws(Violation) in
            do throws(Wrong) {
                switch outcome {
                case .unknown: return
                case .failure(let text): try failed(operation, text)
                case .range, .put, .deleteRange, .txn, .compact, .leaseGrant, .leaseRevoke: try judge(operation, outcome)
                case .leaseTimeToLive(let response): try judge(operation, response)
                case .hashKV(let response): try judge(operation, response)
                case .leaseKeepAlive(let response):
                    guard response.ttl > 0, leading.count == 1, leadershipChanged < operation.invoked else { return }
                    leases.renewed(response.id, ttl: response.ttl, invoked: operation.invoked)
                case .leaseLeases, .memberList: return
                }
            } catch {
                throw Violation(error.rule, "\(error.text): \(operation)", at: now)
            }
        }
    }

    private struct Wrong: Error {
        var rule: Violation.Rule
        var text: String
        init(_ rule: Violation.Rule, _ text: String) {
            self.rule = rule
            self.text = text
        }
    }

    private func judge(_ operation: Operation, _ outcome: Outcome) throws(Wrong) {
        switch (operation.request, outcome) {
        case (.range(let request), .range(var response)):
            let revision = response.header?.revision ?? 0
            response.header = model.header(revision)
            try read(operation, at: revision, isLinearizable: !request.serializable, asked: request.revision)
            let expected = model.range(request, visible: revision)
            guard response == expected else { throw Wrong(.linearizability, "should be \(Outcome.range(expected).summary)") }
        case (.txn(let request), .txn(var response)) where operation.position == nil && isReadOnly(request):
            let revision = response.header?.revision ?? 0
            response.header = model.header(revision)
            try read(operation, at: revision, isLinearizable: !isSerializable(request), asked: 0)
            let expected = model.read(request, visible: revision)
            guard response == expected else { throw Wrong(.linearizability, "should be \(expected)") }
        default:
            guard let position = operation.position, let reply = operation.reply else {
                throw Wrong(.durability, "acknowledged, and no member has applied it")
            }
            acknowledged = max(acknowledged, position)
            guard let expected = Outcome(reply) else { throw Wrong(.linearizability, "should have failed: \(reply)") }
            guard outcome.plain == expected || isLateCompaction(outcome, expected, operation) else {
                throw Wrong(.linearizability, "should be \(expected)")
            }
        }
    }

    /// A physical compaction is answered when the rows are gone; the header may name a later revision.
    private func isLateCompaction(_ outcome: Outcome, _ expected: Outcome, _ operation: Operation) -> Bool {
        guard case .compact(let request) = operation.request, request.physical, case .compact(let told) = outcome.plain,
            case .compact(let due) = expected
        else { return false }
        let revision = told.header?.revision ?? 0
        return revision >= due.header?.revision ?? 0 && revision <= model.revision
    }

    /// Finds the earliest position for a read that was answered at `revision`.
    private func read(_ operation: Operation, at revision: Int64, isLinearizable: Bool, asked: Int64) throws(Wrong) {
        guard revision > 0, revision <= model.revision else {
            throw Wrong(.linearizability, "answered at a revision that is not; the log is at \(model.revision)")
        }
        guard asked <= revision else { throw Wrong(.linearizability, "should have been refused: revision \(asked) is still to come") }
        let first = positions[Int(revision)]
        var place = first
        if isLinearizable {
            let last = revision == model.revision ? position : positions[Int(revision) + 1] - 1
            place = max(first, operation.floor)
            guard place <= last else {
                throw Wrong(
                    .linearizability,
                    "stale: revision \(revision) ended at \(last), but position \(operation.floor) (revision \(revisions[operation.floor])) was acknowledged before"
                )
            }
            acknowledged = max(acknowledged, place)
        }
        guard asked <= 0 || asked >= compactions[place] else {
            throw Wrong(.linearizability, "should have been refused: compacted at \(compactions[place])")
        }
    }

    private func failed(_ operation: Operation, _ text: String) throws(Wrong) {
        switch operation.request {
        case .range(let request):
            if text == GRPCError.compacted.rawValue, request.revision >= model.compactRevision {
                throw Wrong(.linearizability, "refused, but the last compaction is at \(model.compactRevision)")
            }
            if text == GRPCError.futureRev.rawValue, !request.serializable, request.revision <= revisions[operation.floor] {
                throw Wrong(.linearizability, "refused, but revision \(revisions[operation.floor]) was acknowledged before")
            }
        // A leader may have been first to end it.
        case .leaseRevoke where text == GRPCError.leaseNotFound.rawValue: return
        case .put, .deleteRange, .txn, .compact, .leaseGrant, .leaseRevoke:
            guard Witness.isFinal(text), case .failure(let expected)? = operation.reply else {
                if Witness.isFinal(text), operation.position != nil { throw Wrong(.linearizability, "refused, and done") }
                return
            }
            guard expected.rawValue == text else { throw Wrong(.linearizability, "should have failed with \(expected.rawValue)") }
            if let position = operation.position { acknowledged = max(acknowledged, position) }
        case .leaseKeepAlive, .leaseTimeToLive, .leaseLeases, .hashKV, .memberList: return
        }
    }

    /// Texts that say that the operation was carried out and came to nothing.
    private static func isFinal(_ text: String) -> Bool {
        [GRPCError.compacted, .futureRev, .leaseNotFound, .leaseExist, .keyNotFound].contains { $0.rawValue == text }
    }

    private func judge(_ operation: Operation, _ response: Etcdserverpb.LeaseTimeToLiveResponse) throws(Wrong) {
        guard response.ttl >= 0, case .leaseTimeToLive(let request) = operation.request else { return }
        let revision = response.header?.revision ?? 0
        guard revision <= model.revision else { throw Wrong(.lease, "answered at a revision that is not") }
        if let granted = model.leases[response.id], granted != response.grantedTTL { throw Wrong(.lease, "\(granted) s were granted") }
        guard request.keys else { return }
        // The keys are the leader's, the header is the asked member's: they may be some revisions apart.
        var place = max(1, revision - 100)
        while place <= model.revision {
            if response.keys == model.keys(attachedTo: response.id, at: place) { return }
            place += 1
        }
        throw Wrong(.lease, "should have \(model.keys(attachedTo: response.id, at: revision).map(readable)) attached")
    }

    private func judge(_ operation: Operation, _ response: Etcdserverpb.HashKVResponse) throws(Wrong) {
        // Of an empty store a compaction's hash and one made on request differ, as etcd's do (formats.md §5.1).
        guard model.sorted.contains(where: { model.live($0, at: response.hashRevision) != nil }) else { return }
        let key = HashKey(revision: response.hashRevision, compacted: response.compactRevision)
        guard let known = hashes[key] else {
            hashes[key] = (response.hash, operation.slot)
            return
        }
        guard known.hash == response.hash else { throw Wrong(.hash, "member \(known.slot) has \(known.hash) there") }
    }

    private func isReadOnly(_ txn: Etcdserverpb.TxnRequest) -> Bool {
        (txn.success + txn.failure).allSatisfy { if case .requestRange = $0.request { true } else { false } }
    }

    private func isSerializable(_ txn: Etcdserverpb.TxnRequest) -> Bool {
        (txn.success + txn.failure).allSatisfy { if case .requestRange(let range) = $0.request { range.serializable } else { false } }
    }

    /// The last operations, for people.
    package func tail(_ count: Int = 40) -> String {
        operations.suffix(count).map(\.description).joined(separator: "\n")
    }
}

extension Outcome {
    /// What the model's reply looks like to the client; nil for a failure.
    init?(_ reply: Model.Reply) {
        switch reply {
        case .range(let response): self = .range(response)
        case .put(let response): self = .put(response)
        case .deleteRange(let response): self = .deleteRange(response)
        case .txn(let response): self = .txn(response)
        case .compaction(let response): self = .compact(response)
        case .leaseGrant(let response): self = .leaseGrant(response)
        case .leaseRevoke(let response): self = .leaseRevoke(response)
        case .failure, .other: return nil
        }
    }

    /// With nothing in its header but the revision: the rest depends on the member asked.
    var plain: Outcome {
        func plain(_ header: Etcdserverpb.ResponseHeader?) -> Etcdserverpb.ResponseHeader? {
            header.map { header in .with { $0.revision = header.revision } }
        }
        switch self {
        case .put(var response):
            response.header = plain(response.header)
            return .put(response)
        case .deleteRange(var response):
            response.header = plain(response.header)
            return .deleteRange(response)
        case .txn(var response):
            response.header = plain(response.header)
            return .txn(response)
        case .compact(var response):
            response.header = plain(response.header)
            return .compact(response)
        case .leaseGrant(var response):
            response.header = plain(response.header)
            return .leaseGrant(response)
        case .leaseRevoke(var response):
            response.header = plain(response.header)
            return .leaseRevoke(response)
        case .range, .leaseKeepAlive, .leaseTimeToLive, .leaseLeases, .hashKV, .memberList, .failure, .unknown: return self
        }
    }
}
