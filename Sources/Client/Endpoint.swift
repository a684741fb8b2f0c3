import Base
import Platform

/// Where a member can be reached: "host:port", a URL (http, https), or a unix socket ("unix:path", "unix:///path").
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    /// Without scheme: what log lines name.
    package let target: String
    package let isTLS: Bool
    package let place: Place

    package enum Place: Hashable, Sendable {
        case tcp(host: String, port: UInt16)
        case unix(path: String)
        /// Can't be connected to, and why.
        case malformed(String)
    }

    /// Never fails: an endpoint that makes no sense is one that can't be connected to, with the reason in the error.
    public init(_ text: String) {
        self.text = text
        let parts = Endpoint.split(text)
        isTLS = parts.scheme == "https" || parts.scheme == "unixs"
        target = parts.rest
        if parts.scheme == "unix" || parts.scheme == "unixs" {
            place = .unix(path: parts.rest)
        } else {
            place = Endpoint.place(parts.rest)
        }
    }

    /// As it was written.
    public var description: String { text }

    /// What `:authority` says.
    package var authority: String {
        if case .tcp = place { target } else { "localhost" }
    }

    private static func split(_ text: String) -> (scheme: String, rest: String) {
        for scheme in ["http", "https", "unix", "unixs"] {
            if text.hasPrefix(scheme + "://") { return (scheme, String(text.dropFirst(scheme.count + 3))) }
            if scheme.hasPrefix("unix"), text.hasPrefix(scheme + ":") { return (scheme, String(text.dropFirst(scheme.count + 1))) }
        }
        return ("", text)
    }

    private static func place(_ text: String) -> Place {
        let address = text.prefix { $0 != "/" }
        guard let colon = address.lastIndex(of: ":"), address.hasPrefix("[") == address[..<colon].hasSuffix("]") else {
            return .malformed("dial tcp: address \(address): missing port in address")
        }
        var host = address[..<colon]
        let digits = address[address.index(after: colon)...]
        if host.hasPrefix("[") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return .malformed("dial tcp: address \(address): too many colons in address")
        }
        guard let port = UInt16(digits) else { return .malformed("dial tcp: address \(digits): invalid port") }
        return .tcp(host: host.isEmpty ? "127.0.0.1" : String(host), port: port)
    }
}
