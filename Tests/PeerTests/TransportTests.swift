import Base
import CSystem
import Peer
import Platform
import Raft
import Replica
import Testing

/// Members over loopback: what one sends, the other receives, whatever happens to the links.
struct TransportTests {
    static func heartbeat(_ from: Node, _ to: Node, _ number: UInt64) -> Message {
        Message(.heartbeat, from: from.id, to: to.id, term: Term(1), commit: LogIndex(number))
    }

    static func append(_ from: Node, _ to: Node, after index: UInt64, bytes: Int = 100) -> Message {
        let entry = Entry(term: Term(1), index: LogIndex(index + 1), data: Bytes([UInt8](repeating: UInt8(index & 255), count: bytes)))
        return Message(
            .append, from: from.id, to: to.id, term: Term(1), logTerm: Term(1), index: LogIndex(index), entries: [entry],
            commit: LogIndex(index))
    }

    @Test func `messages of both streams arrive as they were and in order`() throws {
        let (a, b) = try #require(try Node.pair())
        let appends = (0..<500).map { TransportTests.append(a, b, after: $0, bytes: $0 % 50 == 0 ? 100_000 : 64) }
        let others = CodecTests.messages.filter { $0.kind != .snapshot && $0.kind != .append }.map { message in
            var message = message
            message.from = b.id
            message.to = a.id
            return message
        }
        for message in appends { a.transport.send(message) }
        for message in others { b.transport.send(message) }
        #expect(Node.run(a, b) { b.messages.count == appends.count && a.messages.count == others.count })
        #expect(b.messages == appends && a.messages == others)
        #expect(b.metric("etcd_network_peer_received_bytes_total{From=\"1\"}") > 1_000_000)
        #expect(a.metric("etcd_network_active_peers{Local=\"1\",Remote=\"2\"}") == 1)
    }

    @Test func `three members share what the leader encodes once`() throws {
        let nodes = try [Node(1), Node(2), Node(3)]
        for node in nodes {
            node.transport.update(PeerList(members: nodes.filter { $0.id != node.id }.map(\.peer)))
        }
        #expect(Node.run(nodes) { nodes[0].isStreaming(nodes[1]) && nodes[0].isStreaming(nodes[2]) })
        for index in 0..<200 {
            for target in nodes[1...] {
                nodes[0].transport.send(TransportTests.append(nodes[0], target, after: UInt64(index), bytes: index % 2 == 0 ? 10 : 5000))
            }
        }
        #expect(Node.run(nodes) { nodes[1].messages.count == 200 && nodes[2].messages.count == 200 })
        #expect(nodes[1].messages.map(\.entries) == nodes[2].messages.map(\.entries))
    }

    @Test func `while no stream is up, messages take the pipeline`() throws {
        let a = try Node(1)
        let b = try Node(2)
        // B does not know A, so it does not dial it, and refuses its dial.
        a.connect(to: b)
        a.transport.send(TransportTests.heartbeat(a, b, 7))
        #expect(Node.run(a, b) { b.messages.count == 1 })
        #expect(b.messages == [TransportTests.heartbeat(a, b, 7)])
        // B remembers where the stranger is, and answers it.
        b.transport.send(TransportTests.heartbeat(b, a, 8))
        #expect(Node.run(a, b) { a.messages == [TransportTests.heartbeat(b, a, 8)] })
    }

    @Test func `a member that comes back is connected to again`() throws {
        let a = try Node(1)
        var b: Node? = try Node(2)
        let address = try #require(b).listener.address
        a.connect(to: b!)
        b!.connect(to: a)
        #expect(Node.run(a, b!) { a.isStreaming(b!) })
        b = nil
        #expect(Node.run(a) { !a.active.contains(MemberID(2)) })
        a.transport.send(Message(.heartbeat, from: a.id, to: MemberID(2), term: Term(1)))
        #expect(Node.run(a) { a.unreachables.contains(MemberID(2)) })
        let back = try Node(2, address: address)
        back.connect(to: a)
        #expect(Node.run(a, back) { a.isStreaming(back) && back.isStreaming(a) })
        a.transport.send(TransportTests.heartbeat(a, back, 3))
        #expect(Node.run(a, back) { back.messages.contains(TransportTests.heartbeat(a, back, 3)) })
        #expect(a.metric("etcd_network_disconnected_peers_total{Local=\"1\",Remote=\"2\"}") >= 1)
    }

    @Test func `a quiet link stays up, for each side says that it is there`() throws {
        let (a, b) = try #require(try Node.pair { $0.readTimeout = .milliseconds(600) })
        let end = Clock.now + .seconds(3)
        #expect(Node.run(a, b) { Clock.now > end })
        // Where the machine itself paused for longer, they have found each other again.
        #expect(Node.run(a, b) { a.isStreaming(b) && b.isStreaming(a) })
    }

    @Test func `a peer that takes nothing loses messages, is reported, and holds up nobody else`() throws {
        let a = try Node(1) {
            $0.streamQueueBytesMax = 1 << 20
        }
        let b = try Node(2)
        let c = try Node(3)
        a.connect(to: b, c)
        b.connect(to: a, c)
        c.connect(to: a, b)
        #expect(Node.run(a, b, c) { a.isStreaming(b) && a.isStreaming(c) })
        // From here on, B's loop stands still.
        for index in 0..<400 {
            a.transport.send(TransportTests.append(a, b, after: UInt64(index), bytes: 50_000))
            if index % 4 == 0 { a.transport.send(TransportTests.append(a, c, after: UInt64(index / 4))) }
        }
        #expect(Node.run(a, c) { c.messages.count == 100 && a.unreachables.contains(b.id) })
        #expect(a.metric("etcd_network_peer_sent_failures_total{To=\"2\"}") > 0)
        #expect(!a.unreachables.contains(c.id))
    }

    @Test func `a peer that takes nothing for too long is cut off`() throws {
        let (a, b) = try #require(try Node.pair { $0.writeTimeout = .milliseconds(300) })
        for index in 0..<400 { a.transport.send(TransportTests.append(a, b, after: UInt64(index), bytes: 50_000)) }
        #expect(Node.run(a) { !a.isStreaming(b) && a.unreachables.contains(b.id) })
        // It wakes up and dials again.
        #expect(Node.run(a, b) { a.isStreaming(b) })
    }

    @Test func `a removed member is told so`() throws {
        let (a, b) = try #require(try Node.pair())
        a.transport.update(PeerList(members: [], removed: [b.id]))
        #expect(Node.run(a, b) { b.removals.contains(a.id) })
        let before = a.messages.count
        b.transport.send(TransportTests.heartbeat(b, a, 1))
        #expect(Node.run(a, b) { b.unreachables.contains(a.id) })
        #expect(a.messages.count == before)
    }

    @Test func `a member with another data directory than before is refused and told why`() throws {
        let a = try Node(1, incarnation: 0xAA)
        let b = try Node(2, incarnation: 0xBB)
        a.refusals[0xBB] = "it lost its disk"
        a.connect(to: b)
        b.connect(to: a)
        #expect(Node.run(a, b) { b.refusedBecause.contains("it lost its disk") })
        // It does not get what A writes, and A does not read what it writes.
        #expect(!a.isStreaming(b) && a.links[b.id] == nil)
        a.refusals.removeAll()
        #expect(Node.run(a, b) { a.isStreaming(b) && b.isStreaming(a) && a.links[b.id] == true })
        b.transport.update(PeerList())
        #expect(Node.run(a, b) { b.links[a.id] == false })
    }

    @Test func `other clusters and old versions are refused, on both sides`() throws {
        let a = try Node(1)
        let other = try Node(2, cluster: ClusterID(0xD))
        let old = try Node(3, version: "2.3.0")
        a.connect(to: other, old)
        other.connect(to: a)
        old.connect(to: a)
        for node in [other, old] {
            node.transport.send(TransportTests.heartbeat(node, a, 1))
            #expect(Node.run(a, other, old) { node.unreachables.contains(a.id) })
        }
        #expect(a.messages.isEmpty && !a.isStreaming(other) && !a.isStreaming(old))
    }

    @Test func `of several URLs the one that works is found, and new ones are taken over`() throws {
        let a = try Node(1)
        let b = try Node(2)
        let dead = try Listener(.loopback(port: 0)).address
        a.transport.update(PeerList(members: [PeerList.Peer(id: b.id, peerURLs: ["http://\(dead)", b.url])]))
        b.connect(to: a)
        #expect(Node.run(a, b) { a.isStreaming(b) && b.isStreaming(a) })
        let c = try Node(3)
        c.transport.update(PeerList(members: [PeerList.Peer(id: a.id, peerURLs: ["http://\(dead)"])]))
        a.connect(to: b, c)
        for _ in 0..<20 { c.loop.turn(until: Clock.now + .milliseconds(1)) }
        c.connect(to: a)
        #expect(Node.run(a, b, c) { c.isStreaming(a) })
    }

    @Test func `probes measure the way to a peer`() throws {
        let (a, b) = try #require(try Node.pair { $0.probeInterval = .milliseconds(50) })
        #expect(Node.run(a, b) { a.metric("etcd_network_peer_round_trip_time_seconds_count{To=\"2\"}") > 0 })
    }

    @Test func `raft messages of one member to two others go out while one of them hangs up again and again`() throws {
        let a = try Node(1)
        let b = try Node(2)
        a.connect(to: b, try Node(3))
        b.connect(to: a)
        #expect(Node.run(a, b) { a.isStreaming(b) })
        for index in 0..<50 {
            a.transport.send(TransportTests.append(a, b, after: UInt64(index)))
            a.transport.send(Message(.heartbeat, from: a.id, to: MemberID(3), term: Term(1)))
            a.loop.turn(until: Clock.now)
        }
        #expect(Node.run(a, b) { b.messages.count == 50 && a.unreachables.contains(MemberID(3)) })
    }
}
