import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// Why a URL cannot be listened on.
struct ListenError: Error, CustomStringConvertible {
    var description: String
}

enum Listeners {
    /// Listens on every address that the URL's host stands for.
    /// `flag` is where the URL comes from.
    static func open(_ url: TransportURL, _ options: Socket.ListenOptions, flag: String) throws(ListenError) -> [Listener] {
        guard !url.isTLS else {
            throw ListenError(
                description: "cannot listen on \(url.text): TLS is not supported yet by this build; use \(url.isUnix ? "unix" : "http")")
        }
        do {
            if url.isUnix { return [try Listener(.unix(path: url.socketPath), options)] }
            let addresses = try addresses(url)
            return try addresses.map { try Listener($0, options) }
        } catch {
            throw ListenError(description: "cannot listen on \(url.text): \(error); choose another --\(flag), or stop what uses it")
        }
    }

    private static func addresses(_ url: TransportURL) throws -> [SocketAddress] {
        if url.host.isEmpty { return [.ipv4(0, port: url.port)] }
        if let numeric = SocketAddress(numericHost: url.host, port: url.port) { return [numeric] }
        let found = try Resolver.resolveNow(url.host, port: url.port)
        // As etcd: a name is listened on at its first address, an IPv4 one if there is any.
        let first = found.first { if case .ipv4 = $0 { true } else { false } } ?? found.first
        return first.map { [$0] } ?? []
    }
}
