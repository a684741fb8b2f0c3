import Base
import Raft
import Replica

/// What travels to a member.
enum Delivery {
    case message(Message)
    case input(Replica.Input)
    case request(loop: UInt8, ticket: UInt64, method: Method, bytes: Bytes)
    /// An answer to a client, on its connection of that number.
    case answer(Answer, connection: UInt32)
}
