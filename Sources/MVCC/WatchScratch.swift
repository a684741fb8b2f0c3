import Base

/// What one delivery works out, kept between deliveries so that they allocate nothing.
struct WatchScratch {
    /// Selectors that one key matches.
    var found: [UInt32] = []
    /// Selectors that matched something.
    var touched: [UInt32] = []
    /// Lists of changes per selector, in order.
    var matches: [Match] = []
    /// Where each change's event stands in the outputs, without and with the previous value; empty: not encoded yet.
    var plainEvents: [ByteRange] = []
    var fullEvents: [ByteRange] = []
    /// The changes of the set that is being encoded.
    var chosen: [UInt32] = []
    /// The events of the present selector's sets.
    var marks: [Mark] = []
    /// Unsynced watchers of the present slice.
    var candidates: [UInt32] = []
    var servedStreams: [UInt32] = []

    struct Match {
        var change: UInt32
        var next: UInt32
    }

    struct Mark {
        var main: Int64
        /// Where the event begins.
        var offset: Int
    }

    /// The events for one selector and variant: marks, whose events are adjacent, and where the last one ends.
    struct EventSet {
        var isMade = false
        var firstMark = 0
        var count = 0
        var end = 0
    }

    mutating func beginDelivery(changes: Int) {
        plainEvents.append(contentsOf: repeatElement(ByteRange(), count: changes))
        fullEvents.append(contentsOf: repeatElement(ByteRange(), count: changes))
    }

    mutating func endDelivery() {
        touched.removeAll(keepingCapacity: true)
        matches.removeAll(keepingCapacity: true)
        plainEvents.removeAll(keepingCapacity: true)
        fullEvents.removeAll(keepingCapacity: true)
    }
}
