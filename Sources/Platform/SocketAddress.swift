import CCAres
import CSystem

/// Where a socket listens or connects to: numeric, names are resolved before.
package enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// Address in host byte order.
    case ipv4(UInt32, port: UInt16)
    /// 16 bytes in network order, and the interface's index for link-local ones.
    case ipv6([UInt8], scope: UInt32, port: UInt16)
    case unix(path: String)

    /// From a numeric IPv4 or IPv6 address (the latter with or without brackets and zone); nil when it is a name.
    package init?(numericHost: String, port: UInt16) {
        var host = Substring(numericHost)
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        var v4 = in_addr()
        if unsafe inet_pton(AF_INET, String(host), &v4) == 1 {
            self = .ipv4(UInt32(bigEndian: v4.s_addr), port: port)
            return
        }
        let parts = host.split(separator: "%", maxSplits: 1)
        var bytes = [UInt8](repeating: 0, count: 16)
        guard let first = parts.first, unsafe inet_pton(AF_INET6, String(first), &bytes) == 1 else { return nil }
        let scope = unsafe parts.count == 2 ? UInt32(parts[1]) ?? if_nametoindex(String(parts[1])) : 0
        self = .ipv6(bytes, scope: scope, port: port)
    }

    package static func loopback(port: UInt16) -> SocketAddress { .ipv4(0x7F00_0001, port: port) }

    package var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port): port
        case .unix: nil
        }
    }

    package var isTCP: Bool { port != nil }

    package var description: String {
        switch self {
        case .ipv4(let address, let port):
            "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255):\(port)"
        case .ipv6(let bytes, let scope, let port): "[\(SocketAddress.text(bytes))\(scope == 0 ? "" : "%\(scope)")]:\(port)"
        case .unix(let path): path
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: 64)
        unsafe _ = inet_ntop(AF_INET6, bytes, &text, 64)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Calls `body` with the address as the kernel wants it. A unix path must fit in 107 bytes.
    func withKernelAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        switch self {
        case .ipv4(let address, let port):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            value.sin_addr.s_addr = address.bigEndian
            return unsafe SocketAddress.rebound(&value, body)
        case .ipv6(let bytes, let scope, let port):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            value.sin6_scope_id = scope
            unsafe withUnsafeMutableBytes(of: &value.sin6_addr) { unsafe $0.copyBytes(from: bytes.prefix(16)) }
            return unsafe SocketAddress.rebound(&value, body)
        case .unix(let path):
            var value = sockaddr_un()
            value.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &value.sun_path) { unsafe $0.copyBytes(from: path.utf8.prefix(107)) }
            return unsafe SocketAddress.rebound(&value, body)
        }
    }

    private static func rebound<T, R>(_ value: inout T, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        unsafe withUnsafePointer(to: &value) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(MemoryLayout<T>.size)) }
        }
    }

    /// From what the kernel filled in; nil for a family we do not use.
    init?(kernel storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let value = unsafe withUnsafeBytes(of: &storage) { unsafe $0.load(as: sockaddr_in.self) }
            self = .ipv4(UInt32(bigEndian: value.sin_addr.s_addr), port: UInt16(bigEndian: value.sin_port))
        case AF_INET6:
            var value = unsafe withUnsafeBytes(of: &storage) { unsafe $0.load(as: sockaddr_in6.self) }
            let bytes = unsafe withUnsafeBytes(of: &value.sin6_addr) { unsafe [UInt8]($0) }
            self = .ipv6(bytes, scope: value.sin6_scope_id, port: UInt16(bigEndian: value.sin6_port))
        case AF_UNIX: self = .unix(path: "")
        default: return nil
        }
    }
}
