/// An address to listen on or to tell others, in the form etcd allows: a scheme and host:port, or a unix socket.
package struct TransportURL: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http, https, unix, unixs
    }

    package let scheme: Scheme
    /// Without the brackets of an IPv6 address; for unix sockets all that follows the scheme.
    package let host: String
    /// 0 for unix sockets.
    package let port: UInt16

    package var isTLS: Bool { scheme == .https || scheme == .unixs }
    package var isUnix: Bool { scheme == .unix || scheme == .unixs }

    /// The path of a unix socket.
    package var socketPath: String { host }

    /// host:port, with brackets around an IPv6 address.
    package var address: String {
        if isUnix { return host }
        return (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }

    package var text: String { "\(scheme.rawValue)://\(address)" }

    package init(_ text: String) throws(TransportURLError) {
        let trimmed = String(text.trimmingPrefix { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        let parts = trimmed.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let scheme = Scheme(rawValue: parts[0].lowercased()) else {
            throw TransportURLError(reason: "URL scheme must be http, https, unix, or unixs: \(trimmed)")
        }
        guard parts[1].hasPrefix("//") else { throw TransportURLError(reason: "URL has no host: \(trimmed)") }
        let rest = parts[1].dropFirst(2)
        self.scheme = scheme
        if scheme == .unix || scheme == .unixs {
            guard !rest.isEmpty else { throw TransportURLError(reason: "URL has no socket path: \(trimmed)") }
            host = String(rest)
            port = 0
            return
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let (host, port) = TransportURL.hostAndPort(authority) else {
            throw TransportURLError(reason: "URL address does not have the form \"host:port\": \(trimmed)")
        }
        guard authority.count == rest.count else { throw TransportURLError(reason: "URL must not contain a path: \(trimmed)") }
        self.host = host
        self.port = port
    }

    private static func hostAndPort(_ authority: Substring) -> (String, UInt16)? {
        guard let colon = authority.lastIndex(of: ":"), !authority.contains("@") else { return nil }
        let digits = authority[authority.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else { return nil }
        let host = authority[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.count > 2 else { return nil }
            return (String(host.dropFirst().dropLast()), port)
        }
        guard !host.contains(where: { $0 == ":" || $0 == " " || $0 == "[" || $0 == "]" }) else { return nil }
        return (String(host), port)
    }

    /// A comma-separated list, each once, in the order of their texts.
    package static func list(_ text: String) throws(TransportURLError) -> [TransportURL] {
        var urls: [TransportURL] = []
        for part in text.split(separator: ",") {
            let url = try TransportURL(String(part))
            if !urls.contains(url) { urls.append(url) }
        }
        return urls.sorted { $0.text < $1.text }
    }
}

/// Why a text is not such a URL, in etcd's words where it has some.
package struct TransportURLError: Error, Equatable, CustomStringConvertible {
    package let reason: String
    package var description: String { reason }
}
