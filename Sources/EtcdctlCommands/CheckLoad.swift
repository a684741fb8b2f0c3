import Base
import Client
import CommandLine
import HTTP
import Platform
import Wire

/// Writes keys from many clients at once and keeps the times that they took.
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

    /// Prints the errors, each kind with how often it came.
    func printErrors() {
        for (text, count) in Dictionary(grouping: errors, by: { $0 }).mapValues(\.count).sorted(by: { $0.key < $1.key }) {
            Terminal.print("FAIL: ERROR(\(text)) -> \(count)\n")
        }
    }
}
