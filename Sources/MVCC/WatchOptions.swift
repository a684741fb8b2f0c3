import Wire

/// What a watcher asked for, and two marks of the hub's.
struct WatchOptions: OptionSet {
    let rawValue: UInt8

    static let noPut = WatchOptions(rawValue: 1)
    static let noDelete = WatchOptions(rawValue: 2)
    static let previousValue = WatchOptions(rawValue: 4)
    static let progress = WatchOptions(rawValue: 8)
    static let fragment = WatchOptions(rawValue: 16)
    /// No event was sent since the last round of progress notifications.
    static let progressIsDue = WatchOptions(rawValue: 32)
    /// A catch-up slice left events out because the stream was full.
    static let wasSkipped = WatchOptions(rawValue: 64)

    /// What decides which events, and in which form, a watcher of a selector gets: 0 to 7.
    var variant: Int { Int(rawValue & 7) }
}

extension WatchOptions {
    init(_ request: borrowing Etcdserverpb.WatchCreateRequest) {
        self = []
        for filter in request.filters {
            if filter == .noput { insert(.noPut) }
            if filter == .nodelete { insert(.noDelete) }
        }
        if request.prevKv { insert(.previousValue) }
        if request.progressNotify { formUnion([.progress, .progressIsDue]) }
        if request.fragment { insert(.fragment) }
    }
}
