/// A binary heap of slot numbers by rank (a deadline, a revision) that also finds a slot's place, so that a change of rank moves
/// the entry instead of leaving a stale one behind: memory stays at one entry per slot however often ranks change.
///
/// Equal ranks come out by slot number, so that a run repeats. All operations but `first` are O(log n).
package struct SlotHeap {
    private struct Node {
        var rank: Int64
        var slot: UInt32

        func isBefore(_ other: Node) -> Bool { rank != other.rank ? rank < other.rank : slot < other.slot }
    }

    private var nodes: [Node] = []
    /// Place of each slot in `nodes`, −1 where it has none.
    private var places: [Int32] = []

    package var isEmpty: Bool { nodes.isEmpty }
    package var first: (rank: Int64, slot: UInt32)? { nodes.first.map { ($0.rank, $0.slot) } }

    package init() {}

    package func contains(_ slot: UInt32) -> Bool { Int(slot) < places.count && places[Int(slot)] >= 0 }

    /// Enters `slot`, or moves it.
    package mutating func set(_ slot: UInt32, rank: Int64) {
        while places.count <= Int(slot) { places.append(-1) }
        let place = places[Int(slot)]
        if place < 0 {
            nodes.append(Node(rank: rank, slot: slot))
            places[Int(slot)] = Int32(nodes.count - 1)
            rise(nodes.count - 1)
        } else {
            nodes[Int(place)].rank = rank
            settle(Int(place))
        }
    }

    /// Nothing happens when the slot isn't in the heap.
    package mutating func remove(_ slot: UInt32) {
        guard contains(slot) else { return }
        let place = Int(places[Int(slot)])
        places[Int(slot)] = -1
        let last = nodes.removeLast()
        guard place < nodes.count else { return }
        nodes[place] = last
        places[Int(last.slot)] = Int32(place)
        settle(place)
    }

    package mutating func removeAll() {
        nodes.removeAll()
        places.removeAll()
    }

    private mutating func settle(_ place: Int) {
        if place > 0, nodes[place].isBefore(nodes[(place - 1) / 2]) { rise(place) } else { sink(place) }
    }

    private mutating func rise(_ start: Int) {
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard nodes[place].isBefore(nodes[parent]) else { return }
            exchange(place, parent)
            place = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var least = 2 * place + 1
            guard least < nodes.count else { return }
            if least + 1 < nodes.count, nodes[least + 1].isBefore(nodes[least]) { least += 1 }
            guard nodes[least].isBefore(nodes[place]) else { return }
            exchange(place, least)
            place = least
        }
    }

    private mutating func exchange(_ a: Int, _ b: Int) {
        nodes.swapAt(a, b)
        places[Int(nodes[a].slot)] = Int32(a)
        places[Int(nodes[b].slot)] = Int32(b)
    }
}
