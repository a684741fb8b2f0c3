/// The two streams that members hold with each other, each way (formats.md §7.3).
enum StreamKind {
    case message, append

    var endpoint: String {
        switch self {
        case .message: "/raft/stream/message"
        case .append: "/raft/stream/msgapp"
        }
    }

    /// As etcd calls them in its logs.
    var name: String {
        switch self {
        case .message: "stream Message"
        case .append: "stream MsgApp v2"
        }
    }
}
