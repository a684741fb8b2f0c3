import Base
import CCAres
import CSystem

/// A name that could not be resolved, and why.
package struct ResolveError: Error, Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }

    package var description: String { "lookup \(name): \(reason)" }
}

/// Names to addresses on an event loop, by c-ares: numeric addresses, /etc/hosts and DNS. Does not need the system's name
/// service, so that it works in a static executable.
@safe
package final class Resolver: TimerHandler {
    private let loop: EventLoop
    private var channel: ares_channel?
    private var watches: [ares_socket_t: Watch] = [:]
    private var timer = TimerID.none
    private var running = 0

    /// One of c-ares' sockets.
    private final class Watch: EventHandler {
        unowned let resolver: Resolver
        let descriptor: ares_socket_t
        var registration = EventLoop.Registration.none

        init(_ resolver: Resolver, _ descriptor: ares_socket_t) {
            self.resolver = resolver
            self.descriptor = descriptor
        }

        func ready(_ readiness: Readiness) {
            let reads = readiness.contains(.readable) || !readiness.isDisjoint(with: .closed)
            resolver.process(read: reads ? descriptor : ARES_SOCKET_BAD, write: readiness.contains(.writable) ? descriptor : ARES_SOCKET_BAD)
        }
    }

    private final class Query {
        let name: String
        let port: UInt16
        let done: (Result<[SocketAddress], ResolveError>) -> Void

        init(name: String, port: UInt16, done: @escaping (Result<[SocketAddress], ResolveError>) -> Void) {
            self.name = name
            self.port = port
            self.done = done
        }
    }

    package init(_ loop: EventLoop) throws(ResolveError) {
        self.loop = loop
        var options = unsafe ares_options()
        unsafe options.sock_state_cb = { data, descriptor, reads, writes in
            unsafe Unmanaged<Resolver>.fromOpaque(data!)._withUnsafeGuaranteedRef { $0.watch(descriptor, reads != 0, writes != 0) }
        }
        unsafe options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
        let started = ares_library_init(ARES_LIB_INIT_ALL)
        let result = unsafe started == 0 ? ares_init_options(&channel, &options, Int32(ARES_OPT_SOCK_STATE_CB)) : started
        guard result == 0 else { throw ResolveError(name: "", reason: Resolver.text(result)) }
    }

    /// Ends what runs: its callers are told.
    deinit {
        if let channel = unsafe channel { unsafe ares_destroy(channel) }
    }

    /// Calls `done` with at least one address or an error; at once when the name is numeric or in /etc/hosts.
    package func resolve(_ name: String, port: UInt16, _ done: @escaping (Result<[SocketAddress], ResolveError>) -> Void) {
        if let address = SocketAddress(numericHost: name, port: port) { return done(.success([address])) }
        var hints = ares_addrinfo_hints()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = ARES_AI_NOSORT
        let query = unsafe Unmanaged.passRetained(Query(name: name, port: port, done: done))
        running += 1
        unsafe ares_getaddrinfo(
            channel, name, nil, &hints,
            { data, status, _, list in
                let query = unsafe Unmanaged<Query>.fromOpaque(data!).takeRetainedValue()
                unsafe query.done(Resolver.result(query, status, list))
                if let list = unsafe list { unsafe ares_freeaddrinfo(list) }
            }, query.toOpaque())
        armTimer()
    }

    /// The same, waiting for it: for start-up, before there are loops.
    package static func resolveNow(_ name: String, port: UInt16, timeout: Interval = .seconds(10)) throws(ResolveError) -> [SocketAddress] {
        if let address = SocketAddress(numericHost: name, port: port) { return [address] }
        guard let loop = try? EventLoop() else { throw ResolveError(name: name, reason: "no descriptors left") }
        let resolver = try Resolver(loop)
        var outcome: Result<[SocketAddress], ResolveError>?
        resolver.resolve(name, port: port) { outcome = outcome ?? $0 }
        let limit = Clock.now + timeout
        while outcome == nil, Clock.now < limit { loop.turn(until: limit) }
        switch outcome {
        case .success(let addresses): return addresses
        case .failure(let error): throw error
        case nil: throw ResolveError(name: name, reason: "timed out")
        }
    }

    private static func result(
        _ query: Query, _ status: Int32, _ list: UnsafeMutablePointer<ares_addrinfo>?
    ) -> Result<[SocketAddress], ResolveError> {
        guard status == 0, let list = unsafe list else { return .failure(ResolveError(name: query.name, reason: text(status))) }
        var addresses: [SocketAddress] = []
        var node = unsafe list.pointee.nodes
        while let present = unsafe node {
            var storage = sockaddr_storage()
            let size = min(Int(unsafe present.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
            unsafe withUnsafeMutableBytes(of: &storage) {
                unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: present.pointee.ai_addr, count: size))
            }
            if let address = SocketAddress(kernel: storage)?.with(port: query.port), !addresses.contains(address) { addresses.append(address) }
            unsafe node = present.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(ResolveError(name: query.name, reason: "no such host")) : .success(addresses)
    }

    private static func text(_ status: Int32) -> String {
        status == Int32(ARES_ENOTFOUND) || status == Int32(ARES_ENODATA) ? "no such host" : unsafe String(cString: ares_strerror(status))
    }

    private func watch(_ descriptor: ares_socket_t, _ reads: Bool, _ writes: Bool) {
        var interest = Readiness()
        if reads { interest.insert(.readable) }
        if writes { interest.insert(.writable) }
        if let watch = watches[descriptor] {
            guard interest.isEmpty else { return loop.modify(watch.registration, descriptor, interest) }
            loop.unregister(watch.registration, descriptor)
            watches[descriptor] = nil
        } else if !interest.isEmpty {
            let watch = Watch(self, descriptor)
            guard let registration = try? loop.register(descriptor, interest, watch) else { return }
            watch.registration = registration
            watches[descriptor] = watch
        }
    }

    private func process(read: ares_socket_t, write: ares_socket_t) {
        unsafe ares_process_fd(channel, read, write)
        armTimer()
    }

    private func armTimer() {
        loop.cancel(timer)
        var time = timeval()
        guard unsafe ares_timeout(channel, nil, &time) != nil else { return }
        let wait = Interval.seconds(Int64(time.tv_sec)) + .microseconds(Int64(time.tv_usec))
        timer = loop.schedule(Clock.now + wait, self)
    }

    package func timerFired(_ tag: UInt64, now: Instant) { process(read: ARES_SOCKET_BAD, write: ARES_SOCKET_BAD) }
}

extension SocketAddress {
    /// The same host with another port.
    package func with(port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let address, _): .ipv4(address, port: port)
        case .ipv6(let bytes, let scope, _): .ipv6(bytes, scope: scope, port: port)
        case .unix: self
        }
    }
}
