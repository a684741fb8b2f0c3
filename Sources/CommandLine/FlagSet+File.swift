import Base
import Platform

/// Settings from a configuration file, in YAML or JSON (which YAML contains), under etcd's keys.
///
/// A key is a flag's name, or lies in one of etcd's groups (`client-transport-security: {cert-file: …}`). Where a file is given
/// it alone counts: flags and environment variables beside it are ignored with a warning each, as in etcd. A key that is not
/// known is ignored with a warning, as etcd ignores it silently; a value that is none is an error.
extension FlagSet {
    func parse(file path: String, beside others: FlagSettings) throws(UsageError) -> FlagSettings {
        let bytes: Bytes
        do throws(FileError) { bytes = try Files.read(path, bytesMax: 1 << 20) } catch {
            throw UsageError("the configuration file cannot be read: \(error)")
        }
        let document: YAMLNode
        do throws(YAMLError) { document = try YAMLParser.parse(bytes.span.array) } catch {
            throw UsageError("the configuration file \(path) cannot be read: \(error)")
        }
        var settings = makeSettings()
        settings.warnings = others.warnings
        for name in others.settings.keys.sorted() where name != "config-file" {
            settings.warnings.append("\(others.describe(name)) is ignored: --config-file is given, and then only the file counts")
        }
        if document.isNull { return settings }
        guard case .mapping(let pairs) = document.content else {
            throw UsageError("the configuration file \(path) holds no keys: \"name: value\" lines are expected")
        }
        for pair in pairs { try set(pair, path, into: &settings) }
        try refuseUnsupported(settings)
        return settings
    }

    private func set(_ pair: YAMLNode.Pair, _ path: String, into settings: inout FlagSettings) throws(UsageError) {
        if Self.groups.contains(pair.key) {
            if pair.value.isNull { return }
            guard case .mapping(let inner) = pair.value.content else { throw bad(pair.key, path, pair.line, "expected keys below it") }
            for inner in inner { try setGrouped(inner, in: pair.key, path, into: &settings) }
            return
        }
        try set(pair.key, flag: Self.fileKeys[pair.key] ?? pair.key, pair, path, into: &settings)
    }

    private func setGrouped(
        _ pair: YAMLNode.Pair, in group: String, _ path: String, into settings: inout FlagSettings
    ) throws(UsageError) {
        let key = "\(group).\(pair.key)"
        if case .mapping(let inner) = pair.value.content {
            for inner in inner { try setGrouped(inner, in: key, path, into: &settings) }
        } else {
            try set(key, flag: Self.fileKeys[key] ?? key, pair, path, into: &settings)
        }
    }

    private func set(
        _ key: String, flag: String, _ pair: YAMLNode.Pair, _ path: String, into settings: inout FlagSettings
    ) throws(UsageError) {
        guard let definition = definition(of: flag), !["version", "config-file"].contains(flag) else {
            let known = definitions.map(\.name) + Self.groups + Self.fileKeys.keys
            let nearest = EditDistance.nearest(to: key, among: known).map { "; did you mean \($0)?" } ?? ""
            settings.warnings.append("\(path), line \(pair.line): unknown key \(key) is ignored\(nearest)")
            return
        }
        // Null, or nothing after the colon: as if the key were not there.
        if pair.value.isNull { return }
        let text = try self.text(of: pair.value, definition, key, path)
        try set(definition, text, .file(path, line: pair.line), in: &settings)
    }

    /// The value as it would stand on the command line.
    private func text(
        of value: YAMLNode, _ definition: FlagDefinition, _ key: String, _ path: String
    ) throws(UsageError) -> String {
        switch value.content {
        case .scalar(let text, _):
            // etcd's durations are whole nanoseconds here; texts such as 5s are taken too.
            if definition.kind == .duration, Int64(text) != nil { return text + "ns" }
            return text
        case .sequence(let items):
            guard definition.kind == .strings || definition.kind == .urls else {
                throw bad(key, path, value.line, "one value is expected, not a list")
            }
            var texts: [String] = []
            for item in items {
                guard case .scalar(let text, _) = item.content else { throw bad(key, path, item.line, "a list of texts is expected") }
                texts.append(text)
            }
            return texts.joined(separator: ",")
        case .mapping(let pairs):
            // feature-gates may be written as a map.
            guard definition.kind == .strings else { throw bad(key, path, value.line, "one value is expected, not further keys") }
            var texts: [String] = []
            for pair in pairs {
                guard case .scalar(let text, _) = pair.value.content else { throw bad(key, path, pair.line, "a text is expected") }
                texts.append("\(pair.key)=\(text)")
            }
            return texts.joined(separator: ",")
        }
    }

    private func bad(_ key: String, _ path: String, _ line: Int, _ expected: String) -> UsageError {
        UsageError("\(path), line \(line): \(key): \(expected)")
    }

    /// Keys with further keys below them (flags-etcd.tsv, yaml_key).
    private static let groups = ["client-transport-security", "peer-transport-security", "socket-options", "discovery-config"]

    /// Where a key is not the flag's name.
    private static let fileKeys: [String: String] = {
        var keys = [
            "socket-options.reuse-port": "socket-reuse-port", "socket-options.reuse-address": "socket-reuse-address",
            // 3.5's spelling (pitfall 13).
            "experimental-snapshot-catch-up-entries": "experimental-snapshot-catchup-entries",
            "discovery-config.token": "discovery-token", "discovery-config.client.endpoints": "discovery-endpoints",
            "discovery-config.client.dial-timeout": "discovery-dial-timeout",
            "discovery-config.client.request-timeout": "discovery-request-timeout",
            "discovery-config.client.keepalive-time": "discovery-keepalive-time",
            "discovery-config.client.keepalive-timeout": "discovery-keepalive-timeout",
            "discovery-config.client.auth.username": "discovery-user", "discovery-config.client.auth.password": "discovery-password",
            "discovery-config.client.secure.cert": "discovery-cert", "discovery-config.client.secure.key": "discovery-key",
            "discovery-config.client.secure.cacert": "discovery-cacert",
            "discovery-config.client.secure.insecure-transport": "discovery-insecure-transport",
            "discovery-config.client.secure.insecure-skip-tls-verify": "discovery-insecure-skip-tls-verify",
            "client-transport-security.allowed-hostname": "client-cert-allowed-hostname",
            "client-transport-security.client-cert-auth": "client-cert-auth", "client-transport-security.auto-tls": "auto-tls",
            "peer-transport-security.client-cert-auth": "peer-client-cert-auth", "peer-transport-security.auto-tls": "peer-auto-tls",
            "peer-transport-security.allowed-cn": "peer-cert-allowed-cn",
            "peer-transport-security.allowed-hostname": "peer-cert-allowed-hostname",
            "peer-transport-security.skip-client-san-verification": "peer-skip-client-san-verification",
        ]
        for name in ["cert-file", "key-file", "client-cert-file", "client-key-file", "trusted-ca-file"] {
            keys["client-transport-security.\(name)"] = name
            keys["peer-transport-security.\(name)"] = "peer-\(name)"
        }
        return keys
    }()
}
