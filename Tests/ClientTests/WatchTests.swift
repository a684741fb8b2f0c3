import Base
import Client
import HTTP
import Platform
import Testing
import Wire

/// A store of one key per revision, watched through members that break off.
@Suite struct WatchTests {
    /// Plays etcd's side of a watch: creates with the ids 0, 1, …, and sends what it is told to.
    private final class Store {
        let member: ScriptedMember
        var requests: [Etcdserverpb.WatchCreateRequest] = []
        var revision: Int64 = 10
        var nextID: Int64 = 0
        /// Refuses watches from before this revision.
        var compacted: Int64 = 0

        init(_ member: ScriptedMember) {
            self.member = member
            member.onMessage = { [unowned self] _, bytes in
                guard let request = try? Etcdserverpb.WatchRequest(decoding: bytes) else { return }
                guard case .createRequest(let create)? = request.requestUnion else { return }
                created(create)
            }
        }

        private func created(_ request: Etcdserverpb.WatchCreateRequest) {
            requests.append(request)
            let id = nextID
            nextID += 1
            member.send(
                Etcdserverpb.WatchResponse.with {
                    $0.header = .with { $0.revision = revision }
                    $0.watchID = id
                    $0.created = true
                })
            guard request.startRevision != 0, request.startRevision < compacted else { return }
            member.send(
                Etcdserverpb.WatchResponse.with {
                    $0.header = .init()
                    $0.watchID = id
                    $0.canceled = true
                    $0.compactRevision = compacted
                })
        }

        func send(_ revisions: ClosedRange<Int64>, to id: Int64, fragment: Bool = false) {
            revision = max(revision, revisions.upperBound)
            member.send(
                Etcdserverpb.WatchResponse.with {
                    $0.header = .with { $0.revision = revision }
                    $0.watchID = id
                    $0.fragment = fragment
                    $0.events = revisions.map { revision in
                        .with {
                            $0.kv = .with {
                                $0.key = [1]; $0.modRevision = revision
                            }
                        }
                    }
                })
        }
    }

    private static func revisions(_ response: WatchResponse?) -> [Int64] { response?.events.map(\.keyValue.modRevision) ?? [] }

    @Test func `events come in order`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { store.requests.count == 1 })
        store.send(11...12, to: 0)
        store.send(13...13, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [11, 12])
        #expect(Self.revisions(try watch.next(within: 60)) == [13])
    }

    @Test func `after a restart the watch goes on behind the last event`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { store.requests.count == 1 })
        store.send(11...12, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [11, 12])
        fixture.members[0].stop()
        try fixture.members[0].start()
        #expect(fixture.run { store.requests.count == 2 })
        #expect(store.requests[1].startRevision == 13)
        store.send(13...14, to: 1)
        #expect(Self.revisions(try watch.next(within: 60)) == [13, 14])
    }

    @Test func `a watch without any event yet goes on behind the revision at which it was created`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        // A second watch, answered later, shows that the first one's answer has been dealt with.
        let other = fixture.client.watch(.key([2]))
        #expect(fixture.run { store.requests.count == 2 })
        store.send(11...11, to: 1)
        #expect(Self.revisions(try other.next(within: 60)) == [11])
        store.revision = 20
        fixture.members[0].stop()
        try fixture.members[0].start()
        #expect(fixture.run { store.requests.count == 4 })
        #expect(store.requests[2].startRevision == 11)
        #expect(store.requests[3].startRevision == 12)
        watch.cancel()
    }

    @Test func `what a member sends again is handed over once`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { store.requests.count == 1 })
        store.send(11...12, to: 0)
        store.send(11...13, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [11, 12])
        #expect(Self.revisions(try watch.next(within: 60)) == [13])
    }

    @Test func `progress without events moves the revision to go on from`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { store.requests.count == 1 })
        store.revision = 30
        fixture.members[0].send(Etcdserverpb.WatchResponse.with { $0.header = .with { $0.revision = 30 } })
        let progress = try watch.next(within: 60)
        #expect(progress?.isProgress == true)
        #expect(progress?.header.revision == 30)
        fixture.members[0].stop()
        try fixture.members[0].start()
        #expect(fixture.run { store.requests.count == 2 })
        #expect(store.requests[1].startRevision == 31)
    }

    /// etcd #15220: a Go member could tell of progress beyond events that it still had to send. They were thrown away as known.
    @Test func `events behind the progress that was told are handed over all the same`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { store.requests.count == 1 })
        store.send(11...12, to: 0)
        fixture.members[0].send(Etcdserverpb.WatchResponse.with { $0.header = .with { $0.revision = 30 } })
        store.send(13...14, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [11, 12])
        #expect(try watch.next(within: 60)?.isProgress == true)
        #expect(Self.revisions(try watch.next(within: 60)) == [13, 14])
    }

    /// etcd #20221: a member that lags behind may begin a watch of a revision to come with what is before it.
    @Test func `events from before the revision that was asked for are not handed over`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        var options = WatchOptions()
        options.revision = 13
        let watch = fixture.client.watch(.key([1]), options)
        #expect(fixture.run { store.requests.count == 1 })
        store.send(11...14, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [13, 14])
    }

    @Test func `a watch goes on at another member where it was, when its own goes away`() throws {
        let fixture = try ClientFixture(members: 2)
        let stores = fixture.members.map { Store($0) }
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { stores.contains { !$0.requests.isEmpty } })
        let first = stores[0].requests.isEmpty ? 1 : 0
        stores[first].send(11...13, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [11, 12, 13])
        fixture.members[first].stop()
        let other = stores[1 - first]
        #expect(fixture.run { !other.requests.isEmpty })
        #expect(other.requests.last?.startRevision == 14)
        other.send(12...16, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [14, 15, 16])
    }

    @Test func `a response in pieces is handed over as one, and not at all if it breaks off`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        var options = WatchOptions()
        options.fragment = true
        let watch = fixture.client.watch(.key([1]), options)
        #expect(fixture.run { store.requests.count == 1 })
        store.send(11...12, to: 0, fragment: true)
        store.send(13...13, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [11, 12, 13])
        store.send(14...15, to: 0, fragment: true)
        fixture.client.loop.turn(until: Clock.now)
        fixture.members[0].stop()
        try fixture.members[0].start()
        #expect(fixture.run { store.requests.count == 2 })
        #expect(store.requests[1].startRevision == 14)
        store.send(14...16, to: 1)
        #expect(Self.revisions(try watch.next(within: 60)) == [14, 15, 16])
    }

    @Test func `a revision compacted while the connection was down ends the watch and says so`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { store.requests.count == 1 })
        store.send(11...11, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [11])
        fixture.members[0].stop()
        store.compacted = 100
        try fixture.members[0].start()
        let error = try #require(throws: ClientError.self) { _ = try watch.next(within: 60) }
        #expect(error.isCompacted)
    }

    @Test func `a member that has no leader yet is asked again`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { store.requests.count == 1 })
        store.send(11...11, to: 0)
        #expect(Self.revisions(try watch.next(within: 60)) == [11])
        fixture.members[0].server.finish(fixture.members[0].streams[0], code: 14, message: "etcdserver: no leader")
        #expect(fixture.run { store.requests.count == 2 })
        #expect(store.requests[1].startRevision == 12)
        store.send(12...12, to: 1)
        #expect(Self.revisions(try watch.next(within: 60)) == [12])
    }

    @Test func `a watch that a learner refuses begins at the next member`() throws {
        let fixture = try ClientFixture(members: 2)
        let learner = fixture.members[0]
        learner.onMessage = { [unowned learner] stream, _ in
            learner.server.finish(stream, code: 9, message: "etcdserver: rpc not supported for learner")
        }
        let store = Store(fixture.members[1])
        let watches = (0..<4).map { _ in fixture.client.watch(.key([1])) }
        #expect(fixture.run { store.requests.count == 4 })
        store.send(11...11, to: 3)
        #expect(Self.revisions(try watches[3].next(within: 60)) == [11])
    }

    @Test func `without a leader for too long the watch ends`() throws {
        let fixture = try ClientFixture(leaderPatience: 0)
        let store = Store(fixture.members[0])
        let watch = fixture.client.watch(.key([1]))
        #expect(fixture.run { store.requests.count == 1 })
        fixture.members[0].server.finish(fixture.members[0].streams[0], code: 14, message: "etcdserver: no leader")
        let error = try #require(throws: ClientError.self) { _ = try watch.next(within: 60) }
        #expect(error.isNoLeader)
    }

    @Test func `a watch that was cancelled before it was created disturbs no other`() throws {
        let fixture = try ClientFixture()
        let store = Store(fixture.members[0])
        let first = fixture.client.watch(.key([1]))
        let second = fixture.client.watch(.key([2]))
        let third = fixture.client.watch(.key([3]))
        first.cancel()
        second.cancel()
        #expect(fixture.run { store.requests.contains { $0.key == [3] } })
        let id = Int64(store.requests.firstIndex { $0.key == [3] } ?? 0)
        store.send(11...11, to: id)
        #expect(Self.revisions(try third.next(within: 60)) == [11])
    }
}
