import Base

/// What a stream has yet to send, in order. A ring that moves its pieces in and out: sending a piece counts no reference but the
/// one it lets go of at the end.
@safe
struct OutgoingQueue: ~Copyable {
    private var pieces: UnsafeMutablePointer<Outgoing>?
    private var capacity = 0
    private var head = 0
    private(set) var count = 0
    /// How much of the first piece is sent.
    private var offset = 0
    /// Unsent bytes of all pieces.
    private(set) var bytes = 0

    init() { unsafe pieces = nil }

    deinit {
        for index in 0..<count { unsafe (pieces.unsafelyUnwrapped + (head + index) % capacity).deinitialize(count: 1) }
        unsafe pieces?.deallocate()
    }

    mutating func append(_ piece: consuming Outgoing) {
        if count == capacity { grow() }
        bytes += piece.count
        let position = head &+ count
        unsafe (pieces.unsafelyUnwrapped + (position < capacity ? position : position &- capacity)).initialize(to: piece)
        count += 1
    }

    private mutating func grow() {
        let larger = max(2, capacity * 2)
        let moved = UnsafeMutablePointer<Outgoing>.allocate(capacity: larger)
        for index in 0..<count { unsafe (moved + index).moveInitialize(from: pieces.unsafelyUnwrapped + (head + index) % capacity, count: 1) }
        unsafe pieces?.deallocate()
        unsafe pieces = moved
        capacity = larger
        head = 0
    }

    /// Moves the next `wanted` bytes to `out`. Requires as many.
    mutating func take(_ wanted: Int, into out: inout ByteBuffer) {
        precondition(wanted <= bytes)
        bytes -= wanted
        out.reserve(wanted)
        var rest = wanted
        while rest > 0 {
            let first = unsafe pieces.unsafelyUnwrapped + head
            let copied = unsafe first.pointee.copy(from: offset, upTo: rest, into: &out)
            rest -= copied
            offset += copied
            if unsafe offset == first.pointee.count { dropFirst() }
        }
    }

    private mutating func dropFirst() {
        unsafe (pieces.unsafelyUnwrapped + head).deinitialize(count: 1)
        head = head &+ 1 == capacity ? 0 : head &+ 1
        count -= 1
        offset = 0
    }

    /// Forgets everything; memory beyond a few pieces is given back.
    mutating func removeAll() {
        while count > 0 { dropFirst() }
        bytes = 0
        guard capacity > 16 else { return }
        unsafe pieces?.deallocate()
        unsafe pieces = nil
        capacity = 0
        head = 0
    }
}
