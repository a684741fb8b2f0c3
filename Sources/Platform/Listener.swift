import CCAres
import CSystem

/// A listening socket. Several loops may accept from one listener; the kernel wakes some of them for each connection.
package final class Listener: Sendable {
    package enum Accepted: Equatable, Sendable {
        case connection(Int32)
        /// Nothing waits.
        case none
        /// The process or the system has no descriptor or memory to spare; try again after a pause.
        case exhausted
    }

    package let descriptor: Int32
    /// As bound: with the port the system chose when 0 was asked for.
    package let address: SocketAddress
    private let backlog: Int32

    package init(_ address: SocketAddress, _ options: Socket.ListenOptions = .init()) throws(SystemError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .last("listen", address.description) }
        if case .ipv6 = address { Socket.setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, address.isAnyIPv6 ? 0 : 1) }
        if address.isTCP {
            if options.reuseAddress { Socket.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) }
            if options.reusePort { Socket.setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        } else {
            do { try Listener.clearStalePath(address) } catch {
                close(descriptor)
                throw error
            }
        }
        let bound = unsafe address.withKernelAddress { pointer, length in unsafe bind(descriptor, pointer, length) }
        guard bound == 0, !options.listensAtOnce || CSystem.listen(descriptor, options.backlog) == 0 else {
            let error = SystemError.last("listen", address.description)
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.address = address.isTCP ? Socket.localAddress(descriptor) ?? address : address
        backlog = options.backlog
    }

    /// From now on connections wait to be accepted; for a listener that was made not to listen at once.
    package func listen() throws(SystemError) {
        guard CSystem.listen(descriptor, backlog) == 0 else { throw .last("listen", address.description) }
    }

    deinit {
        close(descriptor)
        if case .unix(let path) = address { unsafe unlink(path) }
    }

    /// Removes a socket file that no process listens on. One that is in use is left for `bind` to refuse.
    private static func clearStalePath(_ address: SocketAddress) throws(SystemError) {
        guard case .unix(let path) = address else { return }
        guard path.utf8.count <= 107 else { throw SystemError("listen", path, code: ENAMETOOLONG) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw .last("socket", path) }
        defer { close(probe) }
        let connected = unsafe address.withKernelAddress { pointer, length in unsafe CSystem.connect(probe, pointer, length) }
        if connected != 0, csystem_errno() == ECONNREFUSED { unsafe unlink(path) }
    }

    package func accept() -> Accepted {
        let connection = retryingInterrupted { Int(csystem_accept(descriptor)) }
        if connection >= 0 {
            if address.isTCP { Socket.tune(Int32(connection)) }
            return .connection(Int32(connection))
        }
        switch csystem_errno() {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
        default: return .none
        }
    }
}

extension SocketAddress {
    var isAnyIPv6: Bool {
        if case .ipv6(let bytes, _, _) = self { bytes.allSatisfy { $0 == 0 } } else { false }
    }
}
