import Base
import CommandLine
import HTTP
import Platform

/// Reads one figure of a server's /metrics.
final class MetricsProbe: Client1Handler {
    private var body = ByteBuffer()
    private var outcome: Result<Void, Client1Failure>?

    /// The value of `metric` at `url`; throws why there is none.
    static func read(_ metric: String, at url: TransportURL) throws(Client1Failure) -> Double {
        let loop: EventLoop
        do throws(SystemError) { loop = try EventLoop() } catch { throw Client1Failure(.connect, error.description) }
        let probe = MetricsProbe()
        let context = Client1Context(loop)
        let connection = Client1Connection(context, url: url)
        var request = Client1Request("GET", "/metrics")
        request.deadline = .seconds(10)
        connection.begin(request, probe)
        while probe.outcome == nil { loop.turn() }
        connection.close()
        if case .failure(let failure)? = probe.outcome { throw failure }
        for line in String(decoding: probe.body.span.array, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, parts[0] == metric, let value = Double(parts[1]) { return value }
        }
        throw Client1Failure(.malformed, "it has no \(metric)")
    }

    func responseBegan(_ connection: Client1Connection, _ response: Client1Response) {
        if response.status != 200 { outcome = .failure(Client1Failure(.malformed, "HTTP status \(response.status)")) }
    }
    func responseBody(_ connection: Client1Connection, _ bytes: RawSpan) { body.append(bytes) }
    func responseEnded(_ connection: Client1Connection) { outcome = outcome ?? .success(()) }
    func failed(_ connection: Client1Connection, _ failure: Client1Failure) { outcome = outcome ?? .failure(failure) }
}
