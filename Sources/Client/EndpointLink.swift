import Base
import HTTP
import Platform

/// The connection to one endpoint: made, given up and made anew.
///
/// Decides: the addresses to try, the pauses between attempts. Tells its channel when calls can be opened. Loop's thread.
final class EndpointLink: GRPCClientConnectionDelegate, TimerHandler {
    let endpoint: Endpoint
    /// Why the last attempt failed, in Go's words; empty before the first failure.
    private(set) var lastError = ""

    /// Until then this member counts as a learner, which refuses most calls. It may be promoted at any time.
    var learnerUntil = Instant(nanoseconds: .min)

    private unowned let channel: Channel
    private var connection: GRPCClientConnection?
    private var addresses: [SocketAddress] = []
    private var attempts = 0
    private var timer = TimerID.none
    private var isClosed = false
    private var resolver: Resolver?

    init(_ endpoint: Endpoint, _ channel: Channel) {
        self.endpoint = endpoint
        self.channel = channel
    }

    /// A connection on which calls can be opened now.
    var usable: GRPCClientConnection? {
        guard let connection, connection.canOpenCalls else { return nil }
        return connection
    }

    /// Under way, with an end of its own that is not known yet.
    var isConnecting: Bool { connection?.canOpenCalls == false }

    func isOver(_ connection: GRPCClientConnection?) -> Bool { connection != nil && connection === self.connection }

    func start() {
        switch endpoint.place {
        case .malformed(let reason): fail(reason)
        case .unix(let path): connect([.unix(path: path)])
        case .tcp(let host, let port):
            if let address = SocketAddress(numericHost: host, port: port) { return connect([address]) }
            resolve(host, port)
        }
    }

    func close() {
        isClosed = true
        channel.loop.cancel(timer)
        resolver = nil
        connection?.close()
    }

    private func resolve(_ host: String, _ port: UInt16) {
        do throws(ResolveError) {
            let resolver = try made()
            resolver.resolve(host, port: port) { [weak self] outcome in
                switch outcome {
                case .success(let found): self?.connect(found)
                case .failure(let error): self?.fail("dial tcp: lookup \(host): \(error.reason)")
                }
            }
        } catch {
            fail("dial tcp: lookup \(host): \(error.reason)")
        }
    }

    private func made() throws(ResolveError) -> Resolver {
        if let resolver { return resolver }
        let made = try Resolver(channel.loop)
        resolver = made
        return made
    }

    private func connect(_ found: [SocketAddress]) {
        addresses = found
        connectNext()
    }

    private func connectNext() {
        guard !isClosed, !addresses.isEmpty else { return }
        let address = addresses.removeFirst()
        channel.onConnection?(endpoint, "connecting to \(address)")
        do throws(SystemError) {
            let descriptor = try Socket.connect(to: address)
            let transport = channel.configuration.transport(descriptor, endpoint)
            let made = GRPCClientConnection(
                channel.loop, transport, address: address.description, authority: endpoint.authority, limits: channel.limits)
            made.delegate = self
            connection = made
            dialled = address
            try made.start()
        } catch {
            connection = nil
            fail("dial \(address.isTCP ? "tcp" : "unix") \(address): connect: \(error.reason.goLowercased)")
        }
    }

    private var dialled: SocketAddress?

    // MARK: The connection's side

    func ready(_ connection: GRPCClientConnection) {
        attempts = 0
        addresses = []
        lastError = ""
        channel.onConnection?(endpoint, "connected to \(connection.address)")
        channel.linkIsReady()
    }

    func draining(_ connection: GRPCClientConnection) {
        guard connection === self.connection else { return }
        self.connection = nil
        start()
    }

    func closed(_ connection: GRPCClientConnection, _ reason: String) {
        guard connection === self.connection else { return }
        self.connection = nil
        guard !isClosed else { return }
        channel.onConnection?(endpoint, "the connection to \(connection.address) has ended: \(reason)")
        if !addresses.isEmpty { return connectNext() }
        guard let dialled, reason.hasPrefix("connect: ") || reason == "i/o timeout" else { return fail(nil, reason) }
        fail("dial \(dialled.isTCP ? "tcp" : "unix") \(dialled): \(reason)")
    }

    /// The pauses grow from 50 ms to 3 s: a member that restarts is found soon, a dead one costs little.
    private func fail(_ dialError: String?, _ reason: String = "") {
        guard !isClosed else { return }
        lastError = dialError.map { "connection error: desc = \"transport: Error while dialing \($0)\"" } ?? "connection error: desc = \"\(reason)\""
        let pause = min(3000, 50 << min(attempts, 6))
        attempts += 1
        timer = channel.loop.schedule(Clock.now + .milliseconds(Int64(pause)), self)
    }

    func timerFired(_ tag: UInt64, now: Instant) { start() }
}

extension String {
    /// Go writes system errors in lower case.
    var goLowercased: String { prefix(1).lowercased() + dropFirst() }
}
