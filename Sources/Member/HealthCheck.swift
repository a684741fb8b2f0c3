import Base
import CommandLine
import HTTP
import Peer
import Platform

/// `etcd healthcheck`: whether a member is alive, for containers, whose images hold no other program to ask with.
///
/// Liveness only (`/livez`), never quorum: an orchestrator that ends or hides members because they lack a leader would keep them
/// from ever finding one. Without `--endpoint` the member is the one that runs as process 1, found by its own command line.
enum HealthCheck {
    static let help = """
        Usage:
          etcd healthcheck [--endpoint URL]

        Asks a member whether it is alive and exits with 0 if it is, with 1 if not. Without --endpoint it asks the member that
        runs as process 1 of this container.
        """

    /// Returns the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            StandardStreams.outputLine(help)
            return 0
        }
        do throws(UsageError) {
            let url = try endpoint(arguments)
            return ask(url)
        } catch {
            StandardStreams.errorLine(error.message)
            return error.status
        }
    }

    private static func ask(_ url: TransportURL) -> Int32 {
        var request = Client1Request("GET", "/livez")
        request.deadline = .seconds(4)
        switch PeerHTTPClient.sendNow(request, to: [url]) {
        case .failure(let failure):
            StandardStreams.errorLine("\(url.text) does not answer: \(failure.reason)")
            return 1
        case .success(let response):
            let text = String(decoding: response.body.span.array, as: UTF8.self)
            guard response.status == 200 else {
                StandardStreams.errorLine("\(url.text) is not well (HTTP status \(response.status)): \(text)")
                return 1
            }
            StandardStreams.outputLine("\(url.text) is alive")
            return 0
        }
    }

    private static func endpoint(_ arguments: [String]) throws(UsageError) -> TransportURL {
        let flags = FlagSet(
            program: "etcd healthcheck", environmentPrefix: nil,
            [FlagDefinition("endpoint", .urls, "", "General", "The member's client URL.")])
        let settings = try flags.parse(arguments, environment: [])
        if let url = settings.urls("endpoint").first { return url }
        guard let commandLine = try? Files.readStream("/proc/1/cmdline") else {
            throw UsageError("the command line of process 1 cannot be read; name the member with --endpoint=http://127.0.0.1:2379")
        }
        let words = commandLine.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        return try endpoint(ofProcess: words.last == "" ? words.dropLast() : words[...], environment: ProcessEnvironment.all)
    }

    /// Where the member that was started by `words` listens for clients, as seen from its own machine.
    static func endpoint(
        ofProcess words: ArraySlice<String>, environment: [(name: String, value: String)]
    ) throws(UsageError) -> TransportURL {
        guard let program = words.first, program == "etcd" || program.hasSuffix("/etcd") else {
            throw UsageError(
                "process 1 is \"\(words.first ?? "")\", not etcd; name the member with --endpoint=http://127.0.0.1:2379")
        }
        guard case .serve(let flags, _) = try EtcdInvocation(arguments: Array(words.dropFirst()), environment: environment),
            let url = flags.listenClientURLs.first
        else { throw UsageError("process 1 serves no clients; name a member with --endpoint=http://127.0.0.1:2379") }
        guard ["0.0.0.0", "::"].contains(url.host) else { return url }
        let loopback = url.host == "::" ? "[::1]" : "127.0.0.1"
        guard let local = try? TransportURL("\(url.scheme.rawValue)://\(loopback):\(url.port)") else { return url }
        return local
    }
}
