/// Which keys a request is about.
public struct KeyRange: Equatable, Sendable {
    /// Where it begins; for a single key that key.
    public let key: [UInt8]
    /// Empty for a single key; one zero byte: no end.
    public let end: [UInt8]

    /// The protocol's own pair.
    public init(key: [UInt8], end: [UInt8]) {
        self.key = key
        self.end = end
    }

    /// One key.
    public static func key(_ key: [UInt8]) -> KeyRange { KeyRange(key: key, end: []) }
    /// Keys from `key` up to, not including, `end`.
    public static func range(_ key: [UInt8], _ end: [UInt8]) -> KeyRange { KeyRange(key: key, end: end) }
    /// `key` and all keys after it.
    public static func from(_ key: [UInt8]) -> KeyRange { KeyRange(key: key.isEmpty ? [0] : key, end: [0]) }
    /// All keys that begin with `prefix`; all keys for an empty one.
    public static func prefix(_ prefix: [UInt8]) -> KeyRange {
        prefix.isEmpty ? .all : KeyRange(key: prefix, end: KeyRange.end(ofPrefix: prefix))
    }
    /// All keys.
    public static let all = KeyRange(key: [0], end: [0])

    /// The smallest key above all keys with the prefix; one zero byte when there is none (the prefix is all 0xFF).
    public static func end(ofPrefix prefix: [UInt8]) -> [UInt8] {
        var end = prefix
        while let last = end.last {
            if last < 0xFF {
                end[end.count - 1] = last + 1
                return end
            }
            end.removeLast()
        }
        return [0]
    }
}
