import Base

/// The data directories of the other members, by the random number that each was given when it was made.
///
/// A member that comes back under its id with another number has lost its data: what it acknowledged and voted for is gone.
/// Whoever remembers its old number refuses it. The first number that is seen is believed; a member that tells none (a Go
/// member) is not judged. Numbers are remembered on disk (`text`), because the survivor may be restarted in between. Owned
/// by the thread that talks to the peers.
package struct Incarnations: Sendable, Equatable {
    package enum Verdict: Sendable, Equatable {
        case known
        /// Seen for the first time: `text` has changed and is to be made durable before the member is listened to.
        case new
        /// To be refused, with this text.
        case replaced(String)
    }

    private var numbers: [MemberID: UInt64]

    package init() { numbers = [:] }

    /// Lines `hex(member) hex16(number)`, ascending by member.
    package var text: String {
        numbers.sorted { $0.key < $1.key }.map { "\($0.key.hex) \(Self.hex16($0.value))\n" }.joined()
    }

    /// Nil for anything that `text` does not write: it is better to know nothing than half.
    package init?(text: String) {
        numbers = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let id = UInt64(words[0], radix: 16), let number = Self.number(words[1]) else { return nil }
            numbers[MemberID(id)] = number
        }
    }

    /// `member`: as the membership has it, for the text.
    package mutating func judge(_ id: MemberID, number: UInt64, member: ClusterMember?) -> Verdict {
        guard let known = numbers[id] else {
            numbers[id] = number
            return .new
        }
        if known == number { return .known }
        let member = member ?? ClusterMember(id: id, name: "", peerURLs: [])
        return .replaced(
            "member \(id.hex) (\"\(member.name)\") has come back with another data directory: what it has acknowledged is lost, and it could make "
                + "others lose it. It is refused. " + FoundingCheck.replacing(member, "", isRemoved: false))
    }

    /// A member that was removed never comes back under its id. True if it was known.
    package mutating func forget(_ id: MemberID) -> Bool { numbers.removeValue(forKey: id) != nil }

    package static func hex16(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Reads `hex16`; nil for anything else.
    package static func number(_ text: some StringProtocol) -> UInt64? {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        return UInt64(text, radix: 16)
    }
}
