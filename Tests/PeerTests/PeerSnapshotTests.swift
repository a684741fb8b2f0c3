import Base
import CSystem
import Peer
import Platform
import Raft
import Replica
import TestSupport
import Testing

/// Databases on their way between members.
struct PeerSnapshotTests {
    /// A snapshot and its open file.
    private final class Prepared {
        var outgoing: OutgoingSnapshot
        let file: FileDescriptor
        init(_ outgoing: OutgoingSnapshot, _ file: consuming FileDescriptor) {
            self.outgoing = outgoing
            self.file = file
        }

        func send(from node: Node) { node.transport.send(outgoing, descriptor: file.descriptor) }
    }

    private func snapshot(_ a: Node, _ b: Node, bytes: Int) throws -> Prepared {
        let file = try FileDescriptor("\(a.directory.path)/source", [.write, .create, .truncate])
        var piece = ByteBuffer(capacity: 1 << 20)
        var random = RandomSource(seed: 7)
        while piece.count < 1 << 20 { piece.append(littleEndian: random.next()) }
        for offset in stride(from: 0, to: bytes, by: 1 << 20) {
            try file.write(piece.span._extracting(unchecked: 0, count: min(1 << 20, bytes - offset)), at: offset)
        }
        let metadata = SnapshotMetadata(index: LogIndex(0xAB), term: Term(2), confState: ConfState(voters: [a.id, b.id]))
        let message = Message(
            .snapshot, from: a.id, to: b.id, term: Term(2), snapshot: Snapshot(metadata: metadata, data: Bytes("{}")))
        let content = SnapshotFile(content: 0, bytes: Int64(bytes), version: "3.6")
        return Prepared(OutgoingSnapshot(to: b.id, message: message, file: content), file)
    }

    @Test func `a database of 50 MB arrives whole, while other messages go on`() throws {
        let (a, b) = try #require(try Node.pair())
        let prepared = try snapshot(a, b, bytes: 50 << 20)
        prepared.send(from: a)
        a.transport.send(TransportTests.heartbeat(a, b, 5))
        #expect(Node.run(a, b) { a.sent.count == 1 && b.snapshots.count == 1 })
        #expect(a.sent.first?.succeeded == true && a.sent.first?.to == b.id)
        let received = try #require(b.snapshots.first)
        #expect(received.message == prepared.outgoing.message && received.path.hasSuffix("/00000000000000ab.snap.db"))
        let original = try Files.read("\(a.directory.path)/source")
        #expect(try Files.read(received.path) == original)
        #expect(b.messages.contains(TransportTests.heartbeat(a, b, 5)))
        #expect(try Files.list(b.directory.path) == ["00000000000000ab.snap.db"])
        #expect(a.metric("etcd_network_snapshot_send_success{To=\"2\"}") == 1)
        #expect(b.metric("etcd_network_snapshot_receive_success{From=\"1\"}") == 1)
    }

    @Test func `a snapshot for somebody else is refused and leaves nothing behind`() throws {
        let (a, b) = try #require(try Node.pair())
        let prepared = try snapshot(a, b, bytes: 1 << 20)
        prepared.outgoing.message.to = MemberID(9)
        prepared.send(from: a)
        #expect(Node.run(a, b) { a.sent.count == 1 })
        #expect(a.sent.first?.succeeded == false && b.snapshots.isEmpty)
        #expect(Node.run(a, b) { (try? Files.list(b.directory.path)) == [] })
    }

    @Test func `a file that is shorter than it was said to be is a failure on both sides`() throws {
        let (a, b) = try #require(try Node.pair())
        let prepared = try snapshot(a, b, bytes: 1 << 20)
        prepared.outgoing.file.bytes = 3 << 20
        prepared.send(from: a)
        #expect(Node.run(a, b) { a.sent.count == 1 && (try? Files.list(b.directory.path)) == [] })
        #expect(a.sent.first?.succeeded == false && b.snapshots.isEmpty)
        // And the next one is taken.
        prepared.outgoing.file.bytes = 1 << 20
        prepared.send(from: a)
        #expect(Node.run(a, b) { a.sent.count == 2 && b.snapshots.count == 1 })
    }

    @Test func `a snapshot for a member that is not there fails at once, one that goes away fails in time`() throws {
        let a = try Node(1)
        let prepared = try snapshot(a, a, bytes: 1000)
        prepared.send(from: a)
        #expect(a.sent.count == 1 && a.sent.first?.succeeded == false)
        let dead = PeerList.Peer(id: MemberID(5), peerURLs: ["http://\(try Listener(.loopback(port: 0)).address)"])
        a.transport.update(PeerList(members: [dead]))
        prepared.outgoing.to = MemberID(5)
        prepared.send(from: a)
        #expect(Node.run(a) { a.sent.count == 2 })
        #expect(a.sent.last?.succeeded == false)
    }
}
