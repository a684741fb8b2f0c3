import Base

/// A rule that a run has broken.
package struct Violation: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Rule: String, Sendable, CaseIterable {
        /// An answer that no order of the operations explains.
        case linearizability
        /// Acknowledged and not there, or there twice.
        case durability
        /// Two members hold different entries at one committed place, or a place is skipped.
        case logMatching
        case leaderPerTerm
        case votePerTerm
        case watch
        case lease
        /// Members differ in a hash.
        case hash
        /// A member's rows, leases, alarms or members are not what the log makes of them.
        case state
        case liveness
        /// A member ends or does not start, and nothing that was done to it explains that.
        case refusal
    }

    package var rule: Rule
    package var text: String
    package var at: Instant

    package init(_ rule: Rule, _ text: String, at: Instant) {
        self.rule = rule
        self.text = text
        self.at = at
    }

    package var description: String { "\(rule.rawValue) at \(at.inSeconds): \(text)" }
}

extension Instant {
    /// Seconds since the run began, for people.
    package var inSeconds: String {
        let milliseconds = nanoseconds / 1_000_000
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }
}

/// Bytes as people read them: text where it is text.
package func readable(_ bytes: [UInt8]) -> String {
    bytes.map { (0x21...0x7E).contains($0) ? String(UnicodeScalar($0)) : "\\" + String($0, radix: 16) }.joined()
}
