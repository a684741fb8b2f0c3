import Base
import Raft
import Replica

/// Sees what members do. The world calls it in this order at each step of a member, before any answer of that step can
/// reach a client.
package protocol WorldObserver: AnyObject {
    /// A member's process begins.
    func started(_ slot: Int, id: MemberID, at now: Instant)
    /// A member's process has ended.
    func stopped(_ slot: Int, at now: Instant)
    /// A message leaves its member, after the write that had to be durable, before the network may lose it.
    func sent(_ message: borrowing Message, at now: Instant)
    /// A member has taken over a database as of `index`.
    func installed(_ slot: Int, index: LogIndex, at now: Instant)
    /// A member has applied an entry; after a restart it applies again what its database had lost.
    func applied(_ slot: Int, _ entry: Entry, at now: Instant)
    func status(_ slot: Int, isLeader: Bool, term: Term, at now: Instant)
}

/// The clients of a run. The world calls `step` when `nextDeadline` comes and after each answer.
package protocol WorldLoad: AnyObject {
    var nextDeadline: Instant? { get }
    func step(now: Instant, members: [MemberView]) -> [Submission]
    /// One answer, in the order in which the client's connection delivers them.
    func answered(_ answer: Answer, now: Instant)
    /// The process at `slot` has ended or the connections to it broke: what is unanswered stays so.
    func connectionsLost(_ slot: Int, now: Instant)
    /// No new operations; what is under way may end.
    func quiesce(now: Instant)
    var isIdle: Bool { get }
    /// What it waits for, for people.
    var waitsFor: String { get }
}

/// A member as clients know it.
package struct MemberView: Sendable, Equatable {
    package var slot: Int
    package var id: MemberID
    package var isUp: Bool
    package var isLearner: Bool
}

/// A request of a client to a member. Tickets are the load's own; they must be unique in a run, and below 2^40.
package struct Submission: Sendable {
    package var slot: Int
    package var method: Method
    package var bytes: Bytes
    package var ticket: UInt64

    package init(slot: Int, method: Method, bytes: Bytes, ticket: UInt64) {
        self.slot = slot
        self.method = method
        self.bytes = bytes
        self.ticket = ticket
    }
}

/// An answer, or one message of a stream, as it reaches the client.
package struct Answer: Sendable {
    package var slot: Int
    package var ticket: UInt64
    package var kind: Response.Kind
    /// gRPC status of a failure.
    package var code: Int
    /// The message, or the failure's text.
    package var bytes: [UInt8]

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}
