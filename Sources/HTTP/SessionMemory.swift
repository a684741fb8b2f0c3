import CNGHTTP2
import CSystem

/// Memory for one server's nghttp2 sessions: lists of free blocks by size, without locks, because one thread uses them. A call
/// makes and frees about ten small blocks in nghttp2, and hundreds of calls are open at a time, more than malloc's own
/// per-thread lists hold.
///
///     block:  class (8 bytes) | capacity of a large block (8 bytes) | payload
///
/// Blocks of up to `classes` units of 32 bytes, header included, come from slabs and are kept for reuse until the end; larger ones
/// (class 0) from malloc.
@safe
final class SessionMemory {
    @unsafe private struct Pool {
        /// First free block of each class; a free block's payload begins with the next one's address.
        var free: UnsafeMutablePointer<UnsafeMutableRawPointer?>
        var slab: UnsafeMutableRawPointer?
        var slabLeft = 0
        /// Every slab begins with the address of the one before.
        var lastSlab: UnsafeMutableRawPointer?
    }

    private static let classes = 40
    private static let unit = 32
    private static let header = 16
    private static let slabBytes = 64 << 10

    private let pool: UnsafeMutablePointer<Pool>
    /// What nghttp2 is given; it copies it.
    private let functions: UnsafeMutablePointer<nghttp2_mem>

    init() {
        let lists = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: SessionMemory.classes + 1)
        unsafe lists.initialize(repeating: nil, count: SessionMemory.classes + 1)
        unsafe pool = .allocate(capacity: 1)
        unsafe pool.initialize(to: Pool(free: lists))
        unsafe functions = .allocate(capacity: 1)
        unsafe functions.initialize(
            to: nghttp2_mem(
                mem_user_data: pool, malloc: { size, pool in unsafe SessionMemory.allocate(size, pool) },
                free: { block, pool in unsafe SessionMemory.free(block, pool) },
                calloc: { count, size, pool in unsafe SessionMemory.allocateZeroed(count, size, pool) },
                realloc: { block, size, pool in unsafe SessionMemory.reallocate(block, size, pool) }))
    }

    deinit {
        var slab = unsafe pool.pointee.lastSlab
        while let present = unsafe slab {
            unsafe slab = present.load(as: UnsafeMutableRawPointer?.self)
            unsafe CSystem.free(present)
        }
        unsafe pool.pointee.free.deallocate()
        unsafe pool.deallocate()
        unsafe functions.deallocate()
    }

    var interface: UnsafeMutablePointer<nghttp2_mem> { unsafe functions }

    private static func allocate(_ size: Int, _ user: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        let pool = unsafe user.unsafelyUnwrapped.assumingMemoryBound(to: Pool.self)
        let units = (size &+ header &+ unit &- 1) / unit
        guard size >= 0, units <= classes else { return unsafe allocateLarge(size) }
        if let block = unsafe pool.pointee.free[units] {
            unsafe pool.pointee.free[units] = block.load(fromByteOffset: header, as: UnsafeMutableRawPointer?.self)
            return unsafe block + header
        }
        guard let block = unsafe carve(units &* unit, &pool.pointee) else { return nil }
        unsafe block.storeBytes(of: units, as: Int.self)
        return unsafe block + header
    }

    private static func allocateLarge(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= 0, let block = unsafe malloc(size + header) else { return nil }
        unsafe block.storeBytes(of: 0, as: Int.self)
        unsafe block.storeBytes(of: size, toByteOffset: 8, as: Int.self)
        return unsafe block + header
    }

    private static func carve(_ bytes: Int, _ pool: inout Pool) -> UnsafeMutableRawPointer? {
        if unsafe pool.slabLeft < bytes {
            guard let slab = unsafe malloc(slabBytes) else { return nil }
            unsafe slab.storeBytes(of: pool.lastSlab, as: UnsafeMutableRawPointer?.self)
            unsafe pool.lastSlab = slab
            unsafe pool.slab = slab + header
            unsafe pool.slabLeft = slabBytes - header
        }
        let block = unsafe pool.slab.unsafelyUnwrapped
        unsafe pool.slab = block + bytes
        unsafe pool.slabLeft -= bytes
        return unsafe block
    }

    private static func allocateZeroed(_ count: Int, _ size: Int, _ user: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, let block = unsafe allocate(total, user) else { return nil }
        unsafe _ = memset(block, 0, total)
        return unsafe block
    }

    private static func free(_ payload: UnsafeMutableRawPointer?, _ user: UnsafeMutableRawPointer?) {
        guard let payload = unsafe payload else { return }
        let block = unsafe payload - header
        let units = unsafe block.load(as: Int.self)
        guard units > 0 else { return unsafe CSystem.free(block) }
        let pool = unsafe user.unsafelyUnwrapped.assumingMemoryBound(to: Pool.self)
        unsafe payload.storeBytes(of: pool.pointee.free[units], as: UnsafeMutableRawPointer?.self)
        unsafe pool.pointee.free[units] = block
    }

    private static func reallocate(
        _ payload: UnsafeMutableRawPointer?, _ size: Int, _ user: UnsafeMutableRawPointer?
    ) -> UnsafeMutableRawPointer? {
        guard let payload = unsafe payload else { return unsafe allocate(size, user) }
        let block = unsafe payload - header
        let units = unsafe block.load(as: Int.self)
        let capacity = units > 0 ? units * unit - header : unsafe block.load(fromByteOffset: 8, as: Int.self)
        guard size > capacity else { return unsafe payload }
        guard let larger = unsafe allocate(size, user) else { return nil }
        unsafe _ = memcpy(larger, payload, capacity)
        unsafe free(payload, user)
        return unsafe larger
    }
}
