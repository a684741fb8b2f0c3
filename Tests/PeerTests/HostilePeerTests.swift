import Base
import Peer
import Platform
import Raft
import Replica
import TestSupport
import Testing

/// Peers that send what no member would: nothing traps, nothing grows, and the next dial finds everything as it was.
struct HostilePeerTests {
    /// Member 1 dials the test's listener as if it were member 2, and is answered with `answer`, as often as it dials, until
    /// `condition` holds.
    private func run(answer: [UInt8], closing: Bool = true, until condition: (Node, Int) -> Bool) throws -> Bool {
        let listener = try Listener(.loopback(port: 0))
        let node = try Node(1) { $0.readTimeout = .milliseconds(300) }
        node.transport.update(PeerList(members: [PeerList.Peer(id: MemberID(2), peerURLs: ["http://\(listener.address)"])]))
        var open: [RawSocket] = []
        var dials = 0
        return Node.run([node]) {
            while let socket = RawSocket.accept(listener) {
                open.append(socket)
                dials += 1
                socket.send(answer)
            }
            for socket in open { socket.pump() }
            if closing { open.removeAll { $0.text.hasSuffix("\r\n\r\n") } }
            return condition(node, dials)
        }
    }

    private func stream(_ body: [UInt8]) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\nX-Server-Version: 3.5.16\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            + Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n".utf8)
    }

    @Test(arguments: [
        [], [0x16, 3, 1, 2], Array("HTTP/1.1 200 OK\r\n".utf8), Array("HTTP/1.1 abc\r\n\r\n".utf8), Array("HTTP/2.0 200 OK\r\n\r\n".utf8),
        Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".utf8),
        Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n".utf8),
        Array("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n".utf8), Array("HTTP/1.1 101 Switching Protocols\r\n\r\n".utf8),
        Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n".utf8), Array("HTTP/1.1 500 Oops\r\n\r\nno".utf8),
        [UInt8](repeating: UInt8(ascii: "a"), count: 200_000),
    ]) func `answers that are no stream lead to another dial`(answer: [UInt8]) throws {
        #expect(try run(answer: answer) { _, dials in dials >= 6 })
    }

    @Test func `garbage, giant lengths and half frames in a stream end it, and what came before counts`() throws {
        let message = Message(.heartbeat, from: MemberID(2), to: MemberID(1), term: Term(3))
        var good = ByteBuffer()
        MessageStreamCodec.encode(message, into: &good)
        let tails: [[UInt8]] = [
            [UInt8](repeating: 0xFF, count: 9), [0, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [UInt8](repeating: 7, count: 300),
        ]
        for tail in tails {
            let answer = stream(good.span.array + tail)
            #expect(try run(answer: answer) { node, dials in dials >= 6 && node.messages.contains(message) })
        }
    }

    @Test func `a stream that says nothing is given up`() throws {
        #expect(try run(answer: stream([0]), closing: false) { _, dials in dials >= 4 })
    }

    @Test func `a peer that sends and sends without reading is cut off or taken in, and others are served`() throws {
        let node = try Node(1)
        let other = try Node(2)
        node.connect(to: other)
        other.connect(to: node)
        let sockets = try (0..<8).map { _ in try RawSocket(to: node.listener.address) }
        for (number, socket) in sockets.enumerated() {
            switch number % 4 {
            case 0: socket.send([UInt8](repeating: 0, count: 300_000))
            case 1: socket.send("POST /raft HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
            case 2: socket.send("GET /raft/stream/message/2 HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 10_000))
            default:
                socket.send("POST /raft/snapshot HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")
            }
        }
        #expect(
            Node.run([node, other], also: { for socket in sockets { socket.pump() } }) {
                node.isStreaming(other) && sockets.allSatisfy { $0.isClosed || $0.text.hasPrefix("HTTP/1.1 4") }
            })
        node.transport.send(TransportTests.heartbeat(node, other, 1))
        #expect(Node.run(node, other) { !other.messages.isEmpty })
    }

    @Test func `half a snapshot leaves nothing behind`() throws {
        let node = try Node(1)
        node.transport.update(PeerList(members: [PeerList.Peer(id: MemberID(2), peerURLs: ["http://127.0.0.1:1"])]))
        let metadata = SnapshotMetadata(index: LogIndex(3), term: Term(1), confState: ConfState(voters: [MemberID(2)]))
        let head = SnapshotBodyCodec.encodeHead(
            Message(.snapshot, from: MemberID(2), to: MemberID(1), term: Term(1), snapshot: Snapshot(metadata: metadata)))
        let socket = try RawSocket(to: node.listener.address)
        socket.send(
            "POST /raft/snapshot HTTP/1.1\r\nHost: x\r\nX-Server-From: 2\r\nX-Server-Version: 3.5.0\r\nX-Min-Cluster-Version: 3.0.0\r\n"
                + "X-Etcd-Cluster-ID: c\r\nTransfer-Encoding: chunked\r\n\r\n")
        socket.send(Array("\(String(head.count, radix: 16))\r\n".utf8) + head.array + Array("\r\n5\r\nhello\r\n".utf8))
        #expect(Node.run([node], also: socket.pump) { (try? Files.list(node.directory.path))?.count == 1 })
        socket.close()
        #expect(Node.run(node) { (try? Files.list(node.directory.path)) == [] })
        #expect(node.snapshots.isEmpty)
    }
}
