import CSystem

/// Many short byte strings with separate lifetimes (attached keys, watched keys) in few allocations.
///
/// A string costs its length rounded up to 16 bytes and an 8-byte handle, where a Swift array costs 48 bytes more. Freed room
/// goes to a free list of its size and is used again, so nothing is ever moved and no call takes longer than one allocation;
/// an arena that becomes empty gives its memory back.
///
/// ```
/// chunk (64 KiB):  | string | string | free ─→ next of the same size | … | not used yet |
/// handle:          unit = chunk number × 4096 + offset / 16
/// ```
/// A string over 64 KiB has a chunk of its own.
@safe
package struct ByteArena: ~Copyable {
    /// Owned. nil where a string's own chunk was freed; such numbers are in `vacant`.
    private var chunks: [UnsafeMutableRawPointer?] = unsafe []
    private var vacant: [UInt32] = []
    /// First free piece of each size class, as a unit; a free piece begins with the unit of the next.
    private var free = [UInt32](repeating: ByteArena.none, count: ByteArena.classCount)
    /// The chunk that is being filled and its first unused unit (4096: full or none).
    private var openChunk: UInt32 = 0
    private var openUnit = ByteArena.unitsPerChunk
    /// Strings held.
    package private(set) var count = 0

    private static let none = UInt32.max
    private static let unitBytes = 16
    private static let unitsPerChunk = 4096
    /// Exact sizes of 1 to 64 units, then 128, 256, … 4096.
    private static let classCount = 64 + 6

    package struct Handle: Sendable {
        fileprivate var unit: UInt32
        fileprivate var length: UInt32

        /// The empty string; takes no room.
        package init() {
            unit = ByteArena.none
            length = 0
        }

        fileprivate init(unit: UInt32, length: UInt32) {
            self.unit = unit
            self.length = length
        }

        package var count: Int { Int(length) }
    }

    package init() {}

    deinit {
        for index in unsafe chunks.indices { unsafe CSystem.free(chunks[index]) }
    }

    /// Copies `span` (below 4 GiB) in.
    package mutating func insert(_ span: RawSpan) -> Handle {
        precondition(span.byteCount <= UInt32.max)
        guard span.byteCount > 0 else { return Handle() }
        let unit = place(span.byteCount)
        count += 1
        unsafe span.withUnsafeBytes { source in
            unsafe _ = memcpy(pointer(unit), source.baseAddress.unsafelyUnwrapped, source.count)
        }
        return Handle(unit: unit, length: UInt32(span.byteCount))
    }

    /// Gives the string's room back. The handle must not be used again.
    package mutating func remove(_ handle: Handle) {
        guard handle.length > 0 else { return }
        count -= 1
        guard count > 0 else { return reset() }
        if let sizeClass = Self.sizeClass(Int(handle.length)) {
            unsafe pointer(handle.unit).storeBytes(of: free[sizeClass], as: UInt32.self)
            free[sizeClass] = handle.unit
        } else {
            let chunk = handle.unit / UInt32(Self.unitsPerChunk)
            unsafe CSystem.free(chunks[Int(chunk)])
            unsafe chunks[Int(chunk)] = nil
            vacant.append(chunk)
        }
    }

    @_lifetime(borrow self)
    package func span(_ handle: Handle) -> RawSpan {
        guard handle.length > 0 else { return RawSpan() }
        let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(pointer(handle.unit)), byteCount: Int(handle.length))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    private func pointer(_ unit: UInt32) -> UnsafeMutableRawPointer {
        let chunk = Int(unit) / Self.unitsPerChunk
        return unsafe chunks[chunk].unsafelyUnwrapped + (Int(unit) % Self.unitsPerChunk) * Self.unitBytes
    }

    private mutating func place(_ bytes: Int) -> UInt32 {
        guard let sizeClass = Self.sizeClass(bytes) else { return addChunk(bytes: bytes) }
        let first = free[sizeClass]
        if first != Self.none {
            free[sizeClass] = unsafe pointer(first).load(as: UInt32.self)
            return first
        }
        let units = Self.units(ofClass: sizeClass)
        if openUnit + units > Self.unitsPerChunk {
            openChunk = addChunk(bytes: Self.unitsPerChunk * Self.unitBytes) / UInt32(Self.unitsPerChunk)
            openUnit = 0
        }
        let unit = openChunk * UInt32(Self.unitsPerChunk) + UInt32(openUnit)
        openUnit += units
        return unit
    }

    /// Returns the new chunk's first unit.
    private mutating func addChunk(bytes: Int) -> UInt32 {
        guard let memory = unsafe malloc(bytes) else { fatalError("out of memory: could not allocate \(bytes) bytes") }
        if let number = vacant.popLast() {
            unsafe chunks[Int(number)] = memory
            return number * UInt32(Self.unitsPerChunk)
        }
        precondition(unsafe chunks.count < Int(UInt32.max) / Self.unitsPerChunk - 1, "64 GiB of keys in one arena")
        unsafe chunks.append(memory)
        return UInt32(unsafe chunks.count - 1) * UInt32(Self.unitsPerChunk)
    }

    private mutating func reset() {
        for index in unsafe chunks.indices { unsafe CSystem.free(chunks[index]) }
        unsafe chunks = []
        vacant = []
        for sizeClass in free.indices { free[sizeClass] = Self.none }
        openUnit = Self.unitsPerChunk
    }

    /// nil: a chunk of its own.
    private static func sizeClass(_ bytes: Int) -> Int? {
        let units = (bytes + unitBytes - 1) / unitBytes
        if units <= 64 { return units - 1 }
        guard units <= unitsPerChunk else { return nil }
        return 64 + (Int.bitWidth - (units - 1).leadingZeroBitCount) - 7
    }

    private static func units(ofClass sizeClass: Int) -> Int {
        sizeClass < 64 ? sizeClass + 1 : 128 << (sizeClass - 64)
    }
}
