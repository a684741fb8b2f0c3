import Base

/// A request of the HTTP/1.1 client, and how long its parts may take.
package struct Client1Request: Sendable {
    package enum Body: Sendable {
        case none
        case bytes(Bytes)
        /// Of unknown length: given with `Client1Connection.write` and ended with `finishBody`.
        case chunked
    }

    package var method: String
    /// Path and query.
    package var target: String
    package var headers: [(name: String, value: String)]
    package var body: Body

    /// For the whole exchange, from the beginning (connecting included) to the response's last byte.
    package var deadline: Interval?
    /// From the beginning, or the last byte of the request's body, to the response's head.
    package var headTimeout: Interval?
    /// Between two pieces of the response's body.
    package var silenceTimeout: Interval?
    /// Output waits and the server takes nothing of it.
    package var stallTimeout = Interval.seconds(30)

    package init(_ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: Body = .none) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// Why an exchange came to nothing.
package struct Client1Failure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// No connection came about.
        case connect
        /// The server ended the connection before the response was complete.
        case closed
        case timedOut
        /// What came is not HTTP/1.1, or beyond its bounds.
        case malformed
    }

    package var kind: Kind
    package var reason: String
    package var description: String { reason }

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}

/// The head of a response.
package struct Client1Response: Sendable {
    package var status: Int
    /// Names in lower case, in the order sent.
    package var headers: [(name: String, value: String)]

    /// The first field of that name (lower case).
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Told of an exchange, on the loop's thread. It ends with `responseEnded` or `failed`, once; after `Client1Connection.close`
/// with neither.
package protocol Client1Handler: AnyObject {
    func responseBegan(_ connection: Client1Connection, _ response: Client1Response)
    /// The span is valid during the call.
    func responseBody(_ connection: Client1Connection, _ bytes: RawSpan)
    func responseEnded(_ connection: Client1Connection)
    func failed(_ connection: Client1Connection, _ failure: Client1Failure)
    /// Of a chunked request body: what was written has left but for little.
    func requestWritable(_ connection: Client1Connection)
}

extension Client1Handler {
    package func requestWritable(_ connection: Client1Connection) {}
}

package struct Client1Limits: Sendable {
    package var connectTimeout = Interval.seconds(5)
    /// An open connection without an exchange.
    package var idleTimeout = Interval.seconds(60)
    package var headBytesMax = 64 << 10
    package var headFieldsMax = 256
    /// `requestWritable` comes when less than this is unsent.
    package var writeLowWater = 128 << 10

    package init() {}
}
