import Base
import Platform

/// Whether two lists of peer URLs mean the same addresses, as etcd decides it: by their texts, and where these differ by what
/// their names resolve to. `localhost` and unix sockets stand for themselves.
///
/// Names are looked up when they are needed, by the closure given: it waits for the name service as long as it sees fit.
package struct PeerURLComparison {
    /// host:port with a numeric host, or why there is none.
    private let resolve: (TransportURL) -> Result<String, ResolveError>

    package init(_ resolve: @escaping (TransportURL) -> Result<String, ResolveError>) { self.resolve = resolve }

    /// Asks the name service, again and again, until `limit` in all.
    package static func asking(limit: Interval) -> PeerURLComparison {
        let deadline = Clock.now + limit
        return PeerURLComparison { url in
            while true {
                do throws(ResolveError) {
                    let rest = deadline - Clock.now
                    let found = try Resolver.resolveNow(url.host, port: url.port, timeout: rest > .zero ? rest : .milliseconds(1))
                    let first = found.first { if case .ipv4 = $0 { true } else { false } } ?? found.first
                    return .success(first?.description ?? url.address)
                } catch {
                    guard Clock.now + .seconds(1) < deadline else { return .failure(error) }
                    Waker().park(until: Clock.now + .seconds(1))
                }
            }
        }
    }

    /// Nil when they are the same; otherwise why they are not.
    package func difference(_ a: [TransportURL], _ b: [TransportURL]) -> String? {
        guard a.count == b.count else { return "\(a.count) addresses are not \(b.count)" }
        let texts = [a, b].map { $0.map(\.text).sorted() }
        if texts[0] == texts[1] { return nil }
        var resolved: [[String]] = []
        for list in [a, b] {
            var addresses: [String] = []
            for url in list {
                switch address(url) {
                case .success(let address): addresses.append("\(url.scheme.rawValue)://\(address)")
                case .failure(let error): return "\(error)"
                }
            }
            resolved.append(addresses.sorted())
        }
        if resolved[0] == resolved[1] { return nil }
        return "resolved urls: \(resolved[0].joined(separator: ",")) != \(resolved[1].joined(separator: ","))"
    }

    private func address(_ url: TransportURL) -> Result<String, ResolveError> {
        url.isUnix || url.host == "localhost" ? .success(url.address) : resolve(url)
    }
}
