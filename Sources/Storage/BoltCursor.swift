import Base

/// Goes over the entries of one bucket of a bbolt file, ascending.
package final class BoltCursor {
    private let reader: BoltReader
    /// From the root down; the last is a leaf, once `next` has been called.
    private var stack: [Frame] = []
    private var rootPage: UInt64?
    private var current: BoltPage.LeafElement?
    private var lastKey: [UInt8]?

    private struct Frame {
        let page: BoltPage
        /// Element to be visited next.
        var next = 0
    }

    init(_ reader: BoltReader, rootPage: UInt64) {
        self.reader = reader
        self.rootPage = rootPage
    }

    init(_ reader: BoltReader, inline page: BoltPage) {
        self.reader = reader
        rootPage = nil
        stack = [Frame(page: page)]
    }

    /// Moves to the next entry; false at the end.
    package func next() throws(BoltError) -> Bool {
        if let root = rootPage {
            rootPage = nil
            stack.append(Frame(page: try reader.page(root)))
        }
        current = nil
        while let frame = stack.last {
            guard frame.next < frame.page.count else {
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].next += 1
            if frame.page.isLeaf {
                try take(frame.page, frame.next)
                return true
            }
            try descend(frame.page, frame.next)
        }
        return false
    }

    private func take(_ page: BoltPage, _ index: Int) throws(BoltError) {
        do throws(BoltPage.Malformation) {
            let element = try page.leafElement(index)
            let key = page.span(element.key)
            guard key.byteCount > 0 else { throw .init("element \(index) has an empty key") }
            if let lastKey, lastKey.rawSpan.compare(key) >= 0 { throw .init("the key of element \(index) does not follow the one before") }
            lastKey = key.array
            current = element
        } catch { throw reader.malformed(page.id, error.reason) }
    }

    private func descend(_ page: BoltPage, _ index: Int) throws(BoltError) {
        guard stack.count < BoltReader.depthMax else { throw reader.malformed(page.id, "the tree is deeper than \(BoltReader.depthMax) pages") }
        let element: BoltPage.BranchElement
        do { element = try page.branchElement(index) } catch { throw reader.malformed(page.id, error.reason) }
        let child = try reader.page(element.page)
        guard child.count > 0 else { throw reader.malformed(child.id, "it is an empty leaf in a tree") }
        stack.append(Frame(page: child))
    }

    /// The entry `next` moved to; its spans are valid until `next` is called again.
    package var key: RawSpan {
        @_lifetime(borrow self)
        get { part(isKey: true) }
    }

    package var value: RawSpan {
        @_lifetime(borrow self)
        get { part(isKey: false) }
    }

    package var isBucket: Bool { current?.isBucket ?? false }

    /// The page of the entry.
    package var page: UInt64 { stack.last?.page.id ?? 0 }

    @_lifetime(borrow self)
    private func part(isKey: Bool) -> RawSpan {
        guard let current, let page = stack.last?.page else { preconditionFailure("no entry") }
        let span = page.span(isKey ? current.key : current.value)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}
