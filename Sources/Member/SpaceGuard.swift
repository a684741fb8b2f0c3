import Base
import Platform

/// Watches the room on the file system of the log, so that writes are refused, with the space alarm, before the log or the
/// database fails for want of it (ARCHITECTURE §6). Log thread.
struct SpaceGuard {
    /// Always kept free, for what must go on when writes are refused: deletions, compactions, the log of both.
    static let reserveBytes: Int64 = 8 << 20
    /// A check after so many bytes, or after so long.
    private static let stepBytes: Int64 = 1 << 20
    static let interval = Interval.milliseconds(500)

    private let directory: String
    private var writtenBytes: Int64 = 0
    private var lastCheck = Instant(nanoseconds: 0)
    private(set) var isLow = false

    init(_ directory: String) { self.directory = directory }

    /// Whether so much may be reserved ahead without taking what writes need next.
    func hasRoom(for bytes: Int) -> Bool {
        guard let space = try? Files.space(directory) else { return true }
        return space.available >= Int64(bytes) + 2 * Self.reserveBytes
    }

    /// Notes a write. The new state when it has changed.
    mutating func wrote(_ bytes: Int, now: Instant) -> Bool? {
        writtenBytes += Int64(bytes)
        guard writtenBytes >= Self.stepBytes || now - lastCheck >= Self.interval else { return nil }
        // The database takes about what the log takes, and as much may come before the next look.
        let threshold = Self.reserveBytes + 4 * writtenBytes
        writtenBytes = 0
        lastCheck = now
        guard let space = try? Files.space(directory) else { return nil }
        let low = isLow ? space.available < 2 * threshold : space.available < threshold
        guard low != isLow else { return nil }
        isLow = low
        return low
    }
}
