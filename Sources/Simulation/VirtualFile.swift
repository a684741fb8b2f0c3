import Base

/// The content of one file: as its process sees it, and what a power loss may leave of it.
///
/// A disk writes whole sectors of 512 bytes. Of those written since the last sync, each may be on the platter or not, in any
/// combination, and one that was written several times may be there in any of its versions; a change of the file's size may
/// be lost or kept. After the process alone ends, the file is as it was last seen.
struct VirtualFile {
    static let sectorBytes = 512

    /// Bytes of the file; what lies behind `content` reads as zeros.
    private(set) var size = 0
    private var content: [UInt8] = []
    /// Sectors as they were before a write since the last sync, in the order of the writes.
    private var earlier: [(sector: Int, bytes: [UInt8])] = []
    /// As of the last sync.
    private var syncedSize = 0

    var isSynced: Bool { earlier.isEmpty && size == syncedSize }
    var unsyncedSectors: Int { earlier.count }
    /// Bytes up to the last one ever written.
    var writtenBytes: Int { content.count }

    /// Writes, and makes the file longer where needed.
    mutating func write(_ bytes: RawSpan, at offset: Int) {
        guard bytes.byteCount > 0 else { return }
        let end = offset + bytes.byteCount
        for sector in offset / Self.sectorBytes...(end - 1) / Self.sectorBytes { earlier.append((sector, sectorContent(sector))) }
        if content.count < end { content.append(contentsOf: repeatElement(0, count: end - content.count)) }
        unsafe bytes.withUnsafeBytes { source in
            unsafe content.withUnsafeMutableBytes { target in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<end]).copyMemory(from: source)
            }
        }
        size = max(size, end)
    }

    /// Everything from `offset` on becomes zero; the size stays.
    mutating func zero(from offset: Int) {
        guard offset < content.count else { return }
        for sector in offset / Self.sectorBytes...(content.count - 1) / Self.sectorBytes { earlier.append((sector, sectorContent(sector))) }
        content.removeSubrange(offset...)
    }

    mutating func resize(to newSize: Int) {
        if newSize < content.count {
            zero(from: newSize)
        }
        size = newSize
    }

    mutating func sync() {
        earlier.removeAll(keepingCapacity: true)
        syncedSize = size
    }

    func read(_ count: Int, at offset: Int) -> Bytes {
        var buffer = ByteBuffer(capacity: count)
        let end = min(offset + count, size)
        guard offset < end else { return Bytes() }
        let held = min(end, content.count)
        if offset < held { buffer.append(Array(content[offset..<held])) }
        buffer.append(zeros: end - max(offset, held))
        return Bytes(buffer.freeze())
    }

    /// What is found after a power loss.
    mutating func losePower(_ dice: inout Dice) {
        if size != syncedSize, dice.happens(1, in: 2) { size = syncedSize }
        // Often all is lost or all is kept; the rest of the time each sector has its own fate.
        let fate = dice.below(4)
        if fate > 0 {
            var decided: [Int] = []
            for (position, version) in earlier.enumerated() where !decided.contains(version.sector) {
                decided.append(version.sector)
                let versions = earlier[position...].filter { $0.sector == version.sector }
                // The newest is what `content` holds.
                let choice = fate == 1 ? 0 : dice.below(versions.count + 1)
                if choice < versions.count { restore(version.sector, versions[choice].bytes) }
            }
        }
        if size < content.count { content.removeSubrange(size...) }
        earlier.removeAll()
        syncedSize = size
    }

    /// Damage on the platter: one bit of what was written is another.
    mutating func flipBit(at offset: Int, _ bit: Int) {
        guard offset < content.count else { return }
        content[offset] ^= 1 << UInt8(bit & 7)
    }

    private func sectorContent(_ sector: Int) -> [UInt8] {
        let start = sector * Self.sectorBytes
        guard start < content.count else { return [] }
        return Array(content[start..<min(start + Self.sectorBytes, content.count)])
    }

    private mutating func restore(_ sector: Int, _ bytes: [UInt8]) {
        let start = sector * Self.sectorBytes
        let end = min(start + Self.sectorBytes, max(content.count, start + bytes.count))
        if content.count < end { content.append(contentsOf: repeatElement(0, count: end - content.count)) }
        for offset in start..<end { content[offset] = offset - start < bytes.count ? bytes[offset - start] : 0 }
    }
}
