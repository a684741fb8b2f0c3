import Base

/// A binary heap of slots by due time that also finds a slot's place, so that renewing a lease moves its entry instead of
/// leaving a stale one behind: memory stays at one entry per lease however often it is renewed.
///
/// Equal times come out by slot number, so that a run repeats. All operations but `first` are O(log n).
struct DeadlineHeap {
    private struct Node {
        var due: Instant
        var slot: UInt32

        func isBefore(_ other: Node) -> Bool { due != other.due ? due < other.due : slot < other.slot }
    }

    private var nodes: [Node] = []
    /// Place of each slot in `nodes`, −1 where it has none.
    private var places: [Int32] = []

    var isEmpty: Bool { nodes.isEmpty }
    var first: (due: Instant, slot: UInt32)? { nodes.first.map { ($0.due, $0.slot) } }

    /// Enters `slot`, or moves it.
    mutating func set(_ slot: UInt32, due: Instant) {
        while places.count <= Int(slot) { places.append(-1) }
        let place = places[Int(slot)]
        if place < 0 {
            nodes.append(Node(due: due, slot: slot))
            places[Int(slot)] = Int32(nodes.count - 1)
            rise(nodes.count - 1)
        } else {
            nodes[Int(place)].due = due
            settle(Int(place))
        }
    }

    /// Nothing happens when the slot isn't in the heap.
    mutating func remove(_ slot: UInt32) {
        guard Int(slot) < places.count, places[Int(slot)] >= 0 else { return }
        let place = Int(places[Int(slot)])
        places[Int(slot)] = -1
        let last = nodes.removeLast()
        guard place < nodes.count else { return }
        nodes[place] = last
        places[Int(last.slot)] = Int32(place)
        settle(place)
    }

    mutating func removeAll() {
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
