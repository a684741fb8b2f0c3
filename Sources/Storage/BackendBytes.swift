extension Array where Element == UInt8 {
    /// The elements as raw bytes; any bit pattern is a valid `UInt8`.
    var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe span.bytes
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }
}
