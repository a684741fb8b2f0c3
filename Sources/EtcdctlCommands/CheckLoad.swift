import Base
import Client
import CommandLine
import HTTP
import Platform
import Wire

/// Writes keys from many clients at once, as fast as a rate allows, and keeps the times that they took.
final class CheckLoad {
    private let client: EtcdClient
    private let prefix: String
    private let valueBytes: Int
    private let clients: Int
    private(set) var done = 0
    private(set) var running = 0
    private(set) var seconds: [Double] = []
    private(set) var errors: [String] = []

    init(_ client: EtcdClient, prefix: String, valueBytes: Int, clients: Int) {
        self.client = client
        self.prefix = prefix
        self.valueBytes = valueBytes
        self.clients = clients
    }

    var hasRoom: Bool { running < clients }

    func put() {
        running += 1
        let begun = Clock.now
        let request = Etcdserverpb.PutRequest.with {
            $0.key = Array(prefix.utf8) + Entropy.bytes(8)
            $0.value = [UInt8](repeating: 0, count: valueBytes)
        }
        client.channel.unary(.put, request.encoded(), deadline: Clock.now + .seconds(30)) { [self] outcome in
            running -= 1
            done += 1
            switch outcome {
            case .success: seconds.append((Clock.now - begun).seconds)
            case .failure(let status): errors.append(ClientError(status: status).description)
            }
        }
    }
}

/// What `check` commands have in common.
enum CheckSteps {
    static func refuseUsedPrefix(_ prefix: String, _ client: EtcdClient) throws(ExitError) {
        var options = GetOptions()
        options.limit = 1
        let found = try attempt { () throws(ClientError) in try client.get(.prefix(Array(prefix.utf8)), options) }
        guard found.keyValues.isEmpty else {
            throw .input("prefix \(GoText.quote(prefix)) has keys. Delete with 'etcdctl del --prefix \(prefix)' first")
        }
    }

    /// Deletes the keys, then compacts and defragments if that is wanted.
    static func cleanUp(_ prefix: String, _ session: Session, _ client: EtcdClient) throws(ExitError) {
        let deleted = try attempt { () throws(ClientError) in try client.delete(.prefix(Array(prefix.utf8))) }
        if session.bool("auto-compact") {
            let revision = deleted.header.revision
            Terminal.print("Compacting with revision \(revision)\n")
            try attempt { () throws(ClientError) in try client.compact(revision, physical: true) }
            Terminal.print("Compacted with revision \(revision)\n")
        }
        if session.bool("auto-defrag") {
            for endpoint in session.endpoints {
                Terminal.print("Defragmenting \(GoText.quote(endpoint.text))\n")
                try attempt { () throws(ClientError) in try client.defragment(endpoint) }
                Terminal.print("Defragmented \(GoText.quote(endpoint.text))\n")
            }
        }
    }
}
