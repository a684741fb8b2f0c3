/// Flags of features that this build does not have. They are known, so that a default written out is accepted and anything
/// else is refused with the name of the feature, instead of being taken for a typing error.
extension EtcdFlags {
    static let unsupported: [FlagDefinition] =
        flags(
            of: "TLS",
            [
                ("auto-tls", .bool, "false"), ("cert-file", .string, ""), ("cipher-suites", .strings, ""),
                ("client-cert-allowed-hostname", .strings, ""), ("client-cert-auth", .bool, "false"), ("client-cert-file", .string, ""),
                ("client-crl-file", .string, ""), ("client-key-file", .string, ""), ("key-file", .string, ""),
                ("peer-auto-tls", .bool, "false"), ("peer-cert-allowed-cn", .strings, ""), ("peer-cert-allowed-hostname", .strings, ""),
                ("peer-cert-file", .string, ""), ("peer-client-cert-auth", .bool, "false"), ("peer-client-cert-file", .string, ""),
                ("peer-client-key-file", .string, ""), ("peer-crl-file", .string, ""), ("peer-key-file", .string, ""),
                ("peer-skip-client-san-verification", .bool, "false"), ("experimental-peer-skip-client-san-verification", .bool, "false"),
                ("peer-trusted-ca-file", .string, ""), ("self-signed-cert-validity", .uint, "1"), ("tls-max-version", .string, ""),
                ("tls-min-version", .string, "TLS1.2"), ("trusted-ca-file", .string, ""),
            ])
        + flags(
            of: "discovery",
            [
                ("discovery", .string, ""), ("discovery-cacert", .string, ""), ("discovery-cert", .string, ""),
                ("discovery-dial-timeout", .duration, "2s"), ("discovery-endpoints", .strings, ""),
                ("discovery-fallback", .oneOf(["exit", "proxy"]), "exit"), ("discovery-insecure-skip-tls-verify", .bool, "false"),
                ("discovery-insecure-transport", .bool, "true"), ("discovery-keepalive-time", .duration, "2s"),
                ("discovery-keepalive-timeout", .duration, "6s"), ("discovery-key", .string, ""), ("discovery-password", .string, ""),
                ("discovery-proxy", .string, ""), ("discovery-request-timeout", .duration, "5s"), ("discovery-srv", .string, ""),
                ("discovery-srv-name", .string, ""), ("discovery-token", .string, ""), ("discovery-user", .string, ""),
            ])
        + flags(
            of: "authentication",
            [
                ("auth-token", .string, "simple"), ("auth-token-ttl", .uint, "300"), ("bcrypt-cost", .uint, "10"),
            ])
        + flags(
            of: "the v2 proxy",
            [
                ("proxy", .oneOf(["off", "readonly", "on"]), "off"), ("proxy-dial-timeout", .uint, "1000"), ("proxy-failure-wait", .uint, "5000"),
                ("proxy-read-timeout", .uint, "0"), ("proxy-refresh-interval", .uint, "30000"), ("proxy-write-timeout", .uint, "5000"),
            ])
        + flags(
            of: "the v2 API",
            [
                ("enable-v2", .bool, "false"), ("experimental-enable-v2v3", .string, ""),
                ("v2-deprecation", .oneOf(["not-yet", "write-only", "write-only-skip-check", "write-only-drop-data", "gone"]), "write-only"),
            ])
        + flags(of: "distributed tracing", tracing.map { ($0.name, $0.kind, $0.value) })
        + flags(of: "distributed tracing", tracing.map { ("experimental-" + $0.name, $0.kind, $0.value) })
        + flags(of: "stopping the gRPC service while defragmenting", [("experimental-stop-grpc-service-on-defrag", .bool, "false")])
        + flags(of: "3.4's compatibility with the next release", [("next-cluster-version-compatible", .bool, "false")])
        + flags(of: "a separate HTTP listener", [("listen-client-http-urls", .urls, "")])
        + flags(
            of: "log rotation",
            [
                ("enable-log-rotation", .bool, "false"),
                (
                    "log-rotation-config-json", .string,
                    #"{"maxsize": 100, "maxage": 0, "maxbackups": 0, "localtime": false, "compress": false}"#
                ),
            ])

    private static let tracing: [(name: String, kind: FlagDefinition.Kind, value: String)] = [
        ("enable-distributed-tracing", .bool, "false"), ("distributed-tracing-address", .string, "localhost:4317"),
        ("distributed-tracing-instance-id", .string, ""), ("distributed-tracing-sampling-rate", .int, "0"),
        ("distributed-tracing-service-name", .string, "etcd"),
    ]

    private static func flags(of feature: String, _ flags: [(String, FlagDefinition.Kind, String)]) -> [FlagDefinition] {
        flags.map { name, kind, value in
            FlagDefinition(name, kind, value, "Not supported yet", "", support: .unsupported(feature: feature))
        }
    }
}
