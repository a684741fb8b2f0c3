import Base
import CCAres
import CSystem

/// Operations on non-blocking stream sockets. Descriptors are plain numbers here: a connection owns its own and closes it.
package enum Socket {
    /// What reading or writing came to.
    package enum Transfer: Equatable, Sendable {
        case bytes(Int)
        case wouldBlock
        /// The peer has ended its side (reading), or the connection failed.
        case ended
    }

    package struct ListenOptions: Sendable {
        package var reusePort = false
        package var reuseAddress = true
        package var backlog: Int32 = 4096
        /// False: the address is taken, and connections are refused until `Listener.listen`.
        package var listensAtOnce = true

        package init() {}
    }

    package static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        unsafe _ = setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// No delay, and the system's keep-alive every 30 s (limits.tsv, "TCP keepalive period").
    package static func tune(_ descriptor: Int32) {
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 30)
    }

    package static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        transfer { unsafe recv(descriptor, buffer.baseAddress!, buffer.count, 0) }
    }

    /// Writes the buffer's bytes from `start` on.
    package static func write(_ descriptor: Int32, _ buffer: borrowing ByteBuffer, from start: Int) -> Transfer {
        write(descriptor, buffer.span._extracting(unchecked: start, count: buffer.count - start))
    }

    package static func write(_ descriptor: Int32, _ bytes: RawSpan) -> Transfer {
        unsafe bytes.withUnsafeBytes { raw in
            let result = transfer { unsafe send(descriptor, raw.baseAddress!, raw.count, Int32(MSG_NOSIGNAL)) }
            return result
        }
    }

    @inline(__always)
    private static func transfer(_ body: () -> Int) -> Transfer {
        let count = retryingInterrupted(body)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        let code = csystem_errno()
        return code == EAGAIN || code == EWOULDBLOCK ? .wouldBlock : .ended
    }

    /// Begins to connect. The socket is writable once connected or failed; then ask `connectError`.
    package static func connect(to address: SocketAddress) throws(SystemError) -> Int32 {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .last("socket", address.description) }
        if address.isTCP { tune(descriptor) }
        let result = retryingInterrupted {
            unsafe address.withKernelAddress { pointer, length in unsafe Int(CSystem.connect(descriptor, pointer, length)) }
        }
        if result == -1, csystem_errno() != EINPROGRESS {
            let error = SystemError.last("connect", address.description)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Why connecting failed; nil when it did not.
    package static func connectError(_ descriptor: Int32, _ subject: String) -> SystemError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        unsafe _ = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : SystemError("connect", subject, code: code)
    }

    package static func peerAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getpeername(descriptor, $0, &length) }
        }
        return result == 0 ? SocketAddress(kernel: storage) : nil
    }

    static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? SocketAddress(kernel: storage) : nil
    }

    /// Two connected non-blocking sockets.
    package static func pair() throws(SystemError) -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw .last("socketpair") }
        return (pair[0], pair[1])
    }
}
