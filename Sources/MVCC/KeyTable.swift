import Base
import CSystem

/// Finds a key's record by its bytes: open addressing with linear probing, one word per key.
///
/// The hash's top 8 bits choose one of 256 parts, which grow on their own and by a quarter, so that no single insertion pays
/// for moving a million entries. The next 19 bits are kept in the entry, beside the 45 significant bits of the record's
/// address; an entry's wanted place follows from them alone, so that growing touches no record.
///
///     entry  = 19 bits of hash | address >> 3          0 = free
///     place  = hash19 × capacity >> 19, then onwards
@safe
struct KeyTable: ~Copyable {
    @safe
    private struct Part {
        var entries: UnsafeMutablePointer<UInt64>?
        var count: UInt32
        var capacity: UInt32
    }

    private let parts: UnsafeMutablePointer<Part>
    private static let partCount = 256
    private static let tagBits: UInt64 = 19
    private static let addressMask: UInt64 = 1 << 45 - 1

    init() {
        unsafe parts = .allocate(capacity: KeyTable.partCount)
        unsafe parts.initialize(repeating: Part(entries: nil, count: 0, capacity: 0), count: KeyTable.partCount)
    }

    deinit {
        for index in 0..<KeyTable.partCount { unsafe free(parts[index].entries) }
        unsafe parts.deallocate()
    }

    @inline(__always) private static func part(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 56) }
    @inline(__always) private static func tag(_ hash: UInt64) -> UInt64 { hash >> (56 - tagBits) & (1 << tagBits - 1) }

    @inline(__always)
    private static func record(_ entry: UInt64) -> KeyRef {
        unsafe KeyRef(UnsafeMutablePointer(bitPattern: UInt(truncatingIfNeeded: (entry & addressMask) << 3)).unsafelyUnwrapped)
    }

    @inline(__always)
    private static func place(_ tag: UInt64, _ capacity: UInt64) -> Int { Int(truncatingIfNeeded: (tag &* capacity) >> tagBits) }

    @inline(__always)
    func find(_ key: RawSpan, _ hash: UInt64) -> KeyRef? {
        let part = unsafe parts + KeyTable.part(hash)
        guard let entries = unsafe part.pointee.entries else { return nil }
        let capacity = unsafe Int(part.pointee.capacity)
        let tag = KeyTable.tag(hash)
        var index = KeyTable.place(tag, UInt64(capacity))
        while true {
            let entry = unsafe entries[index]
            if entry == 0 { return nil }
            if entry >> 45 == tag {
                let found = KeyTable.record(entry)
                if found.key.equals(key) { return found }
            }
            index &+= 1
            if index == capacity { index = 0 }
        }
    }

    /// Requires that the key is not in the table.
    mutating func insert(_ ref: KeyRef, _ hash: UInt64) {
        let part = unsafe parts + KeyTable.part(hash)
        if unsafe Int(part.pointee.count) * 5 >= Int(part.pointee.capacity) * 4 { unsafe KeyTable.grow(part) }
        let address = unsafe UInt64(UInt(bitPattern: ref.record))
        precondition(address & 7 == 0 && address >> 48 == 0)
        unsafe KeyTable.place(KeyTable.tag(hash) << 45 | address >> 3, part.pointee.entries.unsafelyUnwrapped, Int(part.pointee.capacity))
        unsafe part.pointee.count += 1
    }

    private static func place(_ entry: UInt64, _ entries: UnsafeMutablePointer<UInt64>, _ capacity: Int) {
        var index = place(entry >> 45, UInt64(capacity))
        while unsafe entries[index] != 0 {
            index &+= 1
            if index == capacity { index = 0 }
        }
        unsafe entries[index] = entry
    }

    private static func grow(_ part: UnsafeMutablePointer<Part>) {
        let capacity = unsafe Int(part.pointee.capacity)
        let wider = max(8, capacity + capacity / 4)
        guard let memory = unsafe calloc(wider, 8) else { fatalError("out of memory: could not grow the key table to \(wider) entries") }
        let entries = unsafe memory.assumingMemoryBound(to: UInt64.self)
        for index in 0..<capacity {
            let entry = unsafe part.pointee.entries.unsafelyUnwrapped[index]
            if entry != 0 { unsafe place(entry, entries, wider) }
        }
        unsafe free(part.pointee.entries)
        unsafe part.pointee.entries = entries
        unsafe part.pointee.capacity = UInt32(wider)
    }

    /// Requires that the record is in the table.
    mutating func remove(_ ref: KeyRef, _ hash: UInt64) {
        let part = unsafe parts + KeyTable.part(hash)
        guard let entries = unsafe part.pointee.entries else { preconditionFailure("the key table lost a key") }
        let capacity = unsafe Int(part.pointee.capacity)
        var hole = KeyTable.place(KeyTable.tag(hash), UInt64(capacity))
        while true {
            let entry = unsafe entries[hole]
            precondition(entry != 0, "the key table lost a key")
            if KeyTable.record(entry) == ref { break }
            hole = hole + 1 == capacity ? 0 : hole + 1
        }
        unsafe KeyTable.close(hole, entries, capacity)
        unsafe part.pointee.count -= 1
        if unsafe part.pointee.count == 0 {
            unsafe free(entries)
            unsafe part.pointee = Part(entries: nil, count: 0, capacity: 0)
        }
    }

    /// Frees a place by moving later entries of its run back, as long as that takes none before the place it wants.
    private static func close(_ start: Int, _ entries: UnsafeMutablePointer<UInt64>, _ capacity: Int) {
        var hole = start
        var index = hole
        while true {
            index = index + 1 == capacity ? 0 : index + 1
            let entry = unsafe entries[index]
            if entry == 0 { break }
            let wanted = place(entry >> 45, UInt64(capacity))
            let fromWanted = index >= wanted ? index - wanted : index - wanted + capacity
            let fromHole = index >= hole ? index - hole : index - hole + capacity
            if fromWanted >= fromHole {
                unsafe entries[hole] = entry
                hole = index
            }
        }
        unsafe entries[hole] = 0
    }
}
