import Base
import HTTP
import Peer
import Platform
import Raft
import Replica
import TestSupport
import Testing

/// What a member answers to its peers' requests, word for word (http.tsv, formats.md §7.1).
struct PeerServerTests {
    /// The headers of member 1 of the right cluster.
    static let headers: [(name: String, value: String)] = [
        ("X-Server-From", "1"), ("X-Server-Version", "3.5.16"), ("X-Min-Cluster-Version", "3.0.0"), ("X-Etcd-Cluster-ID", "c"),
        ("X-PeerURLs", "http://127.0.0.1:1"), ("X-Raft-To", "2"),
    ]

    static func with(_ name: String, _ value: String?) -> [(name: String, value: String)] {
        headers.filter { $0.name != name } + (value.map { [(name, $0)] } ?? [])
    }

    private struct Case {
        var request: Client1Request
        var status: Int
        var body: String
        /// A field of the response that must be there.
        var field: (name: String, value: String)?
    }

    /// Member 2; knows member 1, and that 9 was removed.
    private func node() throws -> Node {
        let node = try Node(2)
        node.transport.update(
            PeerList(members: [PeerList.Peer(id: MemberID(1), peerURLs: ["http://127.0.0.1:1"])], removed: [MemberID(9)]))
        return node
    }

    private func check(_ cases: [Case], _ node: Node) throws {
        let client = PeerHTTPClient(node.loop)
        let url = try TransportURL(node.url)
        for test in cases {
            var result: Result<PeerHTTPClient.Response, Client1Failure>?
            var request = test.request
            request.deadline = .seconds(60)
            client.send(request, to: [url]) { result = $0 }
            #expect(Node.run(node) { result != nil })
            let response = try #require(try result?.get())
            let what = "\(request.method) \(request.target) \(request.headers)"
            #expect(response.status == test.status && response.body.string == test.body, "\(what): \(response.status) \(response.body.string)")
            if let field = test.field { #expect(response.header(field.name) == field.value, "\(what): \(response.headers)") }
        }
        client.close()
    }

    @Test func `streams are checked in etcd's order and refused in its words`() throws {
        let path = "/raft/stream/message/1"
        func get(_ target: String, _ headers: [(name: String, value: String)] = PeerServerTests.headers) -> Client1Request {
            Client1Request("GET", target, headers: headers)
        }
        try check(
            [
                Case(request: Client1Request("POST", path), status: 405, body: "Method Not Allowed\n", field: ("allow", "GET")),
                Case(request: get(path, []), status: 412, body: "incompatible version\n", field: ("x-server-version", "3.6.0")),
                Case(request: get(path, PeerServerTests.with("X-Server-Version", "2.3.0")), status: 412, body: "incompatible version\n"),
                Case(request: get(path, PeerServerTests.with("X-Min-Cluster-Version", "3.7.0")), status: 412, body: "incompatible version\n"),
                Case(
                    request: get("/raft/stream/nonsense/1", PeerServerTests.with("X-Etcd-Cluster-ID", "d")), status: 412,
                    body: "cluster ID mismatch\n", field: ("x-etcd-cluster-id", "c")),
                Case(request: get("/raft/stream/msgappv2/1"), status: 404, body: "invalid path\n"),
                Case(request: get("/raft/stream/message/xyz"), status: 404, body: "invalid from\n"),
                Case(request: get("/raft/stream/message/9"), status: 410, body: "removed member\n"),
                Case(request: get("/raft/stream/message/5"), status: 404, body: "error sender not found\n"),
                Case(request: get(path, PeerServerTests.with("X-Raft-To", "3")), status: 412, body: "to field mismatch\n"),
                Case(request: get(path, PeerServerTests.with("X-Raft-To", nil)), status: 412, body: "to field mismatch\n"),
            ], try node())
    }

    private func dial(_ node: Node, _ stream: String) throws -> RawSocket {
        let socket = try RawSocket(to: node.listener.address)
        let fields = PeerServerTests.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        socket.send("GET /raft/stream/\(stream)/1 HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
        return socket
    }

    @Test func `a newer dial of a stream takes the place of the older`() throws {
        let node = try node()
        var sockets: [RawSocket] = []
        for _ in 0..<5 {
            let socket = try dial(node, "message")
            sockets.append(socket)
            #expect(
                Node.run([node], also: { for socket in sockets { socket.pump() } }) {
                    socket.text.hasPrefix("HTTP/1.1 200 OK\r\n") && sockets.dropLast().allSatisfy(\.isClosed)
                })
        }
        let other = try dial(node, "msgapp")
        #expect(Node.run([node], also: { other.pump() }) { other.text.hasPrefix("HTTP/1.1 200 OK\r\n") })
        sockets[4].pump()
        #expect(!sockets[4].isClosed && node.transport.streams(to: MemberID(1)) == 2)
        #expect(sockets[4].text.contains("X-Server-Version: 3.6.0\r\n") && sockets[4].text.contains("X-Etcd-Cluster-ID: c\r\n"))
        #expect(sockets[4].text.contains("Transfer-Encoding: chunked\r\n") && !sockets[4].text.contains("Content-Length"))
    }

    @Test func `what goes out on the streams is framed as etcd frames it`() throws {
        let node = try Node(2) { $0.readTimeout = .milliseconds(300) }
        node.transport.update(PeerList(members: [PeerList.Peer(id: MemberID(1), peerURLs: ["http://127.0.0.1:1"])]))
        let message = try dial(node, "message")
        let append = try dial(node, "msgapp")
        func pump() {
            message.pump()
            append.pump()
        }
        func body(_ socket: RawSocket) -> [UInt8] {
            guard let end = socket.text.firstRange(of: "\r\n\r\n") else { return [] }
            return Array(socket.received.dropFirst(socket.text[..<end.upperBound].utf8.count))
        }
        // Heartbeats of the links, each in a chunk of its own.
        let beat: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 18, 8, 8, 16, 0, 24, 0, 32, 0, 40, 0, 48, 0, 64, 0, 80, 0, 88, 0]
        #expect(Node.run([node], also: pump) { body(message).count >= 31 && body(append).count >= 6 })
        #expect(Array(body(message).prefix(beat.count + 6)) == Array("1a\r\n".utf8) + beat + Array("\r\n".utf8))
        #expect(Array(body(append).prefix(6)) == Array("1\r\n\0\r\n".utf8))
    }

    @Test func `raft messages by POST are checked and refused in etcd's words`() throws {
        func post(_ message: Message?, _ headers: [(name: String, value: String)] = PeerServerTests.headers) -> Client1Request {
            let body = message.map { RaftpbCodec.encode($0) } ?? Bytes([0xFF, 0xFF])
            return Client1Request("POST", "/raft", headers: headers, body: .bytes(body))
        }
        let fine = Message(.heartbeat, from: MemberID(1), to: MemberID(2), term: Term(1))
        var removed = fine
        removed.from = MemberID(9)
        var elsewhere = fine
        elsewhere.to = MemberID(3)
        let node = try node()
        try check(
            [
                Case(request: Client1Request("GET", "/raft"), status: 405, body: "Method Not Allowed\n", field: ("allow", "POST")),
                Case(request: post(fine, []), status: 412, body: "incompatible version\n"),
                Case(request: post(fine, PeerServerTests.with("X-Etcd-Cluster-ID", "d")), status: 412, body: "cluster ID mismatch\n"),
                Case(request: post(nil), status: 400, body: "error unmarshalling raft message\n"),
                Case(request: post(removed), status: 500, body: "error processing raft message\n"),
                Case(request: post(elsewhere), status: 500, body: "error processing raft message\n"),
                Case(request: post(fine), status: 204, body: "", field: ("x-etcd-cluster-id", "c")),
            ], node)
        #expect(node.messages == [fine])
    }

    @Test func `snapshots are checked and refused in etcd's words`() throws {
        func post(_ body: [UInt8], _ headers: [(name: String, value: String)] = PeerServerTests.headers) -> Client1Request {
            Client1Request("POST", "/raft/snapshot", headers: headers, body: .bytes(Bytes(body)))
        }
        var other = ByteBuffer()
        MessageStreamCodec.encode(Message(.heartbeat, from: MemberID(1), to: MemberID(2), term: Term(1)), into: &other)
        let node = try node()
        try check(
            [
                Case(request: Client1Request("GET", "/raft/snapshot"), status: 405, body: "Method Not Allowed\n", field: ("allow", "POST")),
                Case(request: post([1], []), status: 412, body: "incompatible version\n"),
                Case(
                    request: post([UInt8](repeating: 0xFF, count: 100)), status: 400,
                    body: "failed to decode raft message (rafthttp: error limit exceeded)\n"),
                Case(request: post(other.span.array + [1, 2, 3]), status: 400, body: "wrong raft message type\n"),
                Case(request: post([0, 0]), status: 400, body: "failed to decode raft message (unexpected EOF)\n"),
            ], node)
        #expect(try Files.list(node.directory.path).isEmpty)
    }

    @Test func `other questions reach the replica or are answered from what is known`() throws {
        let node = try node()
        node.answer = { request in
            switch request.kind {
            case .leaseKeepAlive: .body(Bytes("lease" + request.body.string))
            case .leaseTimeToLive: .status(404, "etcdserver: requested lease not found")
            case .promote: request.body.string == "7" ? .body(Bytes("[]\n")) : .status(500, "etcdserver: no leader")
            case .hashKV: request.body.string == "{}" ? .status(400, "bad") : .body(Bytes("{\"hash\":1}\n"))
            case .downgradeEnabled: .body(Bytes("false"))
            }
        }
        let json = (name: "content-type", value: "application/json")
        func get(_ target: String, _ body: String? = nil) -> Client1Request {
            Client1Request("GET", target, body: body.map { .bytes(Bytes($0)) } ?? .none)
        }
        func post(_ target: String, _ body: String = "") -> Client1Request { Client1Request("POST", target, body: .bytes(Bytes(body))) }
        try check(
            [
                Case(request: get("/version"), status: 200, body: "{\"etcdserver\":\"3.6.0\"}", field: json),
                Case(request: post("/version"), status: 405, body: "Method Not Allowed\n", field: ("allow", "GET")),
                Case(request: get("/members"), status: 200, body: "[]\n", field: ("x-etcd-cluster-id", "c")),
                Case(request: get("/members/hashkv", "{\"revision\":3}"), status: 200, body: "{\"hash\":1}\n", field: json),
                Case(request: get("/members/hashkv", "{}"), status: 400, body: "bad\n"),
                Case(request: get("/downgrade/enabled"), status: 200, body: "false", field: ("content-type", "text/plain")),
                Case(request: post("/leases", "x"), status: 200, body: "leasex", field: ("content-type", "application/protobuf")),
                Case(request: get("/leases"), status: 405, body: "Method not allowed\n"),
                Case(
                    request: post("/leases", String(repeating: "x", count: 65537)), status: 413, body: "request body too large\n"),
                Case(request: post("/leases/internal"), status: 404, body: "etcdserver: requested lease not found\n"),
                Case(request: post("/members/promote/7"), status: 200, body: "[]\n", field: json),
                Case(request: post("/members/promote/8"), status: 500, body: "{\"message\":\"Internal Server Error\"}", field: json),
                Case(request: post("/members/promote/x"), status: 404, body: "member x not found in cluster\n"),
                Case(request: get("/members/promote/7"), status: 405, body: "Method Not Allowed\n", field: ("allow", "POST")),
                Case(request: get("/nothing"), status: 404, body: "404 page not found\n"),
            ], node)
        let wrong = Client1Request("GET", "/members/hashkv", headers: [("X-Etcd-Cluster-ID", "d")], body: .bytes(Bytes("{}")))
        try check([Case(request: wrong, status: 412, body: "cluster ID mismatch\n")], node)
    }

    @Test func `members ask each other, and hear when there is no answer`() throws {
        let (a, b) = try #require(try Node.pair())
        b.answer = { _ in .body(Bytes("yes")) }
        let kinds: [PeerCallKind] = [
            .version, .members, .leaseKeepAlive(Bytes("k")), .leaseTimeToLive(Bytes("t")), .promote(MemberID(3)), .hashKV(revision: 4),
            .downgradeEnabled,
        ]
        for (number, kind) in kinds.enumerated() { a.transport.call(PeerCall(id: UInt64(number), to: b.id, kind: kind)) }
        a.transport.call(PeerCall(id: 100, to: MemberID(77), kind: .version))
        #expect(Node.run(a, b) { a.answers.count == kinds.count + 1 })
        #expect(a.answers[0] == .body(b.versionJSON) && a.answers[1] == .body(b.membersJSON))
        for number in 2..<kinds.count { #expect(a.answers[UInt64(number)] == .body(Bytes("yes"))) }
        #expect(a.answers[100].map { if case .unreachable = $0 { true } else { false } } == true)
        #expect(
            Set(b.requests.map { "\($0.kind) \($0.body.string)" })
                == ["leaseKeepAlive k", "leaseTimeToLive t", "promote 3", "hashKV {\"revision\":4}", "downgradeEnabled "])
        b.answer = { _ in .status(412, "etcdserver: can only promote a learner member") }
        a.transport.call(PeerCall(id: 200, to: b.id, kind: .promote(MemberID(3))))
        #expect(Node.run(a, b) { a.answers[200] != nil })
        #expect(a.answers[200] == .status(412, "etcdserver: can only promote a learner member"))
    }
}
