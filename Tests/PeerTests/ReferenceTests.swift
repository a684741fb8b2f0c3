import Base
import CSystem
import Foundation
import HTTP
import Peer
import Platform
import Raft
import Replica
import TestSupport
import Testing

/// A real etcd as the other side: it leads, and ours is a learner that reads its streams and answers.
@Suite(.enabled(if: Reference.isInstalled, "needs .build/reference/bin/etcd (make reference) or ETCD_REFERENCE"))
struct ReferenceTests {
    @Test func `a real leader's streams are read, and it hears our answers`() throws {
        let leader = try Reference()
        defer { leader.stop() }
        #expect(leader.wait())
        // A place for ours to listen, before its id is known.
        let address = try Listener(.loopback(port: 0)).address
        let added = try leader.addLearner("http://\(address)")
        let ours = try Node(added.member, address: address, cluster: ClusterID(added.cluster), version: "3.5.16") {
            // Its reader gives up a link that is silent for five seconds.
            $0.readTimeout = .seconds(5)
        }
        let leaderID = MemberID(added.leader)
        ours.transport.update(PeerList(members: [PeerList.Peer(id: leaderID, peerURLs: [leader.peerURL])]))
        let follower = Follower(ours, leaderID)
        #expect(Node.run([ours], also: follower.answer) { ours.transport.streams(to: leaderID) == 2 && ours.active.contains(leaderID) })

        for number in 0..<40 {
            let put = try leader.start(
                "etcdctl",
                ["--command-timeout", "60s", "--endpoints", leader.clientURL, "put", "key\(number)", String(repeating: "v", count: number * 50)])
            #expect(Node.run([ours], also: follower.answer) { !put.isRunning })
            #expect(put.terminationStatus == 0)
        }
        #expect(Node.run([ours], also: follower.answer) { follower.entries.count >= 40 && follower.commit >= follower.lastIndex })
        // The log is whole: each entry follows the one before, and each put is in it.
        #expect(zip(follower.entries, follower.entries.dropFirst()).allSatisfy { $0.index.next == $1.index })
        for number in 0..<40 {
            let key = "key\(number)"
            #expect(follower.entries.contains { String(decoding: $0.data.array, as: UTF8.self).contains(key) })
        }
        // It was heard: the leader knows how far this learner is, and lets it be promoted.
        let promote = try leader.start(
            "etcdctl", ["--command-timeout", "60s", "--endpoints", leader.clientURL, "member", "promote", String(added.member, radix: 16)])
        #expect(Node.run([ours], also: follower.answer) { !promote.isRunning })
        #expect(promote.terminationStatus == 0)
    }

    @Test func `a real member answers our questions`() throws {
        let leader = try Reference()
        defer { leader.stop() }
        #expect(leader.wait())
        let url = try TransportURL(leader.peerURL)
        let version = try PeerHTTPClient.sendNow(Client1Request("GET", "/version"), to: [url]).get()
        #expect(version.status == 200 && version.body.string.contains("\"etcdserver\":\"3.5"))
        let members = try PeerHTTPClient.sendNow(Client1Request("GET", "/members"), to: [url]).get()
        #expect(members.status == 200 && members.body.string.contains(leader.peerURL))
        #expect(members.header("x-etcd-cluster-id") != nil)
        let hash = Client1Request("GET", "/members/hashkv", body: .bytes(Bytes("{\"revision\":0}")))
        #expect(try PeerHTTPClient.sendNow(hash, to: [url]).get().body.string.contains("\"hash\":"))
    }
}

/// Acknowledges whatever a leader sends, as a follower with all of its log would.
private final class Follower {
    let node: Node
    let leader: MemberID
    var entries: [Entry] = []
    var commit = LogIndex.zero
    var lastIndex: LogIndex { entries.last?.index ?? .zero }

    init(_ node: Node, _ leader: MemberID) {
        self.node = node
        self.leader = leader
    }

    func answer() {
        let messages = node.messages
        node.messages.removeAll()
        for message in messages {
            switch message.kind {
            case .append:
                for entry in message.entries where entry.index > lastIndex { entries.append(entry) }
                commit = max(commit, message.commit)
                let last = message.entries.last?.index ?? message.index
                node.transport.send(Message(.appendResponse, from: node.id, to: leader, term: message.term, index: last))
            case .heartbeat:
                commit = max(commit, message.commit)
                node.transport.send(
                    Message(.heartbeatResponse, from: node.id, to: leader, term: message.term, context: message.context))
            default: break
            }
        }
    }
}

/// One real etcd member, and its command-line client.
private final class Reference {
    static var directory: String {
        if let path = ProcessInfo.processInfo.environment["ETCD_REFERENCE"] { return path }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return root.appending(path: ".build/reference/bin").path()
    }

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: directory + "/etcd") }

    let clientURL: String
    let peerURL: String
    private let data: TemporaryDirectory
    private var process: Process?

    init() throws {
        clientURL = "http://\(try Listener(.loopback(port: 0)).address)"
        peerURL = "http://\(try Listener(.loopback(port: 0)).address)"
        data = try TemporaryDirectory()
        process = try start(
            "etcd",
            [
                "--name", "a", "--data-dir", data.path + "/data", "--listen-client-urls", clientURL, "--advertise-client-urls", clientURL,
                "--listen-peer-urls", peerURL, "--initial-advertise-peer-urls", peerURL, "--initial-cluster", "a=\(peerURL)",
                "--log-level", "error",
            ])
    }

    func start(_ program: String, _ arguments: [String], output: Pipe? = nil) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: Reference.directory + "/" + program)
        process.arguments = arguments
        process.environment = ["ETCDCTL_API": "3", "PATH": "/usr/bin:/bin"]
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Until it serves.
    func wait() -> Bool {
        let limit = Clock.now + .seconds(60)
        while Clock.now < limit {
            if let probe = try? start("etcdctl", ["--endpoints", clientURL, "put", "started", "yes"]) {
                probe.waitUntilExit()
                if probe.terminationStatus == 0 { return true }
            }
        }
        return false
    }

    func addLearner(_ url: String) throws -> (member: UInt64, cluster: UInt64, leader: UInt64) {
        struct Answer: Decodable {
            struct Header: Decodable {
                var cluster_id: UInt64
                var member_id: UInt64
            }
            struct Member: Decodable { var ID: UInt64 }
            var header: Header
            var member: Member
        }
        let pipe = Pipe()
        let arguments = ["--command-timeout", "60s", "--endpoints", clientURL, "member", "add", "b", "--learner", "--peer-urls", url, "-w", "json"]
        let process = try start("etcdctl", arguments, output: pipe)
        let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let answer = try JSONDecoder().decode(Answer.self, from: text)
        return (answer.member.ID, answer.header.cluster_id, answer.header.member_id)
    }

    func stop() {
        process?.terminate()
        process?.waitUntilExit()
    }
}
