import Base
import Testing

@testable import MVCC

/// The index against a sorted array, with enough keys for a tree of several levels.
@Suite struct KeyIndexTests {
    enum Shape: CaseIterable { case random, ascending, descending, sharedPrefix, binary, nested }

    private func key(_ shape: Shape, _ number: Int, _ random: inout RandomSource) -> [UInt8] {
        let digits = Array(String(number).utf8)
        let padded = [UInt8](repeating: 48, count: 8 - digits.count) + digits
        switch shape {
        case .random: return (0..<Int.random(in: 1...12, using: &random)).map { _ in UInt8.random(in: 97...122, using: &random) }
        case .ascending: return padded
        case .descending: return padded.map { 105 - $0 }
        case .sharedPrefix: return Array("/registry/pods/namespace-\(number % 7)/".utf8) + padded.reversed()
        case .binary: return (0..<Int.random(in: 1...6, using: &random)).map { _ in UInt8.random(in: 0...2, using: &random) }
        case .nested: return [UInt8](repeating: 97, count: 1 + number % 300)
        }
    }

    @Test(arguments: Shape.allCases) func `keys stay in order through insertions, deletions and compactions`(shape: Shape) {
        var random = RandomSource(seed: 11)
        var index = KeyIndex(hashSeed: 3)
        var alive: [[UInt8]: Int64] = [:]
        var revision: Int64 = 1
        for round in 0..<4 {
            for number in 0..<1000 {
                let name = key(shape, round * 1000 + number, &random)
                revision += 1
                put(&index, name, revision)
                alive[name] = revision
            }
            check(index, alive, &random)
            // Every second round nearly everything goes.
            for name in alive.keys.sorted(by: { $0.lexicographicallyPrecedes($1) })
            where Int.random(in: 0..<10, using: &random) < (round % 2 == 0 ? 3 : 9) {
                revision += 1
                delete(&index, name, revision)
                alive[name] = nil
            }
            check(index, alive, &random)
            var walk = index.startCompaction(to: revision, previous: -1, remembersHash: false)
            while !index.advance(&walk, budget: 100) {}
            let keyCount = index.keyCount
            // The last tombstone is at the compacted revision.
            #expect(keyCount == alive.count || keyCount == alive.count + 1)
            check(index, alive, &random)
        }
    }

    private func put(_ index: inout KeyIndex, _ name: [UInt8], _ revision: Int64) {
        let bytes = Bytes(name)
        let hash = index.hash(bytes.span)
        index.put(index.find(bytes.span, hash), bytes.span, hash, Revision(main: revision, sub: 0), hasLease: false)
    }

    private func delete(_ index: inout KeyIndex, _ name: [UInt8], _ revision: Int64) {
        guard let ref = index.find(Bytes(name).span) else { return #expect(Bool(false), "a live key is missing") }
        index.deleteUncounted(ref, Revision(main: revision, sub: 0))
        index.countDeleted(1, beside: ref)
    }

    private func check(_ index: borrowing KeyIndex, _ alive: [[UInt8]: Int64], _ random: inout RandomSource) {
        let sorted = alive.keys.sorted { $0.lexicographicallyPrecedes($1) }
        var seen: [[UInt8]] = []
        var walk = index.walkAll()
        while let ref = walk.next() { if ref.isAlive { seen.append(ref.key.array) } }
        #expect(seen == sorted)
        let total = index.liveCount
        #expect(total == sorted.count)
        for (name, revision) in alive where Int.random(in: 0..<10, using: &random) == 0 {
            let found = index.revision(of: Bytes(name).span, at: .max)
            #expect(found == Revision(main: revision, sub: 0))
        }
        for _ in 0..<8 {
            let start = sorted.randomElement(using: &random) ?? [97]
            let end = (sorted.randomElement(using: &random) ?? [98]) + (Bool.random(using: &random) ? [0] : [])
            // A lone zero byte means the end of the key space.
            if end == [0] { continue }
            let wanted = sorted.filter { !$0.lexicographicallyPrecedes(start) && $0.lexicographicallyPrecedes(end) }
            let (startBytes, endBytes) = (Bytes(start), Bytes(end))
            let range = KeyRange(startBytes.span, endBytes.span)
            let count = index.liveCount(range)
            #expect(count == wanted.count)
            var walk = index.walk(range)
            var inRange: [[UInt8]] = []
            while let ref = walk.next() { if ref.isAlive { inRange.append(ref.key.array) } }
            #expect(inRange == wanted)
        }
    }

    @Test func `a key overwritten many times is found at each of its revisions and takes little memory for them`() {
        var index = KeyIndex(hashSeed: 0)
        let count: Int64 = 20_000
        for revision in 2..<(2 + count) { put(&index, [107], revision) }
        for revision: Int64 in stride(from: 2, to: 2 + count, by: 97) {
            let found = index.revision(of: Bytes([107]).span, at: revision)
            #expect(found?.main == revision)
        }
        var walk = index.startCompaction(to: count / 2, previous: -1, remembersHash: false)
        while !index.advance(&walk, budget: 1) {}
        #expect(walk.dropped.count == Int(count / 2) - 2)
        let kept = index.revision(of: Bytes([107]).span, at: count / 2)
        let gone = index.revision(of: Bytes([107]).span, at: count / 2 - 1)
        #expect(kept?.main == count / 2 && gone == nil)
    }
}
