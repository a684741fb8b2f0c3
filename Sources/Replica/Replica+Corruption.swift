import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Comparing this member's data with the others'. One comparison at a time:
///
/// ```
///   due ─▶ own hash (a job, or remembered from a compaction) ─▶ the others are asked ─▶ applied up to what is committed now
///       ─▶ of the whole data: own hash again ─▶ verdict
/// ```
struct CorruptionMonitor {
    enum Kind: Equatable {
        /// Before this member serves, against what the others have.
        case initial
        /// The leader's, of the whole data, every `--corrupt-check-time`.
        case periodic
        /// The leader's, of a compaction, whose hash every member made anyway.
        case compaction
    }

    struct Comparison {
        var number: UInt64
        var kind: Kind
        var term: Term
        /// Nil until it is made.
        var own: HashReport?
        var waitingFor: Set<MemberID> = []
        var answers: [HashComparison.Answer] = []
        /// What the leader knew committed when the last answer came: to be applied before they are judged.
        var settleAt: LogIndex?
        /// Of the whole data: it is being hashed again.
        var isRepeated = false
    }

    var underWay: Comparison?
    var nextNumber: UInt64 = 1
    /// Whether this member still has to be compared before it serves.
    var isInitialDue = false
    var nextPeriodic = Instant.distantFuture
    var nextCompaction = Instant.distantFuture
    /// Compactions up to here were compared with all members.
    var checkedRevision: Int64 = 0
    /// Compactions whose hashes say nothing.
    var incomparable: Set<Int64> = []
    /// Of compactions still to be compared in this round, newest first.
    var candidates: [KeyValueHash] = []
}

extension Replica {
    mutating func scheduleCorruptionChecks() {
        affairs.corruption.isInitialDue = configuration.initialCorruptCheck
        if let interval = configuration.corruptCheckInterval { affairs.corruption.nextPeriodic = now + interval }
        if let interval = configuration.compactHashCheckInterval { affairs.corruption.nextCompaction = now + interval }
    }

    /// Part of every turn.
    mutating func checkForCorruption(into effects: inout Effects) {
        settleComparison(into: &effects)
        guard affairs.corruption.underWay == nil, !isInstalling else { return }
        if affairs.corruption.isInitialDue {
            begin(.initial, into: &effects)
            if affairs.corruption.underWay == nil { affairs.corruption.isInitialDue = false }
        } else if affairs.corruption.nextPeriodic <= now, let interval = configuration.corruptCheckInterval {
            affairs.corruption.nextPeriodic = now + interval
            if raft.isLeader { begin(.periodic, into: &effects) }
        } else if affairs.corruption.nextCompaction <= now, let interval = configuration.compactHashCheckInterval {
            affairs.corruption.nextCompaction = now + interval
            guard raft.isLeader else { return }
            let (checked, incomparable) = (affairs.corruption.checkedRevision, affairs.corruption.incomparable)
            affairs.corruption.candidates = store.rememberedHashes
                .filter { $0.revision > checked && !incomparable.contains($0.revision) }.sorted { $0.revision > $1.revision }
            compareNextCompaction(into: &effects)
        }
    }

    private mutating func begin(_ kind: CorruptionMonitor.Kind, into effects: inout Effects) {
        guard let inputs = try? store.hashInputs(revision: 0) else { return }
        hash(for: newComparison(kind), inputs, into: &effects)
    }

    private mutating func hash(for number: UInt64, _ inputs: HashInputs, into effects: inout Effects) {
        sealOpenBatch(into: &effects)
        jobs.start(comparison: number, inputs, into: &effects)
    }

    private mutating func newComparison(_ kind: CorruptionMonitor.Kind) -> UInt64 {
        let number = affairs.corruption.nextNumber
        affairs.corruption.nextNumber += 1
        affairs.corruption.underWay = .init(number: number, kind: kind, term: raft.term)
        return number
    }

    /// A compaction has its hash. Where no key was alive, a member that has yet to compact answers with another hash, and is right:
    /// what is left out of the sum depends on what is kept, and the two differ by a tombstone (formats.md §4.5, §5.1).
    mutating func noteCompaction(_ revision: Int64) {
        affairs.corruption.incomparable.formIntersection(store.rememberedHashes.map(\.revision))
        if !store.hasLiveKeys(at: revision) { affairs.corruption.incomparable.insert(revision) }
    }

    private mutating func compareNextCompaction(into effects: inout Effects) {
        guard !affairs.corruption.candidates.isEmpty else { return }
        let hash = affairs.corruption.candidates.removeFirst()
        let number = newComparison(.compaction)
        askForHashes(
            number, HashReport(hash: hash.hash, compactRevision: hash.compactRevision, revision: 0, hashRevision: hash.revision),
            into: &effects)
    }

    /// The own hash is made, or could not be.
    mutating func ownHashed(_ number: UInt64, _ result: JobResult, _ inputs: HashInputs, into effects: inout Effects) {
        guard let comparison = affairs.corruption.underWay, comparison.number == number else { return }
        guard case .hash(let hash) = result else {
            if comparison.kind == .initial { affairs.corruption.isInitialDue = false }
            affairs.corruption.underWay = nil
            return
        }
        let report = HashReport(
            hash: hash, compactRevision: inputs.compactRevision, revision: inputs.currentRevision, hashRevision: inputs.revision)
        if comparison.isRepeated { concludePeriodic(comparison, again: report) } else { askForHashes(number, report, into: &effects) }
    }

    private mutating func askForHashes(_ number: UInt64, _ own: HashReport, into effects: inout Effects) {
        affairs.corruption.underWay?.own = own
        let others = membership.sorted.map(\.id).filter { $0 != configuration.memberID }
        affairs.corruption.underWay?.waitingFor = Set(others)
        for member in others { ask(member, .hashKV(revision: own.hashRevision), for: .hash(comparison: number), into: &effects) }
        if others.isEmpty { affairs.corruption.underWay?.settleAt = raft.committed }
    }

    mutating func hashAnswered(_ number: UInt64, from member: MemberID, _ answer: PeerAnswer) {
        guard affairs.corruption.underWay?.number == number else { return }
        affairs.corruption.underWay?.waitingFor.remove(member)
        var report: HashReport?
        if case .body(let body) = answer { report = try? HashReport(json: body.span) }
        affairs.corruption.underWay?.answers.append(.init(member: member, report: report))
        if affairs.corruption.underWay?.waitingFor.isEmpty == true { affairs.corruption.underWay?.settleAt = raft.committed }
    }

    private mutating func settleComparison(into effects: inout Effects) {
        guard let comparison = affairs.corruption.underWay, let settleAt = comparison.settleAt, settleAt <= applied,
            !comparison.isRepeated, !isInstalling, let own = comparison.own
        else { return }
        affairs.corruption.underWay = nil
        switch comparison.kind {
        case .initial: concludeInitial(own, comparison.answers, into: &effects)
        case .periodic:
            guard raft.isLeader, raft.term == comparison.term, let inputs = try? store.hashInputs(revision: 0) else { return }
            affairs.corruption.underWay = comparison
            affairs.corruption.underWay?.isRepeated = true
            hash(for: comparison.number, inputs, into: &effects)
        case .compaction:
            guard raft.isLeader, raft.term == comparison.term else { return }
            let verdict = HashComparison.compaction(leader: configuration.memberID, own: own, comparison.answers)
            for member in verdict.corrupt { raiseCorruption(of: member) }
            if verdict.corrupt.isEmpty, !verdict.isComplete { return compareNextCompaction(into: &effects) }
            affairs.corruption.candidates = []
            if verdict.corrupt.isEmpty { affairs.corruption.checkedRevision = max(affairs.corruption.checkedRevision, own.hashRevision) }
        }
    }

    private mutating func concludePeriodic(_ comparison: CorruptionMonitor.Comparison, again: HashReport) {
        affairs.corruption.underWay = nil
        // Another leader may have committed more.
        guard let own = comparison.own, raft.isLeader, raft.term == comparison.term else { return }
        let verdict = HashComparison.periodic(leader: configuration.memberID, own: own, again: again, comparison.answers)
        for member in verdict.corrupt { raiseCorruption(of: member) }
    }

    private mutating func concludeInitial(_ own: HashReport, _ answers: [HashComparison.Answer], into effects: inout Effects) {
        affairs.corruption.isInitialDue = false
        let mismatches = HashComparison.mismatches(own: own, answers)
        guard !mismatches.isEmpty else { return }
        effects.fatal =
            "\(configuration.memberID.hex) found data inconsistency with peers: at revision \(own.hashRevision) its hash \(own.hash) differs from "
            + "that of \(mismatches.map(\.hex).joined(separator: ", ")). If the others agree with each other, remove this member from the "
            + "cluster and add it anew with an empty data directory"
    }

    /// Zero: of a member that is not known.
    private mutating func raiseCorruption(of member: MemberID) {
        guard !alarms.all(kind: Alarms.corrupt).contains(.init(member: member, kind: Alarms.corrupt)) else { return }
        var request = Etcdserverpb.AlarmRequest()
        request.action = .activate
        request.memberID = member.rawValue
        request.alarm = .init(rawValue: Alarms.corrupt)
        proposeInternally(request, field: RequestField.alarm, .alarm)
    }

    // MARK: Answering others

    /// GET /members/hashkv
    mutating func peerHashKV(_ request: Request, _ batch: RequestBatch, into effects: inout Effects) {
        let responses = effects.responses[Int(batch.loop)]
        let revision: Int64
        do throws(JSONError) {
            revision = try HashReport.requestedRevision(json: batch.block.span.subscripted(request.range))
        } catch {
            return responses.failPeer(request.ticket, status: 400, "error unmarshalling request")
        }
        if let remembered = store.rememberedHash(of: revision) {
            let report = HashReport(
                hash: remembered.hash, compactRevision: remembered.compactRevision, revision: store.currentRevision,
                hashRevision: remembered.revision)
            return respondHash(report, request.ticket, responses)
        }
        do throws(StoreError) {
            startJob(.hashKV(try store.hashInputs(revision: revision)), for: request, batch.loop, into: &effects)
        } catch {
            let text = CallError(error).text
            let inner = text.hasPrefix("etcdserver: ") ? String(text.dropFirst("etcdserver: ".count)) : text
            responses.failPeer(request.ticket, status: 400, inner)
        }
    }

    func respondHash(_ report: HashReport, _ ticket: UInt64, _ responses: ResponseBuilder) {
        responses.answer(ticket, text: report.json)
    }
}
