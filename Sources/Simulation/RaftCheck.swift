import Base
import Raft

/// Raft's safety as seen from outside (Raft §5.2, §5.4): one leader a term, one vote a term, committed entries stay.
package struct RaftCheck: Sendable {
    private struct Ballot: Hashable {
        var member: MemberID
        var term: Term
    }

    /// The committed entries' terms and data, from index 1 on.
    package private(set) var entries: [Entry] = []
    private var leaders: [Term: MemberID] = [:]
    private var votes: [Ballot: MemberID] = [:]

    package init() {}

    /// True if nobody has applied this entry before.
    package mutating func applied(_ entry: Entry, by slot: Int, at now: Instant) throws(Violation) -> Bool {
        let place = Int(entry.index.rawValue) - 1
        guard place >= 0, place <= entries.count else {
            throw Violation(.logMatching, "member \(slot) applies entry \(entry.index), nobody had \(entries.count + 1)", at: now)
        }
        if place == entries.count {
            if let last = entries.last, last.term > entry.term {
                throw Violation(.logMatching, "entry \(entry.index) is of term \(entry.term), the one before it of \(last.term)", at: now)
            }
            entries.append(entry)
            return true
        }
        let known = entries[place]
        guard known.term == entry.term, known.kind == entry.kind, known.data == entry.data else {
            throw Violation(
                .logMatching,
                "member \(slot) applies at \(entry.index) an entry of term \(entry.term) and \(entry.data.count) bytes; "
                    + "committed there is one of term \(known.term) and \(known.data.count) bytes", at: now)
        }
        return false
    }

    package mutating func led(_ member: MemberID, term: Term, at now: Instant) throws(Violation) {
        let other = leaders.updateValue(member, forKey: term)
        if let other, other != member {
            throw Violation(.leaderPerTerm, "members \(other.hex) and \(member.hex) both lead in term \(term)", at: now)
        }
    }

    package mutating func sent(_ message: borrowing Message, at now: Instant) throws(Violation) {
        switch message.kind {
        case .voteResponse where !message.reject: try vote(of: message.from, for: message.to, message.term, now)
        case .vote: try vote(of: message.from, for: message.from, message.term, now)
        default: break
        }
    }

    private mutating func vote(of member: MemberID, for candidate: MemberID, _ term: Term, _ now: Instant) throws(Violation) {
        let other = votes.updateValue(candidate, forKey: Ballot(member: member, term: term))
        if let other, other != candidate {
            throw Violation(.votePerTerm, "member \(member.hex) votes for \(other.hex) and \(candidate.hex) in term \(term)", at: now)
        }
    }
}
