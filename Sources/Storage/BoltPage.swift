import Base

/// One page of a bbolt file, its overflow pages included, or the page within an inline bucket's value; checked as far as its
/// own bytes go.
struct BoltPage {
    /// For messages; of an inline page, that of the page it is in.
    let id: UInt64
    let isLeaf: Bool
    let count: Int
    private let bytes: Bytes

    struct LeafElement {
        let isBucket: Bool
        let key: Range<Int>
        let value: Range<Int>
    }

    struct BranchElement {
        let key: Range<Int>
        let page: UInt64
    }

    /// What is wrong with a page.
    struct Malformation: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    init(_ bytes: Bytes, id: UInt64, isInline: Bool) throws(Malformation) {
        let span = bytes.span
        guard span.byteCount >= BoltFormat.headerBytes else { throw Malformation("it has no room for a header") }
        guard isInline || span.loadLittleEndian64(at: 0) == id else {
            throw Malformation("its header says it is page \(span.loadLittleEndian64(at: 0))")
        }
        switch span.loadLittleEndian16(at: 8) {
        case BoltFormat.leafFlag: isLeaf = true
        case BoltFormat.branchFlag: isLeaf = false
        case let flags: throw Malformation("its flags are \(flags), which is neither a branch nor a leaf")
        }
        guard isLeaf || !isInline else { throw Malformation("an inline bucket has a branch") }
        count = Int(span.loadLittleEndian16(at: 10))
        guard BoltFormat.headerBytes + count * BoltFormat.elementBytes <= span.byteCount else {
            throw Malformation("it has no room for its \(count) elements")
        }
        guard isLeaf || count > 0 else { throw Malformation("it is a branch without children") }
        self.id = id
        self.bytes = bytes
    }

    @_lifetime(borrow self)
    func span(_ range: Range<Int>) -> RawSpan {
        let span = bytes.span._extracting(unchecked: range.lowerBound, count: range.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Requires a leaf and index < count.
    func leafElement(_ index: Int) throws(Malformation) -> LeafElement {
        precondition(isLeaf && index >= 0 && index < count)
        let start = BoltFormat.headerBytes + index * BoltFormat.elementBytes
        let flags = bytes.span.loadLittleEndian32(at: start)
        guard flags <= BoltFormat.bucketElementFlag else { throw Malformation("element \(index) has flags \(flags)") }
        let position = Int(bytes.span.loadLittleEndian32(at: start + 4))
        let keyBytes = Int(bytes.span.loadLittleEndian32(at: start + 8))
        let valueBytes = Int(bytes.span.loadLittleEndian32(at: start + 12))
        let key = try range(index, start + position, keyBytes)
        let value = try range(index, key.upperBound, valueBytes)
        return LeafElement(isBucket: flags == BoltFormat.bucketElementFlag, key: key, value: value)
    }

    /// Requires a branch and index < count.
    func branchElement(_ index: Int) throws(Malformation) -> BranchElement {
        precondition(!isLeaf && index >= 0 && index < count)
        let start = BoltFormat.headerBytes + index * BoltFormat.elementBytes
        let position = Int(bytes.span.loadLittleEndian32(at: start))
        let key = try range(index, start + position, Int(bytes.span.loadLittleEndian32(at: start + 4)))
        return BranchElement(key: key, page: bytes.span.loadLittleEndian64(at: start + 8))
    }

    /// Keys and values lie behind all elements. Sums of three 32-bit numbers do not overflow.
    private func range(_ index: Int, _ start: Int, _ count: Int) throws(Malformation) -> Range<Int> {
        let least = BoltFormat.headerBytes + self.count * BoltFormat.elementBytes
        guard start >= least, start + count <= bytes.count else { throw Malformation("element \(index) reaches outside of the page") }
        return start..<start + count
    }
}
