import Base
import Cluster
import Replica
import Storage
import Testing
import Wire

@Suite struct ReplicaTests {
    @Test func `a put is answered with the next revision and read back`() throws {
        var member = try SingleMember.start()
        let ticket = member.send(.put, put("a", "1"))
        let answer = try member.answer(ticket, Etcdserverpb.PutResponse.self)
        #expect(answer?.header?.revision == 2)
        let read = member.send(.range, range("a"))
        let kvs = try member.answer(read, Etcdserverpb.RangeResponse.self)?.kvs
        #expect(kvs?.map(\.value) == [Array("1".utf8)])
    }

    /// The client had its OK before the entry was on disk.
    @Test func `etcd 14370: a put is not answered before its entry is durable`() throws {
        var member = try SingleMember.start()
        member.isPrompt = false
        let ticket = member.send(.put, put("a", "1"))
        let before = try member.answer(ticket, Etcdserverpb.PutResponse.self)
        #expect(before == nil)
        member.sync()
        let after = try member.answer(ticket, Etcdserverpb.PutResponse.self)
        #expect(after != nil)
    }

    /// Otherwise its thread would go round without a pause for as long as a slow disk takes (found by the simulator).
    @Test func `while the database is behind with as many batches as may be, nothing is due before the next tick`() throws {
        var configuration = ReplicaConfiguration()
        configuration.commitsInFlight = 1
        var member = try SingleMember.start(configuration)
        member.advance(.seconds(3))
        member.isPrompt = false
        for number in 0..<3 as Range<UInt8> {
            member.send(.put, Etcdserverpb.PutRequest.with { $0.key = [number] })
            member.sync()
            member.advance(.milliseconds(500))
        }
        #expect(member.batches.count == 1)
        #expect(member.replica.nextDeadline ?? .distantFuture > member.now)
    }

    @Test func `what was answered is there after a crash, whatever the database had committed`() throws {
        var member = try SingleMember.start()
        for number in 0..<20 { member.send(.put, put("key\(number % 5)", "\(number)")) }
        member.isPrompt = false
        let last = member.send(.put, put("late", "lost"))
        let unanswered = try member.answer(last, Etcdserverpb.PutResponse.self)
        #expect(unanswered == nil)
        var again = try member.crash()
        for number in 15..<20 {
            let ticket = again.send(.range, range("key\(number % 5)"))
            let value = try again.answer(ticket, Etcdserverpb.RangeResponse.self)?.kvs.first?.value
            #expect(value == Array("\(number)".utf8))
        }
        let ticket = again.send(.range, range("key0"))
        let revision = try again.answer(ticket, Etcdserverpb.RangeResponse.self)?.header?.revision
        #expect(revision == 21)
    }

    /// Entries whose effect the database had were applied a second time; so it was with 13766 too.
    @Test func `etcd 14685: an entry that the database holds is not applied again`() throws {
        var member = try SingleMember.start()
        for _ in 0..<5 { member.send(.put, put("a", "x")) }
        member.advance(.seconds(1))
        var again = try member.crash()
        let ticket = again.send(.range, range("a"))
        let kv = try again.answer(ticket, Etcdserverpb.RangeResponse.self)?.kvs.first
        #expect(kv?.version == 5 && kv?.modRevision == 6)
    }

    @Test func `a watcher is told of each change once and in order`() throws {
        var member = try SingleMember.start()
        let create = Etcdserverpb.WatchRequest.with {
            $0.requestUnion = .createRequest(.with { $0.key = Array("a".utf8) })
        }
        let stream = member.send(.watch, create)
        for number in 1...3 { member.send(.put, put("a", "\(number)")) }
        member.send(.put, put("b", "0"))
        let responses = try member.stream(stream, Etcdserverpb.WatchResponse.self)
        #expect(responses.first?.created == true)
        let values = responses.flatMap(\.events).compactMap { $0.kv?.value }
        #expect(values == ["1", "2", "3"].map { Array($0.utf8) })
    }

    @Test func `a lease that runs out takes its keys along`() throws {
        var member = try SingleMember.start()
        let grant = member.send(.leaseGrant, Etcdserverpb.LeaseGrantRequest.with { $0.ttl = 5 })
        let lease = try #require(try member.answer(grant, Etcdserverpb.LeaseGrantResponse.self)).id
        member.send(.put, put("a", "1", lease: lease))
        member.advance(.seconds(4))
        let alive = member.send(.range, range("a"))
        let before = try member.answer(alive, Etcdserverpb.RangeResponse.self)?.count
        #expect(before == 1)
        member.advance(.seconds(3))
        let gone = member.send(.range, range("a"))
        let after = try member.answer(gone, Etcdserverpb.RangeResponse.self)?.count
        #expect(after == 0)
    }

    @Test func `a lease is not shortened by a restart`() throws {
        var member = try SingleMember.start()
        let grant = member.send(.leaseGrant, Etcdserverpb.LeaseGrantRequest.with { $0.ttl = 100 })
        let lease = try #require(try member.answer(grant, Etcdserverpb.LeaseGrantResponse.self)).id
        member.send(.put, put("a", "1", lease: lease))
        member.advance(.seconds(60))
        var again = try member.crash()
        let ask = again.send(
            .leaseTimeToLive,
            Etcdserverpb.LeaseTimeToLiveRequest.with {
                $0.id = lease
                $0.keys = true
            })
        let status = try again.answer(ask, Etcdserverpb.LeaseTimeToLiveResponse.self)
        #expect((status?.ttl ?? 0) >= 99)
        #expect(status?.keys == [Array("a".utf8)])
    }

    /// The alarm was raised only by a request that was refused before it was proposed: a client that had the answer of a write
    /// which went over the quota when it was applied saw no alarm.
    @Test func `a write that goes over the quota when it is applied raises the alarm before it is answered`() throws {
        var configuration = ReplicaConfiguration()
        configuration.quotaBytes = 20_000
        var member = try SingleMember.start(configuration)
        member.isPrompt = false
        let puts = (0..<40).map { member.send(.put, put("key\($0)", String(repeating: "x", count: 1000))) }
        let early = puts.compactMap { member.failure($0) }.count
        #expect(early == 0)
        member.sync()
        member.sync()
        let refused = puts.compactMap { member.failure($0)?.text }
        #expect(!refused.isEmpty && Set(refused) == ["etcdserver: mvcc: database space exceeded"])
        let list = member.send(.alarm, Etcdserverpb.AlarmRequest.with { $0.action = .get })
        member.sync()
        let alarms = try member.answer(list, Etcdserverpb.AlarmResponse.self)?.alarms
        #expect(alarms?.map(\.alarm) == [.nospace])
    }

    @Test func `a write over the quota is refused, raises the alarm, and is possible again when the alarm is taken back`() throws {
        var configuration = ReplicaConfiguration()
        configuration.quotaBytes = 20_000
        var member = try SingleMember.start(configuration)
        var refused: UInt64?
        for number in 0..<100 where refused == nil {
            let ticket = member.send(.put, put("key\(number)", String(repeating: "x", count: 1000)))
            if member.failure(ticket) != nil { refused = ticket }
        }
        let failure = member.failure(try #require(refused))
        #expect(failure?.code == 8 && failure?.text == "etcdserver: mvcc: database space exceeded")
        let list = member.send(.alarm, Etcdserverpb.AlarmRequest.with { $0.action = .get })
        let alarms = try member.answer(list, Etcdserverpb.AlarmResponse.self)?.alarms
        #expect(alarms?.map(\.alarm) == [.nospace])
        let small = member.send(.put, put("small", "y"))
        let stillRefused = member.failure(small)?.code
        #expect(stillRefused == 8)
        member.send(
            .alarm,
            Etcdserverpb.AlarmRequest.with {
                $0.action = .deactivate
                $0.memberID = SingleMember.id.rawValue
                $0.alarm = .nospace
            })
        let read = member.send(.range, range("key0"))
        let count = try member.answer(read, Etcdserverpb.RangeResponse.self)?.count
        #expect(count == 1)
    }

    @Test func `a disk that is nearly full refuses puts with the alarm and lets deletions through`() throws {
        var member = try SingleMember.start()
        member.send(.put, put("a", "1"))
        member.diskSpace(isLow: true)
        let refused = member.send(.put, put("b", "2"))
        #expect(member.failure(refused)?.text == "etcdserver: mvcc: database space exceeded")
        let delete = member.send(.deleteRange, Etcdserverpb.DeleteRangeRequest.with { $0.key = Array("a".utf8) })
        let deleted = try member.answer(delete, Etcdserverpb.DeleteRangeResponse.self)?.deleted
        #expect(deleted == 1)
    }

    @Test func `ranges are refused while too many answers wait for their clients`() throws {
        var configuration = ReplicaConfiguration()
        configuration.answerBytesMax = 10_000
        var member = try SingleMember.start(configuration)
        member.send(.put, put("a", String(repeating: "x", count: 4000)))
        let outcomes = (0..<5).map { _ in
            let ticket = member.send(.range, range("a"))
            return member.failure(ticket)?.text
        }
        #expect(outcomes.first == .some(nil))
        #expect(outcomes.last == "etcdserver: too many requests")
    }

    @Test func `read-only transactions are refused while too many answers wait for their clients`() throws {
        var configuration = ReplicaConfiguration()
        configuration.answerBytesMax = 10_000
        var member = try SingleMember.start(configuration)
        member.send(.put, put("a", String(repeating: "x", count: 4000)))
        let txn = Etcdserverpb.TxnRequest.with { $0.success = [.with { $0.request = .requestRange(range("a")) }] }
        let outcomes = (0..<5).map { _ in
            let ticket = member.send(.txn, txn)
            return member.failure(ticket)?.text
        }
        #expect(outcomes.first == .some(nil))
        #expect(outcomes.last == "etcdserver: too many requests")
    }

    @Test func `rounds of reads that cannot be asked for or are not answered in time are counted`() throws {
        var configuration = ReplicaConfiguration()
        configuration.readRoundsMax = 1
        let cluster = try TestCluster(3, configuration)
        cluster.elect()
        let member = cluster.followers[0]
        cluster.cutOff = [member.id]
        cluster.advance(.seconds(5))
        let tickets = [cluster.send(member, .range, range("a")), cluster.send(member, .range, range("a"))]
        let failed = member.replica?.counters.failedReadIndexes
        #expect(failed == 1)
        let timedOut = cluster.wait { tickets.allSatisfy { member.failure($0)?.text == "etcdserver: request timed out" } }
        let slow = member.replica?.counters.slowReadIndexes
        #expect(timedOut && slow == 2)
        // The answer to the first comes when there is a leader again, and nobody waits for it.
        cluster.cutOff = []
        let late = cluster.wait { member.replica?.counters.slowReadIndexes == 3 }
        #expect(late)
    }

    @Test func `a request that is too large, empty or garbled is refused with etcd's text`() throws {
        var configuration = ReplicaConfiguration()
        configuration.maxRequestBytes = 1000
        var member = try SingleMember.start(configuration)
        let large = member.send(.put, put("a", String(repeating: "x", count: 2000)))
        #expect(member.failure(large)?.text == "etcdserver: request is too large")
        let empty = member.send(.put, put("", "x"))
        #expect(member.failure(empty)?.text == "etcdserver: key is not provided")
        // A range request's bytes do not parse as a lease grant: field 1 is text there and a number here.
        let garbled = member.send(.leaseGrant, range("a"))
        #expect(member.failure(garbled)?.code == 13)
    }

    @Test func `the member and cluster are named in the headers and the members listed`() throws {
        var member = try SingleMember.start()
        let ticket = member.send(.memberList, Etcdserverpb.MemberListRequest.with { $0.linearizable = true })
        let list = try member.answer(ticket, Etcdserverpb.MemberListResponse.self)
        #expect(list?.header?.clusterID == 1 && list?.header?.memberID == SingleMember.id.rawValue)
        #expect(list?.members.map(\.name) == ["default"])
    }

    @Test func `the leader compacts by itself to the revision of a period ago`() throws {
        var configuration = ReplicaConfiguration()
        configuration.autoCompaction = .periodic(.seconds(60))
        var member = try SingleMember.start(configuration)
        for number in 0..<10 { member.send(.put, put("a", "\(number)")) }
        member.advance(.seconds(70))
        let old = member.send(
            .range,
            Etcdserverpb.RangeRequest.with {
                $0.key = Array("a".utf8)
                $0.revision = 5
            })
        #expect(member.failure(old)?.text == "etcdserver: mvcc: required revision has been compacted")
    }
}
