import Base

/// A plain HTTP request, complete with its body.
package struct HTTPRequest: Sendable {
    package var method: String
    /// As sent: path and query, percent-encoded.
    package var target: String
    /// Names in lower case, values without surrounding blanks; in the order sent.
    package var headers: [(name: String, value: String)]
    package var body: Bytes
    package var isHTTP2: Bool
    /// The Host field or :authority.
    package var host: String

    /// The target up to the query, still percent-encoded.
    package var path: String { String(target.prefix { $0 != "?" }) }

    /// What follows the question mark; empty without one.
    package var query: String {
        guard let mark = target.firstIndex(of: "?") else { return "" }
        return String(target[target.index(after: mark)...])
    }

    /// The first field of that name (lower case).
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
