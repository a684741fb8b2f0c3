import Base
import Testing

@Suite struct SlotHeapTests {
    @Test(arguments: 1...20)
    func `the heap agrees with a sorted list`(seed: Int) {
        var random = RandomSource(seed: UInt64(seed))
        var heap = SlotHeap()
        var model: [UInt32: Int64] = [:]
        for _ in 0..<2000 {
            let slot = UInt32.random(in: 0..<50, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let rank = Int64.random(in: -20...20, using: &random)
                heap.set(slot, rank: rank)
                model[slot] = rank
            case 5..<8:
                heap.remove(slot)
                model[slot] = nil
            default:
                guard let (rank, first) = heap.first else { break }
                #expect(model[first] == rank)
                heap.remove(first)
                model[first] = nil
            }
            let least = model.min { ($0.value, $0.key) < ($1.value, $1.key) }
            #expect(heap.first?.rank == least?.value && heap.first?.slot == least?.key)
            #expect(heap.isEmpty == model.isEmpty && heap.contains(slot) == (model[slot] != nil))
        }
    }
}
