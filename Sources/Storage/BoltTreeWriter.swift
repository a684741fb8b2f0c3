import Base

/// Builds one bucket's tree from its entries in ascending order, from the leaves up, in memory of a page for each level.
///
/// A page is written when the next entry would not fit; its first key and number then go to the level above. An entry over
/// a page gets a leaf of its own with overflow pages.
struct BoltTreeWriter: ~Copyable {
    /// Elements of a page being filled: the keys and values, and each one's sizes.
    private struct Leaf: ~Copyable {
        var elements: [(flags: UInt32, key: UInt32, value: UInt32)] = []
        var bytes = ByteBuffer()

        var pageBytes: Int { BoltFormat.headerBytes + elements.count * BoltFormat.elementBytes + bytes.count }
    }

    private struct Branch {
        var children: [(key: [UInt8], page: UInt64)] = []
        var bytes = BoltFormat.headerBytes
        var hasWritten = false
    }

    private var leaf = Leaf()
    private var firstKey: [UInt8] = []
    private var levels: [Branch] = [Branch()]
    private(set) var entries = 0

    init() {}

    /// Requires a key above the last, and sizes below 2 GiB.
    mutating func add(
        _ key: RawSpan, _ value: RawSpan, isBucket: Bool = false, to file: inout BoltPageWriter
    ) throws(BackendError) {
        let bytes = key.byteCount + value.byteCount
        if !leaf.elements.isEmpty, leaf.pageBytes + BoltFormat.elementBytes + bytes > BoltFormat.pageBytes { try writeLeaf(to: &file) }
        if leaf.elements.isEmpty { firstKey = key.array }
        leaf.elements.append((isBucket ? BoltFormat.bucketElementFlag : 0, UInt32(key.byteCount), UInt32(value.byteCount)))
        leaf.bytes.append(key)
        leaf.bytes.append(value)
        entries += 1
    }

    /// Writes what is left; returns the root's page.
    mutating func finish(in file: inout BoltPageWriter) throws(BackendError) -> UInt64 {
        if !leaf.elements.isEmpty || entries == 0 { try writeLeaf(to: &file) }
        var number = 0
        while levels[number].hasWritten || levels[number].children.count > 1 {
            if !levels[number].children.isEmpty { try writeBranch(number, to: &file) }
            number += 1
        }
        assert(levels[number].children.count == 1)
        return levels[number].children[0].page
    }

    /// The bucket's value in its parent with all entries inside, or nil when it is too large for that. Requires that nothing
    /// was written to the file.
    func inlineValue() -> Bytes? {
        assert(!levels[0].hasWritten && levels[0].children.isEmpty)
        guard leaf.pageBytes <= BoltFormat.inlineBytesMax else { return nil }
        var value = ByteBuffer()
        value.append(littleEndian: UInt64(0))
        value.append(littleEndian: UInt64(0))
        value.appendBoltHeader(id: 0, flags: BoltFormat.leafFlag, count: leaf.elements.count)
        Self.appendBody(of: leaf, to: &value)
        return Bytes(value.freeze())
    }

    var hasWrittenPages: Bool { levels[0].hasWritten || !levels[0].children.isEmpty }

    private static func appendBody(of leaf: borrowing Leaf, to body: inout ByteBuffer) {
        var position = UInt32(leaf.elements.count * BoltFormat.elementBytes)
        for element in leaf.elements {
            body.append(littleEndian: element.flags)
            body.append(littleEndian: position)
            body.append(littleEndian: element.key)
            body.append(littleEndian: element.value)
            position = position + element.key + element.value - UInt32(BoltFormat.elementBytes)
        }
        body.append(leaf.bytes.span)
    }

    private mutating func writeLeaf(to file: inout BoltPageWriter) throws(BackendError) {
        var body = ByteBuffer(capacity: leaf.pageBytes)
        Self.appendBody(of: leaf, to: &body)
        let page = try file.append(flags: BoltFormat.leafFlag, count: leaf.elements.count, body: body.span)
        leaf.elements.removeAll(keepingCapacity: true)
        leaf.bytes.removeAll(keepingCapacity: leaf.bytes.capacity <= 1 << 16)
        try addChild(firstKey, page, level: 0, to: &file)
    }

    private mutating func addChild(_ key: [UInt8], _ page: UInt64, level: Int, to file: inout BoltPageWriter) throws(BackendError) {
        if level == levels.count { levels.append(Branch()) }
        let bytes = BoltFormat.elementBytes + key.count
        if levels[level].children.count >= 2, levels[level].bytes + bytes > BoltFormat.pageBytes { try writeBranch(level, to: &file) }
        levels[level].children.append((key, page))
        levels[level].bytes += bytes
    }

    private mutating func writeBranch(_ level: Int, to file: inout BoltPageWriter) throws(BackendError) {
        let children = levels[level].children
        var body = ByteBuffer(capacity: levels[level].bytes)
        var position = UInt32(children.count * BoltFormat.elementBytes)
        for child in children {
            body.append(littleEndian: position)
            body.append(littleEndian: UInt32(child.key.count))
            body.append(littleEndian: child.page)
            position = position + UInt32(child.key.count) - UInt32(BoltFormat.elementBytes)
        }
        for child in children { body.append(child.key) }
        let page = try file.append(flags: BoltFormat.branchFlag, count: children.count, body: body.span)
        levels[level] = Branch(hasWritten: true)
        try addChild(children[0].key, page, level: level + 1, to: &file)
    }
}
