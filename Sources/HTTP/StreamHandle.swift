/// Names one call or request of one server. A handle outlives its call harmlessly: using it then does nothing.
@frozen
@usableFromInline
package struct StreamHandle: Hashable, Sendable {
    /// The stream's slot in the low 24 bits, above them the slot's generation.
    @usableFromInline package let rawValue: UInt64

    @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable init(slot: Int, generation: UInt64) { rawValue = generation << 24 | UInt64(truncatingIfNeeded: slot) }
    @inlinable var slot: Int { Int(truncatingIfNeeded: rawValue & 0xFF_FFFF) }
    @inlinable var generation: UInt64 { rawValue >> 24 }

    static let slotsMax = 1 << 24
}
