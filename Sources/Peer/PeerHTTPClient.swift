import Base
import HTTP
import Platform

/// One-off requests to members over HTTP/1.1, on connections that are kept for the next. Loop's thread.
///
/// Decides which of a member's URLs to try next when one fails: any after a failure to connect, and after other failures only
/// when the request may be repeated.
package final class PeerHTTPClient {
    package struct Response: Sendable {
        package var status: Int
        /// Names in lower case.
        package var headers: [(name: String, value: String)]
        package var body: Bytes

        package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    }

    package typealias Done = (Result<Response, Client1Failure>) -> Void

    let context: Client1Context
    private var idle: [TransportURL: [Client1Connection]] = [:]
    private var running: [ObjectIdentifier: Exchange] = [:]
    private static let idleMaxPerURL = 4

    package init(_ loop: EventLoop, limits: Client1Limits = Client1Limits()) {
        context = Client1Context(loop, limits: limits)
    }

    init(_ context: Client1Context) { self.context = context }

    /// Sends to the first of `urls` that answers; any status is an answer. `done` is called once, perhaps before this returns,
    /// unless `close` comes before. A body beyond `bodyBytesMax` is a failure.
    package func send(
        _ request: Client1Request, to urls: [TransportURL], bodyBytesMax: Int = 1 << 20, isRepeatable: Bool? = nil, done: @escaping Done
    ) {
        let exchange = Exchange(
            self, request, urls, bodyBytesMax: bodyBytesMax, isRepeatable: isRepeatable ?? (request.method == "GET"), done: done)
        running[ObjectIdentifier(exchange)] = exchange
        exchange.tryNext(Client1Failure(.connect, "no URL to send to"))
    }

    /// The same on a loop of its own, waiting for the answer: for start-up, before there are loops.
    package static func sendNow(
        _ request: Client1Request, to urls: [TransportURL], bodyBytesMax: Int = 1 << 20
    ) -> Result<Response, Client1Failure> {
        let loop: EventLoop
        do { loop = try EventLoop() } catch { return .failure(Client1Failure(.connect, "\(error)")) }
        let client = PeerHTTPClient(loop)
        var result: Result<Response, Client1Failure>?
        var request = request
        request.deadline = request.deadline ?? .seconds(10)
        client.send(request, to: urls, bodyBytesMax: bodyBytesMax) { result = $0 }
        // Every attempt has its time-outs, and there are no more attempts than URLs and kept connections.
        while result == nil { loop.turn() }
        client.close()
        return result ?? .failure(Client1Failure(.connect, "no answer"))
    }

    /// Drops kept connections to a member's former URLs.
    func forget(_ urls: [TransportURL]) {
        for url in urls { for connection in idle.removeValue(forKey: url) ?? [] { connection.close() } }
    }

    /// Ends everything; nobody is told.
    package func close() {
        for exchange in running.values { exchange.connection?.close() }
        running.removeAll()
        forget(Array(idle.keys))
    }

    private func takeIdle(_ url: TransportURL) -> Client1Connection? {
        while let connection = idle[url]?.popLast() { if connection.isIdle { return connection } }
        return nil
    }

    private func keep(_ connection: Client1Connection) {
        guard connection.isIdle else { return }
        idle[connection.url, default: []].removeAll { !$0.isIdle }
        if idle[connection.url, default: []].count < PeerHTTPClient.idleMaxPerURL {
            idle[connection.url, default: []].append(connection)
        } else {
            connection.close()
        }
    }

    /// One request until its answer, over as many connections as it takes.
    private final class Exchange: Client1Handler {
        private unowned let client: PeerHTTPClient
        private let request: Client1Request
        private var urls: [TransportURL]
        private let bodyBytesMax: Int
        private let isRepeatable: Bool
        private var done: Done?
        private(set) var connection: Client1Connection?
        private var response: Client1Response?
        private var body = ByteBuffer()

        init(
            _ client: PeerHTTPClient, _ request: Client1Request, _ urls: [TransportURL], bodyBytesMax: Int, isRepeatable: Bool,
            done: @escaping Done
        ) {
            self.client = client
            self.request = request
            self.urls = urls
            self.bodyBytesMax = bodyBytesMax
            self.isRepeatable = isRepeatable
            self.done = done
        }

        func tryNext(_ failure: Client1Failure) {
            guard let url = urls.first else { return end(.failure(failure)) }
            urls.removeFirst()
            let kept = client.takeIdle(url)
            // A kept connection may turn out to have been closed meanwhile: the URL is still worth a fresh one.
            if kept != nil, isRepeatable { urls.insert(url, at: 0) }
            let connection = kept ?? Client1Connection(client.context, url: url)
            self.connection = connection
            response = nil
            body.removeAll()
            connection.begin(request, self)
        }

        private func end(_ result: Result<Response, Client1Failure>) {
            guard let done else { return }
            self.done = nil
            client.running[ObjectIdentifier(self)] = nil
            done(result)
        }

        func responseBegan(_ connection: Client1Connection, _ response: Client1Response) { self.response = response }

        func responseBody(_ connection: Client1Connection, _ bytes: RawSpan) {
            guard body.count + bytes.byteCount <= bodyBytesMax else {
                connection.close()
                return end(.failure(Client1Failure(.malformed, "response of more than \(bodyBytesMax) bytes from \(connection.url.text)")))
            }
            body.append(bytes)
        }

        func responseEnded(_ connection: Client1Connection) {
            client.keep(connection)
            guard let response else { return }
            end(.success(Response(status: response.status, headers: response.headers, body: Bytes(body.freeze()))))
        }

        func failed(_ connection: Client1Connection, _ failure: Client1Failure) {
            // A body that breaks off after a final status: the status says it (an aborted 500, formats.md §7.2).
            if let response, response.status >= 400, failure.kind == .closed {
                return end(.success(Response(status: response.status, headers: response.headers, body: Bytes(body.freeze()))))
            }
            // Even on a connection that was kept and ended without a byte: the request may have been acted on.
            guard failure.kind == .connect || isRepeatable else { return end(.failure(failure)) }
            tryNext(failure)
        }
    }
}
