import Base
import Wire

/// What a create request watches, in the form that selectors have.
struct WatchBounds: ~Copyable {
    var key: [UInt8]
    /// Empty unless the kind is `range`.
    var end: [UInt8]
    var kind: WatchSelectors.Kind

    /// No key stands for the least one; the end "\0" for no end. nil: the range is empty.
    init?(_ request: borrowing Etcdserverpb.WatchCreateRequest) {
        key = request.key.isEmpty ? [0] : request.key
        end = []
        if request.rangeEnd.isEmpty {
            kind = .key
        } else if request.rangeEnd == [0] {
            kind = .unbounded
        } else {
            kind = .range
            end = request.rangeEnd
            guard unsafe key.span.bytes.compare(end.span.bytes) < 0 else { return nil }
        }
    }
}
