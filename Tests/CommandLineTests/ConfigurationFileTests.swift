import Base
import CommandLine
import Glibc
import Testing

/// Writes `text` into a file of its own, which the caller removes.
private func file(_ text: String) -> String {
    var template = Array("/tmp/etcd-configuration-XXXXXX".utf8CString)
    let descriptor = unsafe template.withUnsafeMutableBufferPointer { unsafe mkstemp($0.baseAddress!) }
    precondition(descriptor >= 0)
    let bytes = Array(text.utf8)
    let written = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    precondition(written == bytes.count)
    close(descriptor)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private struct Loaded {
    var configuration: EtcdConfiguration
    var warnings: [String]
}

private func load(_ text: String, _ arguments: [String] = [], environment: [(name: String, value: String)] = []) throws -> Loaded {
    let path = file(text)
    defer { unsafe unlink(path) }
    guard
        case .serve(let configuration, let warnings) = try EtcdInvocation(
            arguments: ["--config-file", path] + arguments, environment: environment)
    else { preconditionFailure("not a call to serve") }
    let nameless = warnings.map { $0.split(separator: path, omittingEmptySubsequences: false).joined(separator: "FILE") }
    return Loaded(configuration: configuration, warnings: nameless)
}

private func refusal(_ text: String) -> String? {
    let path = file(text)
    defer { unsafe unlink(path) }
    do throws(UsageError) { _ = try EtcdInvocation(arguments: ["--config-file=\(path)"], environment: []) } catch {
        return error.message.split(separator: path, omittingEmptySubsequences: false).joined(separator: "FILE")
    }
    return nil
}

@Suite struct ConfigurationFileTests {
    @Test func `a file sets what flags set`() throws {
        let loaded = try load(
            """
            # A member as etcd's sample file has it.
            name: 's1'
            data-dir: /data
            snapshot-count: 5000
            heartbeat-interval: 200
            election-timeout: 2000
            quota-backend-bytes: 0
            listen-client-urls: http://localhost:12379
            advertise-client-urls: http://localhost:12379,http://127.0.0.1:12380
            backend-batch-interval: 50000000
            watch-progress-notify-interval: 5s
            pre-vote: false
            strict-reconfig-check: true
            cors:
            log-outputs: [stderr]
            socket-options:
              reuse-port: true
            """)
        #expect(loaded.configuration.name == "s1")
        #expect(loaded.configuration.dataDirectory == "/data")
        #expect(loaded.configuration.snapshotCount == 5000)
        #expect(loaded.configuration.heartbeatInterval == .milliseconds(200))
        #expect(loaded.configuration.electionTimeout == .milliseconds(2000))
        #expect(loaded.configuration.advertiseClientURLs.count == 2)
        #expect(loaded.configuration.backendBatchInterval == .milliseconds(50))
        #expect(loaded.configuration.watchProgressNotifyInterval == .seconds(5))
        #expect(!loaded.configuration.preVote)
        #expect(loaded.configuration.log.outputs == ["stderr"])
        #expect(loaded.configuration.socketReusePort)
        #expect(loaded.warnings.isEmpty)
    }

    @Test func `JSON is taken too`() throws {
        let loaded = try load(#"{"name": "j", "snapshot-count": 7, "log-outputs": ["stdout"]}"#)
        #expect(loaded.configuration.name == "j" && loaded.configuration.snapshotCount == 7)
    }

    @Test func `beside a file nothing else counts, and each thing ignored is named`() throws {
        let loaded = try load("name: a", ["--name", "b", "--snapshot-count=9"], environment: [(name: "ETCD_MAX_WALS", value: "3")])
        #expect(loaded.configuration.name == "a" && loaded.configuration.snapshotCount == 10_000 && loaded.configuration.maxWALs == 5)
        let ignored = loaded.warnings.filter { $0.contains("is ignored") }
        #expect(ignored.count == 3 && ignored.contains { $0.contains("ETCD_MAX_WALS") })
    }

    @Test func `the file may come from the environment`() throws {
        let path = file("name: e")
        defer { unsafe unlink(path) }
        guard case .serve(let configuration, _) = try EtcdInvocation(arguments: [], environment: [(name: "ETCD_CONFIG_FILE", value: path)]) else {
            preconditionFailure("not a call to serve")
        }
        #expect(configuration.name == "e")
    }

    @Test func `an empty file is all defaults`() throws {
        #expect(try load("").configuration.name == "default")
        #expect(try load("# nothing\n---\n").configuration.name == "default")
    }

    @Test func `an unknown key is ignored with a warning that suggests the nearest`() throws {
        let loaded = try load("name: a\nsnapshot-cuont: 5\n")
        #expect(loaded.configuration.snapshotCount == 10_000)
        #expect(loaded.warnings == ["FILE, line 2: unknown key snapshot-cuont is ignored; did you mean snapshot-count?"])
    }

    @Test(arguments: [
        ("name: a\nsnapshot-count: many\n", "invalid value \"many\" for snapshot-count (FILE, line 2): expected a whole number that is not negative"),
        ("listen-client-urls: localhost:2379", "(FILE, line 1)"),
        ("name: [a, b]", "FILE, line 1: name: one value is expected, not a list"),
        ("name: a\nname: b\n", "the configuration file FILE cannot be read: line 2: \"name\" is given already on line 1"),
        ("name: a\n- b\n", "the configuration file FILE cannot be read: line 2:"),
        ("a: &x 1\nname: *x\n", "line 2: aliases are not supported in a configuration; write the value out"),
        ("- a\n", "holds no keys"),
        ("socket-options: 3\n", "FILE, line 1: socket-options: expected keys below it"),
        ("client-transport-security:\n  cert-file: x.pem\n", "TLS is not supported yet by this build of etcd"),
        ("name: \"\\xff\\xfe", "the configuration file FILE cannot be read"),
    ])
    func `a file that cannot be followed is refused with the place`(_ text: String, _ expected: String) throws {
        let message = try #require(refusal(text))
        #expect(message.contains(expected), "\(message)")
    }

    @Test func `a file that is not there is named`() {
        var message = ""
        do throws(UsageError) {
            _ = try EtcdInvocation(arguments: ["--config-file=/nowhere/etcd.yaml"], environment: [])
        } catch {
            message = error.message
        }
        #expect(message.contains("/nowhere/etcd.yaml") && message.contains("No such file"))
    }

    @Test func `nesting without end is refused`() {
        #expect(refusal(String(repeating: "[", count: 5000))?.contains("cannot be read") == true)
        #expect(refusal("name: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40))?.contains("nested more than") == true)
    }
}
