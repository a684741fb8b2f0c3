import Base

/// The keys that a request names: `range_end` empty = one key; one zero byte = from the key to the end; else [key, range_end).
struct KeyRange: ~Escapable {
    enum Bound { case single, unbounded, before }

    let start: RawSpan
    let end: RawSpan
    let bound: Bound

    @_lifetime(copy start, copy end)
    init(_ start: RawSpan, _ end: RawSpan) {
        self.start = start
        self.end = end
        if end.isEmpty {
            bound = .single
        } else if end.byteCount == 1, end.byte(at: 0) == 0 {
            bound = .unbounded
        } else {
            bound = .before
        }
    }

    var isSingle: Bool { bound == .single }
    /// No key can be in [start, end).
    var isEmpty: Bool { bound == .before && start.compare(end) >= 0 }

    func contains(_ key: RawSpan) -> Bool {
        switch bound {
        case .single: key.equals(start)
        case .unbounded: key.compare(start) >= 0
        case .before: key.compare(start) >= 0 && key.compare(end) < 0
        }
    }
}
