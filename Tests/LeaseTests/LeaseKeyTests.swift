import Base
import Lease
import Testing

private let start = Instant(nanoseconds: 0)

private func bytes(_ text: String) -> Bytes { Bytes(text) }

@Suite struct LeaseKeyTests {
    @Test func `revoking returns the attached keys in order`() throws {
        var lessor = Lessor(minimumTTL: 2)
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        _ = try lessor.grant(LeaseID(2), ttl: 10, now: start)
        for key in ["b", "a", "ab", "", "c", "a"] { try lessor.attach(bytes(key).span, to: LeaseID(1)) }
        try lessor.attach(bytes("a").span, to: LeaseID(2))
        let keys = try lessor.revoke(LeaseID(1)).map(\.string)
        #expect(keys == ["", "a", "ab", "b", "c"])
        let rest = try lessor.revoke(LeaseID(2)).map(\.string)
        #expect(rest == ["a"])
        let left = lessor.attachedKeyCount
        #expect(left == 0)
    }

    @Test func `a key moves between leases, and out of one that is gone`() throws {
        var lessor = Lessor(minimumTTL: 2)
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        _ = try lessor.grant(LeaseID(2), ttl: 10, now: start)
        try lessor.move(bytes("k").span, from: .zero, to: LeaseID(1))
        try lessor.move(bytes("k").span, from: LeaseID(1), to: LeaseID(2))
        let first = try lessor.revoke(LeaseID(1))
        #expect(first.isEmpty)
        try lessor.move(bytes("k").span, from: LeaseID(1), to: LeaseID(2))
        try lessor.move(bytes("k").span, from: LeaseID(2), to: .zero)
        let second = try lessor.revoke(LeaseID(2))
        #expect(second.isEmpty)
        var refusal: LeaseError?
        do { try lessor.attach(bytes("k").span, to: LeaseID(5)) } catch { refusal = error }
        #expect(refusal == .notFound)
    }

    @Test func `time-to-live shows the keys when asked`() throws {
        var lessor = Lessor(minimumTTL: 2)
        lessor.promote(extension: .zero, now: start)
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        try lessor.attach(bytes("z").span, to: LeaseID(1))
        try lessor.attach(bytes("y").span, to: LeaseID(1))
        let shown = try lessor.timeToLive(LeaseID(1), withKeys: true, now: start)
        let hidden = try lessor.timeToLive(LeaseID(1), withKeys: false, now: start)
        #expect(shown.keys.map(\.string) == ["y", "z"] && hidden.keys.isEmpty)
    }

    @Test(arguments: 1...20)
    func `attachments agree with a naive model`(seed: Int) throws {
        var random = RandomSource(seed: UInt64(seed))
        var lessor = Lessor(minimumTTL: 2)
        var model: [Int64: Set<String>] = [:]
        var nextID: Int64 = 1
        for _ in 0..<3000 {
            let id = Int64.random(in: Swift.max(1, nextID - 6)...nextID, using: &random)
            let key = String(repeating: "k", count: Int.random(in: 0...3, using: &random) * 40) + String(Int.random(in: 0..<60, using: &random))
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<3:
                _ = try lessor.grant(LeaseID(nextID), ttl: 10, now: start)
                model[nextID] = []
                nextID += 1
            case 3..<5:
                guard let keys = model.removeValue(forKey: id) else { continue }
                let revoked = try lessor.revoke(LeaseID(id)).map(\.string)
                #expect(revoked == keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
            case 5..<60:
                guard model[id] != nil else { continue }
                try lessor.attach(bytes(key).span, to: LeaseID(id))
                model[id]!.insert(key)
            default:
                lessor.detach(bytes(key).span, from: LeaseID(id))
                model[id]?.remove(key)
            }
        }
        let attached = lessor.attachedKeyCount
        #expect(attached == model.values.reduce(0) { $0 + $1.count })
    }

    @Test func `one lease with a hundred thousand keys works as well as one with a few`() throws {
        var lessor = Lessor(minimumTTL: 2)
        _ = try lessor.grant(LeaseID(1), ttl: 10, now: start)
        for number in 0..<100_000 { try lessor.attach(bytes("key-\(number)").span, to: LeaseID(1)) }
        for number in stride(from: 0, to: 100_000, by: 2) { lessor.detach(bytes("key-\(number)").span, from: LeaseID(1)) }
        let keys = try lessor.revoke(LeaseID(1))
        #expect(keys.count == 50_000 && keys == keys.sorted())
    }
}
