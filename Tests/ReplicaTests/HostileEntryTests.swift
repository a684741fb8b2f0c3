import Base
import Cluster
import Raft
import Replica
import Testing
import Wire

/// Whatever a member proposes comes out of every member's log, at every start again: nothing in it may end them, and all must
/// make the same of it.
@Suite struct HostileEntryTests {
    @Test(arguments: 0..<12 as Range<UInt64>) func `no entry that a member proposes ends the others`(seed: UInt64) throws {
        var entries = RandomEntries(seed: seed)
        let cluster = try TestCluster()
        cluster.elect()
        for round in 0..<30 {
            guard let leader = cluster.leader, let other = cluster.members.first(where: { $0.isUp && $0.id != leader.id }) else { break }
            let batch = (0..<10).map { _ in entries.next() }
            leader.step(.peer([Message(.proposal, from: other.id, to: leader.id, entries: batch)]), now: cluster.now)
            cluster.advance(.milliseconds(200))
            if round % 10 == 9, other.isUp { try cluster.restart(other) }
        }
        cluster.advance(.seconds(5))
        let applied = cluster.members[0].replica?.counters.appliedIndex ?? 0
        #expect(applied > 250)
        let fatal = cluster.members.compactMap(\.fatal)
        #expect(fatal == [])
        let everything = Etcdserverpb.RangeRequest.with { ($0.key, $0.rangeEnd, $0.serializable) = ([0], [0], true) }
        let rows = try cluster.members.filter { $0.isUp && $0.status.leader == cluster.leader?.id }
            .map { try cluster.call($0, .range, everything, Etcdserverpb.RangeResponse.self)?.kvs }
        #expect(rows.allSatisfy { $0 == rows[0] })
    }
}

private struct RandomEntries {
    private var random: RandomSource

    init(seed: UInt64) { random = RandomSource(seed: seed) }

    mutating func next() -> Entry {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: entry(.configurationChange, change().encodedV1())
        case 1: entry(.configurationChangeV2, change().encodedV2())
        case 2: entry(.normal, garbled(request().encoded()))
        case 3: entry(.normal, bare().encoded())
        default: entry(.normal, request().encoded())
        }
    }

    private func entry(_ kind: EntryKind, _ data: Bytes) -> Entry { Entry(term: .zero, index: .zero, kind: kind, data: data) }

    private mutating func pick<T>(_ choices: T...) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }

    private mutating func number() -> Int64 { pick(0, 1, -1, 2, 3, 5, 9, 100, .max, .min, .max - 1, 9_000_000_000) }

    private mutating func key() -> [UInt8] { pick([], [0], Array("a".utf8), Array("b".utf8), Array("c".utf8), [UInt8](repeating: 255, count: 600)) }

    /// Of members that come and go, so that a majority of the founders stays.
    private mutating func change() -> ConfigurationChange {
        let id = MemberID(pick(9, 10, 0, .max))
        let kind = pick(ConfigurationChange.Kind.addVoter, .addLearner, .removeMember, .updateMember, .addLearner)
        let name = pick("\(id)", "9", "77")
        let context = pick(
            "{\"id\":\(name),\"peerURLs\":[\"http://m\(name):2380\"],\"isLearner\":true}", "{\"id\":\(name),\"peerURLs\":null,\"isPromote\":true}",
            "{\"id\":\(name),\"peerURLs\":[\"nonsense\",\"\"],\"name\":\"x\"}", "", "{", "[]")
        return ConfigurationChange([.init(kind == .addVoter ? .addLearner : kind, id)], context: Bytes(context))
    }

    private mutating func put() -> Etcdserverpb.PutRequest {
        .with {
            ($0.key, $0.value, $0.lease) = (key(), key(), number())
            ($0.prevKv, $0.ignoreValue, $0.ignoreLease) = (pick(true, false), pick(true, false, false), pick(true, false, false))
        }
    }

    private mutating func operation(depth: Int) -> Etcdserverpb.RequestOp {
        .with {
            switch Int.random(in: 0..<(depth > 3 ? 3 : 5), using: &random) {
            case 0: $0.request = .requestPut(put())
            case 1: $0.request = .requestRange(.with { ($0.key, $0.rangeEnd, $0.revision, $0.limit) = (key(), key(), number(), number()) })
            case 2: $0.request = .requestDeleteRange(.with { ($0.key, $0.rangeEnd) = (key(), key()) })
            case 3: $0.request = .requestTxn(txn(depth: depth + 1))
            default: break
            }
        }
    }

    private mutating func txn(depth: Int = 0) -> Etcdserverpb.TxnRequest {
        .with {
            $0.success = (0..<Int.random(in: 0...3, using: &random)).map { _ in operation(depth: depth) }
            $0.failure = (0..<Int.random(in: 0...3, using: &random)).map { _ in operation(depth: depth) }
            $0.compare = (0..<Int.random(in: 0...1, using: &random)).map { _ in
                .with { ($0.key, $0.rangeEnd, $0.targetUnion) = (key(), key(), .version(number())) }
            }
        }
    }

    private mutating func request() -> Etcdserverpb.InternalRaftRequest {
        .with {
            $0.header = .with { $0.id = UInt64(bitPattern: number()) }
            switch Int.random(in: 0..<12, using: &random) {
            case 0...2: $0.put = put()
            case 3: $0.deleteRange = .with { ($0.key, $0.rangeEnd, $0.prevKv) = (key(), key(), true) }
            case 4...5: $0.txn = txn()
            case 6: $0.compaction = .with { ($0.revision, $0.physical) = (number(), pick(true, false)) }
            case 7: $0.leaseGrant = .with { ($0.id, $0.ttl) = (number(), number()) }
            case 8: $0.leaseRevoke = .with { $0.id = number() }
            case 9: $0.leaseCheckpoint = .with { $0.checkpoints = [.with { ($0.id, $0.remainingTTL) = (number(), number()) }] }
            case 10:
                $0.alarm = .with {
                    ($0.action, $0.memberID) = (.init(rawValue: pick(0, 1, 2, 7)), UInt64(bitPattern: number()))
                    $0.alarm = .init(rawValue: pick(0, 7, -1))
                }
            default:
                $0.clusterVersionSet = .with { $0.ver = pick("", "3.5.0", "3.6.0", "x.y.z", "3.-1.0") }
                $0.downgradeInfoSet = .with { ($0.enabled, $0.ver) = (pick(true, false), pick("3.5.0", "", "-1")) }
                $0.clusterMemberAttrSet = .with { $0.memberID = UInt64(bitPattern: number()) }
            }
        }
    }

    /// As members up to 3.4 write it.
    private mutating func bare() -> Etcdserverpb.Request {
        .with {
            ($0.id, $0.method) = (UInt64(bitPattern: number()), pick("PUT", "DELETE", ""))
            $0.path = pick("/0/version", "/0/members/9/attributes", "/0/members//attributes", "/", "", "/0/members/zz/attributes")
            $0.val = pick("3.5.0", "", "{\"name\":\"x\"}", "[", "3.0.0")
        }
    }

    private mutating func garbled(_ bytes: Bytes) -> Bytes {
        var array = bytes.array
        for _ in 0..<Int.random(in: 1...4, using: &random) where !array.isEmpty {
            let position = Int.random(in: 0..<array.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: array[position] = UInt8.random(in: 0...255, using: &random)
            case 1: array.removeSubrange(position...)
            default: array.insert(UInt8.random(in: 0...255, using: &random), at: position)
            }
        }
        return Bytes(array)
    }
}
