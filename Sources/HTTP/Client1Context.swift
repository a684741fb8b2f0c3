import Base
import Platform

/// What the HTTP/1.1 client's connections of one loop share. Loop's thread.
@safe
package final class Client1Context {
    package let loop: EventLoop
    package let limits: Client1Limits
    /// Every connection reads into it; its contents last until the read is dealt with.
    let readBuffer: UnsafeMutableRawBufferPointer
    private var resolver: Resolver?

    package init(_ loop: EventLoop, limits: Client1Limits = Client1Limits()) {
        self.loop = loop
        self.limits = limits
        unsafe readBuffer = .allocate(byteCount: 128 << 10, alignment: 16)
    }

    deinit { unsafe readBuffer.deallocate() }

    func resolve(_ url: TransportURL, _ done: @escaping (Result<[SocketAddress], Client1Failure>) -> Void) {
        if url.isUnix { return done(.success([.unix(path: url.socketPath)])) }
        if resolver == nil {
            do { resolver = try Resolver(loop) } catch { return done(.failure(Client1Failure(.connect, "\(error)"))) }
        }
        resolver?.resolve(url.host, port: url.port) { result in
            done(result.mapError { Client1Failure(.connect, "\($0)") })
        }
    }
}
