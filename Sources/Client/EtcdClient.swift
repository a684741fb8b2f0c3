import Base
import HTTP
import Platform
import Wire

/// A client of an etcd cluster, for one thread.
///
/// Calls wait for their answer, at most `timeout`, and meanwhile everything else that the client has under way (watches, leases kept
/// alive) goes on. Requests go to the endpoints in turn, as far as they can be reached. When a server is unavailable, reads are
/// tried again until the time is up; writes only when the request surely had no effect, so that none is done twice.
///
/// Nothing is connected before the first call. `close` ends all connections; a client that is let go of without it keeps them.
/// Not to be used from two threads, nor from inside its own callbacks.
public final class EtcdClient {
    /// The loop that calls turn while they wait.
    package let loop: EventLoop
    package let channel: Channel
    /// As it was made.
    public let configuration: ClientConfiguration
    /// How long each call may take from now on, connecting included, in seconds; nil: for ever. At 0 and below every call fails.
    public var timeout: Double? = 5
    private var direct: [Endpoint: Channel] = [:]
    /// The stream of this client's watches.
    package private(set) lazy var watchStream = WatchStream(channel)

    /// Fails when there is no endpoint, and when the system has no descriptors left (`resourceExhausted`, code 8).
    public init(_ configuration: ClientConfiguration) throws(ClientError) {
        guard !configuration.endpoints.isEmpty else { throw .noEndpoints }
        guard let loop = try? EventLoop() else {
            throw ClientError(code: GRPCCode.resourceExhausted, message: "too many open files")
        }
        self.loop = loop
        self.configuration = configuration
        channel = Channel(loop, configuration)
    }

    /// Ends every connection and everything that runs on them. Calls after it fail with `cancelled`, code 1.
    public func close() {
        watchStream.close()
        channel.close()
        for other in direct.values { other.close() }
        direct = [:]
    }

    package var deadline: Instant { timeout.map { Clock.now + Interval(seconds: $0) } ?? .distantFuture }

    /// A channel to one member alone, for calls that concern that member.
    package func channel(to endpoint: Endpoint) -> Channel {
        if let known = direct[endpoint] { return known }
        var configuration = configuration
        configuration.endpoints = [endpoint]
        let made = Channel(loop, configuration)
        made.token = channel.token
        made.onAttemptFailed = channel.onAttemptFailed
        made.onConnection = channel.onConnection
        direct[endpoint] = made
        return made
    }

    /// Sends a request and waits for its answer.
    package func call<Request: WireMessage, Response: WireMessage>(
        _ method: Method, _ request: Request, returning: Response.Type = Response.self, on channel: Channel? = nil
    ) throws(ClientError) -> Response {
        var outcome: Result<Bytes, GRPCStatus>?
        (channel ?? self.channel).unary(method, request.encoded(), deadline: deadline) { outcome = $0 }
        while outcome == nil { loop.turn() }
        switch outcome {
        case .success(let bytes)?:
            do throws(WireError) { return try Response(decoding: bytes) } catch {
                throw ClientError(code: GRPCCode.internal, message: "malformed answer: \(error)")
            }
        case .failure(let status)?: throw ClientError(status)
        case nil: preconditionFailure()
        }
    }

    /// Asks for a token and sends it with every call from now on. Fails when the server has authentication switched off
    /// (`failedPrecondition`, code 9) and when name or password is wrong (`invalidArgument`, code 3).
    public func authenticate(user: String, password: String) throws(ClientError) {
        let request = Etcdserverpb.AuthenticateRequest.with {
            $0.name = user
            $0.password = password
        }
        let response: Etcdserverpb.AuthenticateResponse = try call(.authenticate, request)
        channel.token = response.token
        for other in direct.values { other.token = response.token }
    }
}
