import Base
import Replica
import Wire

/// One question that the auditor puts to one member until the answer is what the log says.
struct Audit {
    enum Question: Equatable {
        /// A write is acknowledged: the cluster works, asked through this member.
        case write
        /// All rows, serializable.
        case rows
        /// The ids of all leases: none is left.
        case leases
        case members
        case hash
    }

    var slot: Int
    var question: Question
    var actor: Workload.Actor
    var isDone = false
    var lastAnswer = "none"
}

/// The end of a run, when no fault is left: every operation has come to an end, every lease has run out, every watcher
/// has been told all, and every member holds what the log says.
extension Workload {
    func audit(_ now: Instant) {
        guard clients.allSatisfy({ $0.waiting == nil }), holders.allSatisfy({ $0.actor.waiting == nil }) else { return }
        if audits.isEmpty { drawUp(now, [.write]) }
        for place in audits.indices where !audits[place].isDone && audits[place].actor.due <= now { ask(place, now) }
        guard audits.allSatisfy({ $0.isDone }) else { return }
        if audits.allSatisfy({ $0.question == .write }) {
            guard witness.model.leases.isEmpty else { return }
            return drawUp(now, [.rows, .leases, .hash, .members])
        }
        if areWatchesComplete(now) { phase = .done }
    }

    private func drawUp(_ now: Instant, _ questions: [Audit.Question]) {
        for member in members {
            for question in questions where !member.isLearner || question == .rows {
                audits.append(Audit(slot: member.slot, question: question, actor: Actor(due: now, waiting: nil)))
            }
        }
    }

    private func areWatchesComplete(_ now: Instant) -> Bool {
        streams.allSatisfy { stream in
            stream.watches.allSatisfy { watch in
                do throws(Violation) {
                    try watch.finish(witness.model, at: now)
                    return true
                } catch { return false }
            }
        }
    }

    private func ask(_ place: Int, _ now: Instant) {
        if audits[place].actor.waiting != nil { return auditLost(place, now) }
        let audit = audits[place]
        guard let member = members.first(where: { $0.slot == audit.slot }) else {
            // It is no longer a member.
            audits[place].isDone = true
            return
        }
        guard member.isUp else {
            audits[place].actor.due = now + .milliseconds(500)
            return
        }
        let request: OperationRequest =
            switch audit.question {
            case .write: .put(finalPut())
            case .rows:
                .range(
                    .with {
                        ($0.key, $0.rangeEnd) = ([0], [0])
                        $0.serializable = true
                    })
            case .leases: .leaseLeases
            case .members: .memberList(.init())
            case .hash: .hashKV(.with { $0.revision = lastRevision })
            }
        audits[place].actor = ask(request, slot: audit.slot, owner: .audit(place), client: -1, now)
    }

    private func finalPut() -> Etcdserverpb.PutRequest {
        marks += 1
        let mark = String(marks)
        return .with {
            $0.key = key(0)
            $0.value = Array((String(repeating: "0", count: OperationTag.valueBytes - mark.utf8.count) + mark).utf8)
        }
    }

    func auditLost(_ place: Int, _ now: Instant) {
        abandon(&audits[place].actor, now)
        audits[place].actor.due = now + .milliseconds(300)
    }

    func auditAnswered(_ place: Int, _ answer: Answer, _ now: Instant) {
        guard let outcome = finish(&audits[place].actor, answer, now) else { return }
        audits[place].actor.due = now + .milliseconds(300)
        audits[place].lastAnswer = outcome.summary
        audits[place].isDone = isAsExpected(outcome, now)
    }

    private func isAsExpected(_ outcome: Outcome, _ now: Instant) -> Bool {
        switch outcome {
        case .put: true
        // The witness has compared the rows with the model's at that revision.
        case .range(let response): response.header?.revision == lastRevision
        case .leaseLeases(let response): response.leases.isEmpty
        case .hashKV(let response): response.hashRevision == lastRevision
        case .memberList(let response):
            response.members.count == members.count
        default: false
        }
    }

    /// What the end of the run waits for, for people.
    package var waitsFor: String {
        if phase == .running { return "the end of the load" }
        if let client = clients.first(where: { $0.waiting != nil }), let waiting = client.waiting {
            return "the answer to \(witness.operations[waiting.operation])"
        }
        if let audit = audits.first(where: { !$0.isDone }) {
            return "member \(audit.slot) to answer as it should about \(audit.question); its last answer: \(audit.lastAnswer)"
        }
        if !witness.model.leases.isEmpty { return "leases \(witness.model.leases.keys.sorted()) to run out" }
        for stream in streams {
            for watch in stream.watches {
                do throws(Violation) { try watch.finish(witness.model, at: restingSince) } catch { return error.text }
            }
        }
        return "nothing"
    }
}
