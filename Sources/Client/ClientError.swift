import Base
import HTTP
import Wire

/// Why a call to the cluster failed.
///
/// `description` is what etcd's own client prints: the server's text for errors that etcd defines ("etcdserver: key not found"),
/// "context deadline exceeded" when this side's time was up, and code and text for everything else.
public struct ClientError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The gRPC status code (5 is NotFound, 14 Unavailable and so on).
    public let code: Int
    /// The server's text, or the transport's.
    public let message: String
    /// False when the request surely had no effect: it never left, or the server refused it unread. True says nothing.
    public let mayHaveRun: Bool
    /// This side ended it, not the server: the time that the caller gave was up, the client was closed or has no endpoints.
    public let isLocal: Bool

    package init(status: GRPCStatus) { self.init(status) }

    init(_ status: GRPCStatus, isLocal: Bool = false) {
        code = status.code
        message = status.message
        mayHaveRun = status.mayHaveRun
        self.isLocal = isLocal || status.code == GRPCCode.deadlineExceeded
    }

    /// An error of etcd's own list.
    package init(_ error: GRPCError) {
        code = error.code
        message = error.text
        mayHaveRun = true
        isLocal = false
    }

    package init(code: Int, message: String) { self.init(code: code, message: message, isLocal: false) }

    private init(code: Int, message: String, isLocal: Bool) {
        self.code = code
        self.message = message
        mayHaveRun = !isLocal
        self.isLocal = isLocal
    }

    /// In the words of etcd's client.
    static let noEndpoints = ClientError(code: GRPCCode.invalidArgument, message: "etcdclient: no available endpoints", isLocal: true)

    /// Which of etcd's errors it is, if it is one.
    package var known: GRPCError? { GRPCError(rawValue: message) }

    /// The server knows no such lease.
    public var isLeaseNotFound: Bool { known == .leaseNotFound }
    /// A revision that was asked for has been compacted.
    public var isCompacted: Bool { known == .compacted }
    /// The member has no leader: there is no quorum, or an election is under way.
    public var isNoLeader: Bool { known == .noLeader }
    /// The caller's time was up before an answer came. Whether the server did what was asked is in `mayHaveRun`.
    public var isTimeout: Bool { isLocal && code == GRPCCode.deadlineExceeded }
    /// No server could be reached, or the one that was is about to stop or has no quorum: later it may be different.
    public var isUnavailable: Bool { code == GRPCCode.unavailable }

    /// The caller has ended it, or closed the client.
    public var isCancelled: Bool { isLocal && code == GRPCCode.cancelled }

    /// In the words of etcd's own client.
    public var description: String {
        if isLocal, code == GRPCCode.deadlineExceeded { return "context deadline exceeded" }
        if isLocal, code == GRPCCode.cancelled { return "context canceled" }
        if isLocal || known != nil { return message }
        return "rpc error: code = \(GRPCCode.name(code)) desc = \(message)"
    }
}
