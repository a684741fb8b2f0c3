import CSystem

/// Memory for key records and their histories: blocks of any size, without a header.
///
/// Small blocks (≤ 1024 bytes, in steps of 8) are cut from chunks and, once freed, kept in a list per size; larger ones come
/// from malloc. Chunks are returned only with the whole arena: after many keys were deleted the memory serves the next
/// ones. A block's owner remembers its size and must free it with the same.
@safe
struct KeyArena: ~Copyable {
    private var chunks: [UInt] = []
    /// Of the newest chunk: first unused byte, and how many follow.
    private var next: UnsafeMutableRawPointer?
    private var left = 0
    /// Heads of the lists of free blocks, by size / 8; a free block's first word is the next one's address.
    private let freeBlocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>

    static let smallBytesMax = 1024
    private static let classes = smallBytesMax / 8 + 1

    init() {
        unsafe next = nil
        unsafe freeBlocks = .allocate(capacity: KeyArena.classes)
        unsafe freeBlocks.initialize(repeating: nil, count: KeyArena.classes)
    }

    deinit {
        for chunk in chunks { unsafe free(UnsafeMutableRawPointer(bitPattern: chunk)) }
        unsafe freeBlocks.deallocate()
    }

    /// Uninitialised memory, aligned to 8.
    @inline(__always)
    mutating func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        let size = (bytes + 7) & ~7
        assert(bytes > 0)
        guard size <= KeyArena.smallBytesMax else { return unsafe KeyArena.fromSystem(size) }
        if let block = unsafe freeBlocks[size / 8] {
            unsafe freeBlocks[size / 8] = block.load(as: UnsafeMutableRawPointer?.self)
            return unsafe block
        }
        if left < size { addChunk() }
        let block = unsafe next.unsafelyUnwrapped
        unsafe next = block + size
        left -= size
        return unsafe block
    }

    mutating func release(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
        let size = (bytes + 7) & ~7
        guard size <= KeyArena.smallBytesMax else { return unsafe free(block) }
        unsafe block.storeBytes(of: freeBlocks[size / 8], as: UnsafeMutableRawPointer?.self)
        unsafe freeBlocks[size / 8] = block
    }

    /// For blocks still in use when the arena goes.
    static func freeIfLarge(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
        if (bytes + 7) & ~7 > smallBytesMax { unsafe free(block) }
    }

    /// A small store should stay small, a large one should have few chunks.
    private mutating func addChunk() {
        let bytes = chunks.count < 16 ? 64 << 10 : 1 << 20
        let chunk = unsafe KeyArena.fromSystem(bytes)
        chunks.append(UInt(bitPattern: chunk))
        unsafe next = chunk
        left = bytes
    }

    private static func fromSystem(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard let memory = unsafe malloc(bytes) else { fatalError("out of memory: could not allocate \(bytes) bytes for the key index") }
        return unsafe memory
    }
}
