import Base
import Client
import CommandLine
import HTTP
import Platform
import Wire

/// What one run of a command works with: its arguments and flags, the environment, the output's format, the client.
///
/// The client is made when it is first asked for, because mistakes in the arguments are told before those in the environment.
final class Session {
    private(set) var invocation: Invocation
    private(set) var output = Output(format: .simple, isHex: false)
    private var made: EtcdClient?
    /// Log lines of the client on standard error.
    let logger: Logger

    /// Names of flags that the command has from the one above it, besides the global ones.
    private let inherited: [String]

    /// Environment variables that are the command's own.
    private let variables: [String]

    init(_ invocation: Invocation, inherited: [String] = [], variables: [String] = []) {
        self.invocation = invocation
        self.inherited = inherited
        self.variables = variables
        logger = Logger(level: invocation.bool("debug") ? .debug : .info, format: .json, outputs: [.standardError])
    }

    var arguments: [String] { invocation.arguments }
    func bool(_ name: String) -> Bool { invocation.bool(name) }
    func text(_ name: String) -> String { invocation.text(name) }
    func int(_ name: String) -> Int64 { invocation.int(name) }

    // MARK: The client

    /// The client of the endpoints that the flags or the environment name. Calls may take the command's time-out.
    func client(logName: String = "etcd-client") throws(ExitError) -> EtcdClient {
        if let made { return made }
        try readEnvironment()
        if bool("debug") { printSettings() }
        try chooseOutput()
        var configuration = ClientConfiguration(endpoints: endpoints)
        configuration.dialTimeout = invocation.seconds("dial-timeout")
        configuration.keepaliveTime = invocation.seconds("keepalive-time")
        configuration.keepaliveTimeout = invocation.seconds("keepalive-timeout")
        if !text("auth-jwt-token").isEmpty { configuration.token = text("auth-jwt-token") }
        try refuseUnsupported()
        do throws(ClientError) {
            let client = try EtcdClient(configuration)
            client.timeout = commandTimeout
            logAttempts(of: client, logName)
            made = client
            try authenticate(client)
            return client
        } catch {
            throw ExitError(ExitError.Status.badConnection, error.description)
        }
    }

    var commandTimeout: Double { invocation.seconds("command-timeout") }
    var endpoints: [Endpoint] { invocation.list("endpoints").map { Endpoint($0) } }

    /// A connection that asks for encryption must not be made in the clear.
    private func refuseUnsupported() throws(ExitError) {
        for flag in ["cert", "key", "cacert"] where !text(flag).isEmpty {
            throw ExitError(ExitError.Status.badFeature, "--\(flag): TLS is not supported yet by this build of etcdctl; leave it out")
        }
        guard bool("insecure-transport") else {
            throw ExitError(
                ExitError.Status.badFeature, "--insecure-transport=false: TLS is not supported yet by this build of etcdctl; leave it out")
        }
        if let endpoint = endpoints.first(where: \.isTLS) {
            throw ExitError(
                ExitError.Status.badFeature, "endpoint \(endpoint): TLS is not supported yet by this build of etcdctl; use http://")
        }
        if !text("discovery-srv").isEmpty {
            throw ExitError(
                ExitError.Status.badFeature, "--discovery-srv is not supported yet by this build of etcdctl; give --endpoints")
        }
    }

    private func logAttempts(of client: EtcdClient, _ name: String) {
        let logger = logger
        client.channel.onConnection = { endpoint, what in
            logger.debug("connection", ["logger": .string(name), "endpoint": .string(endpoint.text), "what": .string(what)])
        }
        let first = endpoints.first.map(\.target) ?? ""
        client.channel.onAttemptFailed = { attempt, status in
            logger.warn(
                "retrying of unary invoker failed",
                [
                    "logger": .string(name), "target": .string("etcd-endpoints://\(first)"), "attempt": .int(attempt),
                    "error": .string("rpc error: code = \(GRPCCode.name(status.code)) desc = \(status.message)"),
                ])
        }
    }

    /// As etcd's client: without a name or a password nobody signs in, and with authentication switched off on the server, going on
    /// without is right.
    private func authenticate(_ client: EtcdClient) throws(ClientError) {
        guard !text("user").isEmpty else { return }
        let parts = text("user").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var password = text("password")
        if password.isEmpty { password = parts.count == 2 ? parts[1] : Terminal.askPassword() }
        guard !parts[0].isEmpty, !password.isEmpty else { return }
        do throws(ClientError) { try client.authenticate(user: parts[0], password: password) } catch {
            guard error.known == .authNotEnabled else { throw error }
        }
    }

    // MARK: Environment and format

    /// Every inherited flag may come from ETCDCTL_ and its name; both given is a mistake.
    private func readEnvironment() throws(ExitError) {
        let shared = EtcdctlProgram.globalFlags.map(\.name) + inherited
        let known = Dictionary(shared.map { (Session.variable($0), $0) }, uniquingKeysWith: { first, _ in first })
        let ignored = Set(variables + ["ETCDCTL_API"])
        for (variable, value) in ProcessEnvironment.all where variable.hasPrefix("ETCDCTL_") && !ignored.contains(variable) {
            if let flag = known[variable], invocation.isGiven(flag) {
                logger.fatal(
                    "conflicting environment variable is shadowed by corresponding command-line flag "
                        + "(either unset environment variable or disable flag))",
                    ["environment-variable": .string(variable)])
            }
            // An empty one sets nothing.
            guard let flag = known[variable], !value.isEmpty else {
                logger.warn("unrecognized environment variable", ["environment-variable": .string("\(variable)=\(value)")])
                continue
            }
            if let fault = invocation.supply(flag, value) {
                let text = GoText.quote(value)
                throw ExitError(
                    ExitError.Status.error, "invalid value \(text) for \(variable): invalid argument \(text) for \"--\(flag)\" flag: \(fault)")
            }
        }
    }

    /// With --debug: every flag that could come from the environment, as it is set; less passwords.
    private func printSettings() {
        let shown = EtcdctlProgram.globalFlags.filter { !$0.isHidden }.map(\.name) + inherited
        for name in shown.sorted() {
            var value = invocation.printed(name)
            if name == "password", !value.isEmpty { value = "<hidden>" }
            if name == "user", let colon = value.firstIndex(of: ":") { value = value[...colon] + "<hidden>" }
            Terminal.error("\(Session.variable(name))=\(value)\n")
        }
    }

    private static func variable(_ flag: String) -> String { "ETCDCTL_" + flag.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }

    private func chooseOutput() throws(ExitError) {
        guard let format = OutputFormat(rawValue: text("write-out")) else { throw .feature("unsupported output format") }
        output = Output(format: format, isHex: bool("hex"))
    }
}

extension ClientError {
    /// The error as the end of the tool.
    var exit: ExitError { ExitError(ExitError.Status.error, description) }
}

/// Calls that end the tool when they fail, with `explain` around the error's text.
func attempt<R>(_ explain: (String) -> String = { $0 }, _ body: () throws(ClientError) -> R) throws(ExitError) -> R {
    do throws(ClientError) { return try body() } catch { throw ExitError(ExitError.Status.error, explain(error.description)) }
}
